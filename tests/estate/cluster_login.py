"""Prints where a cluster is and a token for it, as `aws eks get-token` would make it; for a role, if one is named."""

import base64
import json
import sys

import boto3
from botocore.signers import RequestSigner

cluster, *roles = sys.argv[1:]
session = boto3.Session()
about = session.client("eks").describe_cluster(name=cluster)["cluster"]
for role in roles:
    keys = session.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
sts = session.client("sts")
signer = RequestSigner(sts.meta.service_model.service_id, sts.meta.region_name, "sts", "v4", session.get_credentials(), session.events)
question = {"method": "GET", "url": f"{sts.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15", "body": {},
            "headers": {"x-k8s-aws-id": cluster}, "context": {}}
url = signer.generate_presigned_url(question, region_name=sts.meta.region_name, expires_in=60, operation_name="")
token = "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
json.dump({"host": about["endpoint"], "authority": about["certificateAuthority"]["data"], "token": token}, sys.stdout)
