"""Tokens, the mapping of callers, what policies allow, and nodes: what can be said without a cluster."""

from __future__ import annotations

import datetime
import json
import types
import unittest

from levee_layer.eks import access_policies, control_plane, mapping, nodes, token
from levee_layer.eks.callers import Caller
from levee_layer.kubernetes import rules, stages

from .started import CREDENTIALS
from .test_kubernetes import eks_token

ROLE = Caller("arn:aws:sts::1:assumed-role/ops/me@here", "arn:aws:iam::1:role/team/ops", "arn:aws:iam::1:role/ops", "1",
              "AROA:me", "ASIA", "me@here")
USER = Caller("arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/ann", "1", "AIDA", "AKIA")


class TokenTest(unittest.TestCase):
    def check(self, text: str, cluster: str = "main", later: int = 0) -> str:
        """The reason for which a token is refused, or nothing."""
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=later)
        try:
            token.check(token.parse(text), cluster, now, lambda _key: "test")
        except token.BadToken as refusal:
            return str(refusal)
        return ""

    def test_a_good_token_lasts_for_fifteen_minutes(self):
        text = eks_token("main", CREDENTIALS)
        self.assertEqual(token.parse(text).access_key, "test")
        self.assertEqual((self.check(text), self.check(text, later=880)), ("", ""))
        self.assertIn("expired", self.check(text, later=901))
        self.assertIn("expired", self.check(text, later=-400))

    def test_it_is_good_for_one_cluster_and_one_secret(self):
        self.assertIn("signature", self.check(eks_token("main", CREDENTIALS), "other"))
        self.assertIn("signature", self.check(eks_token("main", {**CREDENTIALS, "aws_secret_access_key": "x"})))
        session = {**CREDENTIALS, "aws_session_token": "some/token+with=signs"}
        self.assertEqual(self.check(eks_token("main", session)), "")

    def test_what_is_no_token_is_refused(self):
        for text in ("", "k8s-aws-v1.", "k8s-aws-v1.%%%", "k8s-aws-v1.aHR0cDovL3gvP2E9Yg", "eyJhbGciOi"):
            self.assertNotEqual(self.check(text), "", text)


class MappingTest(unittest.TestCase):
    def person(self, caller, mode="API_AND_CONFIG_MAP", creator="", entry=None, **data):
        return mapping.person(mode, creator, entry, mapping.aws_auth(data), caller)

    def test_aws_auth_maps_roles_without_their_path(self):
        row = {"rolearn": "arn:aws:iam::1:role/ops", "username": "ops:{{SessionName}}", "groups": ["g-{{AccountID}}"]}
        found = self.person(ROLE, "CONFIG_MAP", mapRoles=json.dumps([row]))
        self.assertEqual((found.name, found.groups), ("ops:me-here", ["g-1"]))
        row["rolearn"] = "arn:aws:iam::1:role/team/ops"
        self.assertIsNone(self.person(ROLE, "CONFIG_MAP", mapRoles=json.dumps([row])))
        self.assertEqual(self.person(USER, "CONFIG_MAP", mapAccounts="- '1'").name, USER.plain)

    def test_a_broken_aws_auth_maps_nobody(self):
        self.assertIsNone(self.person(ROLE, "CONFIG_MAP", mapRoles="- {", mapUsers="text", mapAccounts="3"))

    def test_the_mode_says_who_decides(self):
        rows = json.dumps([{"userarn": USER.plain, "username": "from-map"}])
        entry = {"username": "from-entry", "kubernetesGroups": ["g"]}
        self.assertEqual(self.person(USER, entry=entry, mapUsers=rows).name, "from-entry")
        self.assertEqual(self.person(USER, mapUsers=rows).name, "from-map")
        self.assertIsNone(self.person(USER, "API", mapUsers=rows))
        self.assertEqual(self.person(USER, "CONFIG_MAP", entry=entry, mapUsers=rows).name, "from-map")

    def test_the_creator_is_a_master_only_where_there_are_no_entries(self):
        self.assertEqual(self.person(ROLE, "CONFIG_MAP", creator=ROLE.principal).groups, ["system:masters"])
        self.assertIsNone(self.person(ROLE, "API", creator=ROLE.principal))


