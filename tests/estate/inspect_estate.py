"""Prints what an account holds, as boto3 sees it: the estate of examples/tidepool and nothing of levee's own."""

import json
import sys
import urllib.parse

import boto3


def tags_of(thing, key="Tags"):
    """Tags without those that tie an object to the run that made it."""
    return {t["Key"]: t["Value"] for t in thing.get(key) or [] if not t["Key"].startswith("levee:")}


def own(tags):
    return {key: value for key, value in (tags or {}).items() if not key.startswith("levee:")}


def paged(client, call, key, **arguments):
    return [item for page in client.get_paginator(call).paginate(**arguments) for item in page[key]]


def network(ec2):
    vpcs = [v for v in paged(ec2, "describe_vpcs", "Vpcs") if not v["IsDefault"]]
    ids = [v["VpcId"] for v in vpcs]
    inside = [{"Name": "vpc-id", "Values": ids or ["none"]}]
    return {
        "vpcs": [vpc(ec2, v) for v in vpcs],
        "subnets": [subnet(s) for s in paged(ec2, "describe_subnets", "Subnets", Filters=inside)],
        "route_tables": [table(t) for t in paged(ec2, "describe_route_tables", "RouteTables", Filters=inside)],
        "internet_gateways": [
            {"id": g["InternetGatewayId"], "vpcs": [a["VpcId"] for a in g["Attachments"]], "tags": tags_of(g)}
            for g in paged(ec2, "describe_internet_gateways", "InternetGateways")
            if any(a["VpcId"] in ids for a in g["Attachments"]) or not g["Attachments"]
        ],
        "nat_gateways": [
            {"id": n["NatGatewayId"], "subnet": n["SubnetId"], "state": n["State"],
             "addresses": [a.get("AllocationId") for a in n["NatGatewayAddresses"]], "tags": tags_of(n)}
            for n in paged(ec2, "describe_nat_gateways", "NatGateways") if n["State"] != "deleted"
        ],
        "addresses": [{"id": a["AllocationId"], "domain": a["Domain"], "tags": tags_of(a)}
                      for a in ec2.describe_addresses()["Addresses"]],
        "peerings": [peering(p) for p in paged(ec2, "describe_vpc_peering_connections", "VpcPeeringConnections")
                     if p["Status"]["Code"] == "active"],
        "security_groups": [group(ec2, g) for g in paged(ec2, "describe_security_groups", "SecurityGroups", Filters=inside)
                            if g["GroupName"] != "default"],
    }


def vpc(ec2, v):
    def attribute(name):
        answer = ec2.describe_vpc_attribute(VpcId=v["VpcId"], Attribute=name)
        return answer[name[0].upper() + name[1:]]["Value"]
    return {"id": v["VpcId"], "cidr": v["CidrBlock"], "tags": tags_of(v),
            "dns_support": attribute("enableDnsSupport"), "dns_hostnames": attribute("enableDnsHostnames")}


def subnet(s):
    return {"id": s["SubnetId"], "vpc": s["VpcId"], "cidr": s["CidrBlock"], "zone": s["AvailabilityZone"],
            "public_ip": s["MapPublicIpOnLaunch"], "tags": tags_of(s)}


def table(t):
    def via(r):
        return r.get("NatGatewayId") or r.get("VpcPeeringConnectionId") or r.get("GatewayId") or "?"
    return {"id": t["RouteTableId"], "vpc": t["VpcId"], "tags": tags_of(t),
            "main": any(a.get("Main") for a in t["Associations"]),
            "subnets": sorted(a["SubnetId"] for a in t["Associations"] if a.get("SubnetId")),
            "routes": {r["DestinationCidrBlock"]: via(r) for r in t["Routes"] if r.get("State", "active") == "active"}}


def peering(p):
    def dns(side):
        return p[side].get("PeeringOptions", {}).get("AllowDnsResolutionFromRemoteVpc")
    return {"id": p["VpcPeeringConnectionId"], "requester": p["RequesterVpcInfo"]["VpcId"],
            "accepter": p["AccepterVpcInfo"]["VpcId"], "tags": tags_of(p),
            "dns": [dns("RequesterVpcInfo"), dns("AccepterVpcInfo")]}


def group(ec2, g):
    rules = paged(ec2, "describe_security_group_rules", "SecurityGroupRules", Filters=[{"Name": "group-id", "Values": [g["GroupId"]]}])
    return {"id": g["GroupId"], "name": g["GroupName"], "vpc": g["VpcId"], "description": g["Description"], "tags": tags_of(g),
            "rules": sorted([r["IsEgress"], r["IpProtocol"], r.get("FromPort"), r.get("ToPort"), r.get("CidrIpv4"), r.get("Description")]
                            for r in rules)}


