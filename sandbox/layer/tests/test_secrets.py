"""Secrets Manager: the rules that stand in front of moto."""

from __future__ import annotations

from .started import LayerTest


class SecretsTest(LayerTest):
    def put(self, digit, **more):
        return self.secrets.put_secret_value(
            SecretId="s", SecretString=f"value {digit}", ClientRequestToken=digit * 32, **more)

    def stages(self):
        return {k[0]: v for k, v in self.secrets.describe_secret(SecretId="s")["VersionIdsToStages"].items()}

    def test_creation_without_a_value_is_idempotent_by_token(self):
        first = self.secrets.create_secret(Name="s", Description="d", ClientRequestToken="a" * 32)
        again = self.secrets.create_secret(Name="s", Description="d", ClientRequestToken="a" * 32)
        self.assertEqual(first["ARN"], again["ARN"])
        self.refused("ResourceExistsException", self.secrets.create_secret, Name="s", Description="other",
                     ClientRequestToken="a" * 32)
        self.refused("ResourceExistsException", self.secrets.create_secret, Name="s", ClientRequestToken="b" * 32)

    def test_a_deleted_secret_keeps_its_name_until_it_is_forced_out(self):
        self.secrets.create_secret(Name="s", SecretString="x")
        self.secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
        message = self.refused("InvalidRequestException", self.secrets.create_secret, Name="s", SecretString="y")
        self.assertIn("already scheduled for deletion", message)
        for call in (self.secrets.get_secret_value, self.secrets.put_secret_value):
            more = {"SecretString": "z"} if call == self.secrets.put_secret_value else {}
            self.assertIn("marked for deletion", self.refused("InvalidRequestException", call, SecretId="s", **more))
        self.assertIn("DeletedDate", self.secrets.describe_secret(SecretId="s"))
        self.assertEqual(self.secrets.list_secrets()["SecretList"], [])
        self.assertEqual(len(self.secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]), 1)
        self.secrets.restore_secret(SecretId="s")
        self.assertEqual(self.secrets.get_secret_value(SecretId="s")["SecretString"], "x")
        self.secrets.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
        self.refused("ResourceNotFoundException", self.secrets.describe_secret, SecretId="s")

    def test_labels_move_as_they_should(self):
        self.secrets.create_secret(Name="s")
        self.put("1")
        self.put("2")
        self.put("3", VersionStages=["BLUE"])
        self.assertEqual(self.stages(), {"1": ["AWSPREVIOUS"], "2": ["AWSCURRENT"], "3": ["BLUE"]})
        self.secrets.update_secret_version_stage(
            SecretId="s", VersionStage="AWSCURRENT", RemoveFromVersionId="2" * 32, MoveToVersionId="1" * 32)
        self.assertEqual(self.stages(), {"1": ["AWSCURRENT"], "2": ["AWSPREVIOUS"], "3": ["BLUE"]})
        self.put("4")
        self.assertEqual(self.stages(), {"1": ["AWSPREVIOUS"], "3": ["BLUE"], "4": ["AWSCURRENT"]})
        self.refused("InvalidParameterException", self.secrets.update_secret_version_stage, SecretId="s",
                     VersionStage="BLUE", MoveToVersionId="4" * 32)
        self.put("5", VersionStages=["BLUE"])
        self.assertEqual(self.stages()["5"], ["BLUE"])
        listed = self.secrets.list_secret_version_ids(SecretId="s")
        self.assertEqual(sorted(v["VersionId"][0] for v in listed["Versions"]), ["1", "4", "5"])
        self.assertTrue(listed["ARN"].startswith("arn:"))
        everything = self.secrets.list_secret_version_ids(SecretId="s", IncludeDeprecated=True)["Versions"]
        self.assertEqual(len(everything), 5)

    def test_tags_policies_and_lists(self):
        self.secrets.create_secret(Name="s", SecretString="x", Tags=[{"Key": "a", "Value": "1"}])
        self.secrets.create_secret(Name="t", SecretString="y")
        self.secrets.tag_resource(SecretId="s", Tags=[{"Key": "b", "Value": "2"}])
        self.secrets.untag_resource(SecretId="s", TagKeys=["a"])
        self.assertEqual(self.secrets.describe_secret(SecretId="s")["Tags"], [{"Key": "b", "Value": "2"}])
        found = self.secrets.list_secrets(Filters=[{"Key": "tag-key", "Values": ["b"]}])["SecretList"]
        self.assertEqual([s["Name"] for s in found], ["s"])
        pages = self.secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1})
        self.assertEqual([len(page["SecretList"]) for page in pages][:2], [1, 1])
        policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}'
        self.assertTrue(self.secrets.validate_resource_policy(ResourcePolicy=policy)["PolicyValidationPassed"])
        self.secrets.put_resource_policy(SecretId="s", ResourcePolicy=policy)
        self.assertEqual(self.secrets.get_resource_policy(SecretId="s")["ResourcePolicy"], policy)
        self.refused("MalformedPolicyDocumentException", self.secrets.put_resource_policy, SecretId="s",
                     ResourcePolicy="{")
        batch = self.secrets.batch_get_secret_value(SecretIdList=["s", "t", "none"])
        self.assertEqual([v["SecretString"] for v in batch["SecretValues"]], ["x", "y"])
        self.assertEqual([e["SecretId"] for e in batch["Errors"]], ["none"])
