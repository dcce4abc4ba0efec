"""The control API: faults, delays, hiding, counting, and being loud about what is not there."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

from .started import LayerTest


class ControlTest(LayerTest):
    expects_unimplemented = True

    def fault(self, **rule):
        self.layer.control("POST", "faults", rule)

    def counts(self):
        return self.layer.control("GET", "calls")["counts"]

    def test_calls_are_counted_in_order(self):
        vpc_id = self.vpc()
        self.ec2.describe_vpcs(VpcIds=[vpc_id])
        calls = self.layer.control("GET", "calls")
        self.assertEqual((calls["total"], calls["counts"]), (2, {"ec2.CreateVpc": 1, "ec2.DescribeVpcs": 1}))
        self.assertEqual([e["action"] for e in calls["log"]], ["CreateVpc", "DescribeVpcs"])
        self.assertTrue(all(e["status"] == 200 and e["seconds"] is not None for e in calls["log"]))
        self.layer.control("POST", "calls/reset")
        self.assertEqual(self.layer.control("GET", "calls")["total"], 0)

    def test_an_error_fault_comes_in_the_words_of_the_service(self):
        self.fault(service="ec2", action="Create.*", kind="error", skip=1, times=1)
        self.vpc()
        self.refused("RequestLimitExceeded", self.ec2.create_vpc, CidrBlock="10.1.0.0/16")
        self.vpc("10.2.0.0/16")
        self.fault(service="iam", kind="error", code="Throttling", status=400)
        self.refused("Throttling", self.iam.list_roles)
        self.fault(service="eks", kind="error", code="ServerException", status=500)
        self.refused("ServerException", self.eks.list_clusters)
        self.fault(service="secretsmanager", kind="error", code="InternalServiceError", status=500)
        self.refused("InternalServiceError", self.secrets.list_secrets)

    def test_a_dropped_answer_happened_all_the_same(self):
        for kind, vpcs in (("drop_before", 0), ("drop_after", 1), ("truncate", 2)):
            self.fault(action="CreateVpc", kind=kind)
            with self.assertRaises((BotoCoreError, ResponseParserError)):
                self.vpc(f"10.{vpcs}.0.0/16")
            self.assertEqual(len(self.world("vpc")), vpcs, kind)
        self.fault(action="CreateVpc", kind="error_after")
        self.refused("InternalError", self.ec2.create_vpc, CidrBlock="10.9.0.0/16")
        self.assertEqual(len(self.world("vpc")), 3)

    def test_rules_are_checked_and_cleared(self):
        with self.assertRaisesRegex(Exception, "400"):
            self.fault(kind="nonsense")
        self.fault(service="ec2", kind="error", times=-1)
        self.layer.control("DELETE", "faults")
        self.vpc()

    def test_calls_are_let_through_as_long_as_there_are_tokens(self):
        self.fault(service="ec2", kind="error", times=-1, rate=0.001, burst=2)
        self.ec2.describe_vpcs()
        self.vpc()
        self.refused("RequestLimitExceeded", self.ec2.describe_vpcs)
        self.layer.control("DELETE", "faults")
        self.ec2.describe_vpcs()

    def test_delayed_calls_overlap(self):
        self.layer.control("POST", "delay", {"seconds": 0.3})
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: self.ec2.describe_vpcs(), range(8)))
        self.assertLess(time.monotonic() - began, 2.0)
        self.assertGreaterEqual(time.monotonic() - began, 0.3)

    def test_a_hidden_object_appears_after_n_reads(self):
        self.layer.control("POST", "hide", {"reads": 2})
        vpc_id = self.vpc()
        self.refused("InvalidVpcID.NotFound", self.ec2.describe_vpcs, VpcIds=[vpc_id])
        listed = self.ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"]
        self.assertEqual(listed, [])
        self.assertEqual(self.ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]["VpcId"], vpc_id)
        group = self.ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc_id)["GroupId"]
        self.refused("InvalidGroup.NotFound", self.ec2.describe_security_groups, GroupIds=[group])
        self.role("r")
        self.refused("NoSuchEntity", self.iam.get_role, RoleName="r")
        self.refused("NoSuchEntity", self.iam.get_role, RoleName="r")
        self.iam.get_role(RoleName="r")
        self.secrets.create_secret(Name="s", SecretString="x")
        self.refused("ResourceNotFoundException", self.secrets.describe_secret, SecretId="s")

    def test_what_is_missing_is_loud(self):
        self.refused("LeveeSandboxNotImplemented", self.eks.list_insights, clusterName="c")
        self.refused("LeveeSandboxNotImplemented", self.ec2.create_ipam)
        self.refused("LeveeSandboxNotImplemented", self.ec2.describe_route_tables,
                     Filters=[{"Name": "route.origin", "Values": ["CreateRoute"]}])
        self.refused("LeveeSandboxNotImplemented", self.layer.client("backup").list_frameworks)
        listed = [f"{u['service']}.{u['action']}" for u in self.layer.control("GET", "unimplemented")]
        self.assertEqual(listed, ["eks.ListInsights", "ec2.CreateIpam", "ec2.DescribeRouteTables",
                                  "backup.ListFrameworks"])

    def test_the_world_lists_objects_but_not_the_default_vpcs(self):
        self.assertEqual(self.world(), [])
        self.vpc()
        self.role("r")
        self.secrets.create_secret(Name="s", Tags=[{"Key": "a", "Value": "b"}])
        self.assertEqual(sorted(o["type"] for o in self.world()), ["iam-role", "secret", "vpc"])
        self.assertEqual(self.world("secret")[0]["tags"], {"a": "b"})
        self.assertGreater(len(self.layer.control("GET", "world?defaults=1")), 5)

    def test_health_names_the_process(self):
        self.assertEqual(self.layer.control("GET", "health")["pid"], self.layer.process.pid)