class PolicyTest(unittest.TestCase):
    roles = {"system:aggregate-to-view": [{"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]}]}

    def allowed(self, name: str, scope: dict, **asked) -> bool:
        policies = {access_policies.PREFIX + name: {"accessScope": {"namespaces": [], **scope}}}
        return access_policies.allowed(policies, asked, self.roles)

    def test_scopes_hold_namespaces_apart(self):
        pods = {"verb": "get", "group": "", "resource": "pods", "namespace": "team-a"}
        scoped = {"type": "namespace", "namespaces": ["team-*"]}
        self.assertTrue(self.allowed("AmazonEKSViewPolicy", scoped, resourceAttributes=pods))
        self.assertFalse(self.allowed("AmazonEKSViewPolicy", scoped, resourceAttributes={**pods, "namespace": "other"}))
        self.assertFalse(self.allowed("AmazonEKSClusterAdminPolicy", scoped, resourceAttributes={**pods, "namespace": ""}))
        self.assertFalse(self.allowed("AmazonEKSViewPolicy", scoped, resourceAttributes={**pods, "verb": "delete"}))
        for part, allowed in (("log", True), ("exec", False)):
            asked = {**pods, "subresource": part}
            self.assertEqual(self.allowed("AmazonEKSViewPolicy", {"type": "cluster"}, resourceAttributes=asked), allowed, part)

    def test_paths(self):
        self.assertTrue(self.allowed("AmazonEKSClusterAdminPolicy", {"type": "cluster"},
                                     nonResourceAttributes={"path": "/metrics", "verb": "get"}))
        some = [{"nonResourceURLs": ["/healthz/*"], "verbs": ["get"]}]
        self.assertTrue(rules.allow(some, {"nonResourceAttributes": {"path": "/healthz/etcd", "verb": "get"}}))
        self.assertFalse(rules.allow(some, {"nonResourceAttributes": {"path": "/metrics", "verb": "get"}}))


class NodeRolesTest(unittest.TestCase):
    """What EKS itself writes into aws-auth."""

    def written(self, current) -> list:
        """The calls that are made when aws-auth holds this."""
        calls = []
        api = types.SimpleNamespace(
            get=lambda _path: current and {"data": current}, merge=lambda path, body: calls.append(("PATCH", body["data"])),
            call=lambda method, path, body: calls.append((method, body["data"])))
        control_plane.map_node_roles(types.SimpleNamespace(api=api), ["arn:aws:iam::1:role/node"])
        return calls

    def test_it_is_made_or_added_to_and_never_overwritten(self):
        [(method, made)] = self.written(None)
        self.assertEqual((method, "role/node" in made["mapRoles"]), ("POST", True))
        [(method, added)] = self.written({"mapRoles": "- {rolearn: other, username: o}\n"})
        self.assertEqual((method, len(mapping.listed(added["mapRoles"]))), ("PATCH", 2))
        self.assertEqual(self.written(made), [])
        self.assertEqual(self.written({"mapRoles": "- {"}), [])


class NodeTest(unittest.TestCase):
    data = {"instanceTypes": ["t3.medium"], "amiType": "AL2023_x86_64_STANDARD", "capacityType": "SPOT", "labels": {"tier": "a"},
            "taints": [{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}]}

    def test_a_node_says_what_a_kubelet_of_its_group_would(self):
        instance = nodes.Instance("i-0", "10.0.1.20", "us-west-2a", "1.34.2-20260801")
        node = nodes.node_of("us-west-2", "pool", self.data, instance)
        self.assertEqual(node["metadata"]["name"], "ip-10-0-1-20.us-west-2.compute.internal")
        self.assertEqual(node["metadata"]["labels"]["tier"], "a")
        self.assertEqual(node["metadata"]["labels"]["eks.amazonaws.com/capacityType"], "SPOT")
        self.assertEqual(node["spec"], {"providerID": "aws:///us-west-2a/i-0",
                                        "taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]})
        self.assertEqual(node["status"]["capacity"]["pods"], "17")
        self.assertTrue(node["status"]["nodeInfo"]["kubeletVersion"].startswith("v1.34.2-eks-"))

    def test_names_in_the_oldest_region_are_short(self):
        self.assertEqual(nodes.node_name("10.0.1.20", "us-east-1"), "ip-10-0-1-20.ec2.internal")


class StagesTest(unittest.TestCase):
    def test_every_stage_is_one_document(self):
        names = [json.loads(text)["metadata"]["name"] for text in stages.as_yaml().split("\n---\n")]
        self.assertEqual((len(names), len(set(names))), (len(names), len(names)))
        self.assertIn("pod-run-late", names)
