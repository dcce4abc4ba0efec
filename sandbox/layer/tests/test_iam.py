"""IAM: the rules that stand in front of moto."""

from __future__ import annotations

import json

from .started import LayerTest

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


class IamTest(LayerTest):
    def test_test_credentials_are_a_users(self):
        self.assertEqual(self.sts.get_caller_identity()["Arn"], "arn:aws:iam::123456789012:user/moto")

    def policy(self, name="p"):
        return self.iam.create_policy(PolicyName=name, PolicyDocument=POLICY)["Policy"]["Arn"]

    def test_documents_must_be_policies(self):
        self.refused("MalformedPolicyDocument", self.iam.create_role, RoleName="r", AssumeRolePolicyDocument="{nope")
        self.refused("MalformedPolicyDocument", self.iam.create_role, RoleName="r", AssumeRolePolicyDocument=POLICY)
        self.refused("MalformedPolicyDocument", self.iam.create_policy, PolicyName="p", PolicyDocument="{nope")
        self.role("r")
        self.refused("MalformedPolicyDocument", self.iam.put_role_policy, RoleName="r", PolicyName="i",
                     PolicyDocument="{nope")
        self.refused("MalformedPolicyDocument", self.iam.update_assume_role_policy, RoleName="r", PolicyDocument="{")

    def test_used_policies_are_kept(self):
        arn = self.policy()
        self.role("r")
        self.iam.attach_role_policy(RoleName="r", PolicyArn=arn)
        self.refused("DeleteConflict", self.iam.delete_policy, PolicyArn=arn)
        self.refused("DeleteConflict", self.iam.delete_role, RoleName="r")
        self.iam.detach_role_policy(RoleName="r", PolicyArn=arn)
        self.iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=arn)
        self.refused("DeleteConflict", self.iam.delete_policy, PolicyArn=arn)
        self.iam.delete_role(RoleName="r")
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY, SetAsDefault=True)
        self.refused("DeleteConflict", self.iam.delete_policy, PolicyArn=arn)
        self.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
        self.iam.delete_policy(PolicyArn=arn)
        self.refused("NoSuchEntity", self.iam.get_policy, PolicyArn=arn)

    def test_aws_policies_are_there(self):
        self.role("r")
        self.iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")
        attached = self.iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"]
        self.assertEqual([p["PolicyName"] for p in attached], ["AmazonEKSClusterPolicy"])

    def test_oidc_provider(self):
        arn = self.iam.create_open_id_connect_provider(
            Url="https://oidc.example/id/A", ClientIDList=["sts.amazonaws.com"])["OpenIDConnectProviderArn"]
        which = {"OpenIDConnectProviderArn": arn}
        self.iam.add_client_id_to_open_id_connect_provider(ClientID="x", **which)
        self.iam.remove_client_id_from_open_id_connect_provider(ClientID="sts.amazonaws.com", **which)
        self.iam.tag_open_id_connect_provider(Tags=[{"Key": "a", "Value": "b"}], **which)
        found = self.iam.get_open_id_connect_provider(**which)
        self.assertEqual((found["ClientIDList"], found["Tags"]), (["x"], [{"Key": "a", "Value": "b"}]))
        self.refused("EntityAlreadyExists", self.iam.create_open_id_connect_provider, Url="https://oidc.example/id/A")
        self.iam.delete_open_id_connect_provider(**which)
        self.refused("NoSuchEntity", self.iam.delete_open_id_connect_provider, **which)

    def test_instance_profile_tags(self):
        self.iam.create_instance_profile(InstanceProfileName="ip", Tags=[{"Key": "a", "Value": "b"}])
        self.iam.tag_instance_profile(InstanceProfileName="ip", Tags=[{"Key": "c", "Value": "d"}])
        self.iam.untag_instance_profile(InstanceProfileName="ip", TagKeys=["a"])
        self.assertEqual(self.iam.list_instance_profile_tags(InstanceProfileName="ip")["Tags"],
                         [{"Key": "c", "Value": "d"}])

    def test_authorization_details_are_complete_and_paged(self):
        arn = self.policy()
        for name in ("a", "b", "c"):
            self.role(name)
        self.iam.attach_role_policy(RoleName="a", PolicyArn=arn)
        self.iam.put_role_policy(RoleName="a", PolicyName="i", PolicyDocument=POLICY)
        pages = list(self.iam.get_paginator("get_account_authorization_details").paginate(
            Filter=["Role", "LocalManagedPolicy"], PaginationConfig={"PageSize": 2}))
        roles = [r for page in pages for r in page["RoleDetailList"]]
        self.assertEqual([r["RoleName"] for r in roles], ["a", "b", "c"])
        self.assertEqual(roles[0]["AttachedManagedPolicies"], [{"PolicyName": "p", "PolicyArn": arn}])
        self.assertEqual(roles[0]["RolePolicyList"][0]["PolicyDocument"], json.loads(POLICY))
        policies = [p for page in pages for p in page["Policies"]]
        self.assertEqual([(p["Arn"], p["AttachmentCount"]) for p in policies], [(arn, 1)])
        self.assertEqual(policies[0]["PolicyVersionList"][0]["Document"], json.loads(POLICY))

    def test_caller_identity(self):
        self.assertEqual(self.sts.get_caller_identity()["Account"], "123456789012")