def clusters(eks):
    found = []
    for name in paged(eks, "list_clusters", "clusters"):
        c = eks.describe_cluster(name=name)["cluster"]
        groups = [eks.describe_nodegroup(clusterName=name, nodegroupName=n)["nodegroup"]
                  for n in paged(eks, "list_nodegroups", "nodegroups", clusterName=name)]
        found.append({
            "name": name, "version": c["version"], "status": c["status"], "role": c["roleArn"], "tags": own(c["tags"]),
            "subnets": sorted(c["resourcesVpcConfig"]["subnetIds"]), "issuer": c["identity"]["oidc"]["issuer"],
            "public": c["resourcesVpcConfig"]["endpointPublicAccess"], "private": c["resourcesVpcConfig"]["endpointPrivateAccess"],
            "logs": sorted(t for l in c["logging"]["clusterLogging"] if l["enabled"] for t in l["types"]),
            "authentication": c["accessConfig"]["authenticationMode"],
            "node_groups": [{
                "name": g["nodegroupName"], "status": g["status"], "version": g["version"], "role": g["nodeRole"],
                "subnets": sorted(g["subnets"]), "instance_types": g["instanceTypes"], "tags": own(g["tags"]),
                "scaling": [g["scalingConfig"][k] for k in ("minSize", "desiredSize", "maxSize")],
                "max_unavailable": g["updateConfig"].get("maxUnavailable"),
            } for g in groups],
            "fargate_profiles": [fargate(eks, name, f) for f in eks.list_fargate_profiles(clusterName=name)["fargateProfileNames"]],
            "access": [entry(eks, name, p) for p in paged(eks, "list_access_entries", "accessEntries", clusterName=name)]
            if c["accessConfig"]["authenticationMode"] != "CONFIG_MAP" else [],
            "addons": [addon(eks, name, a) for a in paged(eks, "list_addons", "addons", clusterName=name)],
            "pod_identities": [identity(eks, name, a["associationId"])
                               for a in paged(eks, "list_pod_identity_associations", "associations", clusterName=name)],
        })
    return found


def fargate(eks, cluster, name):
    p = eks.describe_fargate_profile(clusterName=cluster, fargateProfileName=name)["fargateProfile"]
    return {"name": name, "role": p["podExecutionRoleArn"], "subnets": sorted(p["subnets"]), "tags": own(p.get("tags"))}


def entry(eks, cluster, principal):
    e = eks.describe_access_entry(clusterName=cluster, principalArn=principal)["accessEntry"]
    policies = paged(eks, "list_associated_access_policies", "associatedAccessPolicies", clusterName=cluster, principalArn=principal)
    return {"principal": principal, "type": e["type"], "name": e["username"], "groups": sorted(e["kubernetesGroups"]),
            "tags": own(e["tags"]), "policies": [{"arn": p["policyArn"], "scope": p["accessScope"]} for p in policies]}


def addon(eks, cluster, name):
    a = eks.describe_addon(clusterName=cluster, addonName=name)["addon"]
    return {"name": name, "version": a["addonVersion"], "status": a["status"], "tags": own(a["tags"]),
            "values": document(a.get("configurationValues")), "role": a.get("serviceAccountRoleArn")}


def identity(eks, cluster, known):
    a = eks.describe_pod_identity_association(clusterName=cluster, associationId=known)["association"]
    # An add-on makes its own anew whenever they change.
    kept = {"id": known} if not a.get("ownerArn") else {}
    return {**kept, "namespace": a["namespace"], "account": a["serviceAccount"], "role": a["roleArn"], "tags": own(a["tags"]),
            "session_tags": not a["disableSessionTags"], "owned": bool(a.get("ownerArn"))}


def document(text):
    return json.loads(urllib.parse.unquote(text)) if isinstance(text, str) else text


def access(iam):
    roles = []
    for r in paged(iam, "list_roles", "Roles"):
        name = r["RoleName"]
        full = iam.get_role(RoleName=name)["Role"]
        roles.append({
            "name": name, "arn": r["Arn"], "description": full.get("Description"), "tags": tags_of(full),
            "trust": document(full["AssumeRolePolicyDocument"]),
            "inline": {p: document(iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"])
                       for p in paged(iam, "list_role_policies", "PolicyNames", RoleName=name)},
            "attached": sorted(p["PolicyArn"] for p in paged(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)),
        })
    policies = []
    for p in paged(iam, "list_policies", "Policies", Scope="Local"):
        version = iam.get_policy_version(PolicyArn=p["Arn"], VersionId=p["DefaultVersionId"])["PolicyVersion"]
        policies.append({"name": p["PolicyName"], "arn": p["Arn"], "document": document(version["Document"])})
    providers = []
    for p in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        full = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=p["Arn"])
        providers.append({"arn": p["Arn"], "url": full["Url"], "clients": full["ClientIDList"], "tags": tags_of(full)})
    profiles = [{"name": p["InstanceProfileName"], "roles": [r["RoleName"] for r in p["Roles"]]}
                for p in paged(iam, "list_instance_profiles", "InstanceProfiles")]
    return {"roles": roles, "policies": policies, "oidc": providers, "profiles": profiles}


def secrets(client):
    found = []
    for s in paged(client, "list_secrets", "SecretList"):
        versions = client.list_secret_version_ids(SecretId=s["ARN"], IncludeDeprecated=True)["Versions"]
        found.append({"name": s["Name"], "description": s.get("Description"), "tags": tags_of(s), "versions": len(versions),
                      "value": json.loads(client.get_secret_value(SecretId=s["ARN"])["SecretString"])})
    return found


json.dump({**network(boto3.client("ec2")), "clusters": clusters(boto3.client("eks")), **access(boto3.client("iam")),
           "secrets": secrets(boto3.client("secretsmanager"))}, sys.stdout, indent=1, sort_keys=True)
