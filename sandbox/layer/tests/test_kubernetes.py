"""A cluster with a real Kubernetes behind it: who gets in, nodes of node groups, pods, and an end without remains.

`LEVEE_KUBERNETES_BINARIES` names the folder of the programs: `cargo run -p levee-sandbox --example kubernetes` prints it.
"""

from __future__ import annotations

import base64
import json
import os
import signal
from pathlib import Path

import boto3
from botocore.signers import RequestSigner
from levee_layer.kubernetes.api import Api

from .started import CREDENTIALS, LayerTest, Started

SPACES = "/api/v1/namespaces"
CONFIG_MAPS = f"{SPACES}/kube-system/configmaps"


def eks_token(cluster: str, credentials: dict) -> str:
    """A token as `aws eks get-token` makes it."""
    session = boto3.Session(region_name="us-west-2", **credentials)
    signer = RequestSigner(session.client("sts").meta.service_model.service_id, "us-west-2", "sts", "v4",
                           session.get_credentials(), session.events)
    request = {"method": "GET", "body": {}, "headers": {"x-k8s-aws-id": cluster}, "context": {},
               "url": "https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"}
    url = signer.generate_presigned_url(request, region_name="us-west-2", expires_in=60, operation_name="")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def processes_below(folder: str) -> list:
    """The processes that work in the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if os.readlink(entry).startswith(folder):
                found.append(entry.parent.name)
        except OSError:
            pass  # it has just ended, or is another user's
    return found


class KubernetesTest(LayerTest):
    @classmethod
    def start_layer(cls) -> Started:
        folder = os.environ.get("LEVEE_KUBERNETES_BINARIES", "")
        if not Path(folder, "kube-apiserver").exists():
            raise RuntimeError("LEVEE_KUBERNETES_BINARIES must name the folder of the Kubernetes programs: "
                               "cargo run -p levee-sandbox --example kubernetes")
        return Started("--kubernetes-binaries", folder)

    def place(self) -> None:
        vpc_id = self.vpc()
        self.subnets = [self.subnet(vpc_id, 1), self.subnet(vpc_id, 2, "us-west-2b")]
        self.role_arn = self.role("node")

    def begin(self, name: str = "main", **more) -> None:
        self.eks.create_cluster(name=name, roleArn=self.role_arn, resourcesVpcConfig={"subnetIds": self.subnets}, **more)

    def cluster(self, name: str = "main", **more) -> dict:
        self.place()
        self.begin(name, **more)
        self.until(lambda: self.status(name), "ACTIVE")
        return self.eks.describe_cluster(name=name)["cluster"]

    def status(self, name: str = "main") -> str:
        try:
            return self.eks.describe_cluster(name=name)["cluster"]["status"]
        except self.eks.exceptions.ResourceNotFoundException:
            return "gone"

    def api(self, cluster: dict, credentials=None, signed_for: str = "") -> Api:
        authority = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
        token = eks_token(signed_for or cluster["name"], credentials or CREDENTIALS)
        return Api(int(cluster["endpoint"].rsplit(":", 1)[1]), token, authority)

    def node_group(self, name: str = "pool", size: int = 2, **more) -> None:
        self.eks.create_nodegroup(clusterName="main", nodegroupName=name, subnets=self.subnets, nodeRole=self.role_arn,
                                  scalingConfig={"minSize": 0, "maxSize": 5, "desiredSize": size}, **more)

    def group_status(self, name: str = "pool") -> str:
        return self.eks.describe_nodegroup(clusterName="main", nodegroupName=name)["nodegroup"]["status"]

    def user_credentials(self, name: str) -> dict:
        """A user of IAM with a key."""
        self.iam.create_user(UserName=name)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def role_credentials(self, name: str) -> dict:
        self.role(name)
        taken = self.sts.assume_role(RoleArn=f"arn:aws:iam::123456789012:role/{name}", RoleSessionName="me@here")["Credentials"]
        return {"aws_access_key_id": taken["AccessKeyId"], "aws_secret_access_key": taken["SecretAccessKey"],
                "aws_session_token": taken["SessionToken"]}

    def pods(self, api: Api, name: str) -> list:
        """The phases and waiting reasons of a deployment's pods."""
        pods = api.get(f"{SPACES}/default/pods?labelSelector=app%3D{name}")["items"]
        return sorted(state_of(pod) for pod in pods)

    def deploy(self, api: Api, name: str, replicas: int, **annotations) -> None:
        labels = {"app": name}
        template = {"metadata": {"labels": labels, "annotations": annotations},
                    "spec": {"containers": [{"name": "main", "image": "registry.test/it:1"}]}}
        status, body = api.call("POST", "/apis/apps/v1/namespaces/default/deployments", {
            "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}})
        self.assertEqual(status, 201, body)

    def test_life_of_a_cluster_with_nodes_and_pods(self):
        cluster = self.cluster()
        api = self.api(cluster)
        me = api.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})[1]["status"]["userInfo"]
        self.assertEqual((me["username"], "system:masters" in me["groups"]), ("kubernetes-admin", True))
        self.deploy(api, "web", 3)
        self.until(lambda: self.pods(api, "web"), ["Pending"] * 3)
        self.node_group(labels={"tier": "a"}, taints=[{"key": "soft", "effect": "PREFER_NO_SCHEDULE"}])
        self.until(self.group_status, "ACTIVE")
        nodes = api.get("/api/v1/nodes")["items"]
        self.assertEqual([n["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] for n in nodes], ["pool", "pool"])
        self.assertEqual([n["metadata"]["labels"]["topology.kubernetes.io/zone"] for n in nodes], ["us-west-2a", "us-west-2b"])
        self.assertTrue(nodes[0]["metadata"]["name"].startswith("ip-10-0-1-"), nodes[0]["metadata"]["name"])
        self.until(lambda: self.pods(api, "web"), ["Running"] * 3)
        self.assertIn("arn:aws:iam::123456789012:role/node", api.get(f"{CONFIG_MAPS}/aws-auth")["data"]["mapRoles"])
        self.eks.update_nodegroup_config(clusterName="main", nodegroupName="pool", scalingConfig={"desiredSize": 1},
                                         labels={"removeLabels": ["tier"]})
        self.until(lambda: [n["metadata"]["labels"].get("tier") for n in api.get("/api/v1/nodes")["items"]], [None])
        self.until(lambda: self.pods(api, "web"), ["Running"] * 3)
        before = [n["metadata"]["name"] for n in api.get("/api/v1/nodes")["items"]]
        self.until(self.group_status, "ACTIVE")
        self.eks.update_nodegroup_version(clusterName="main", nodegroupName="pool", releaseVersion="1.34.9-20261001")
        self.until(lambda: [n["metadata"]["name"] in before for n in api.get("/api/v1/nodes")["items"]], [False])
        self.until(self.group_status, "ACTIVE")
        self.eks.delete_nodegroup(clusterName="main", nodegroupName="pool")
        self.until(lambda: api.get("/api/v1/nodes")["items"], [])
        self.until(lambda: self.eks.list_nodegroups(clusterName="main")["nodegroups"], [])
        self.assertEqual(len(processes_below(self.layer.directory.name)), 6)
        self.eks.delete_cluster(name="main")
        self.until(self.status, "gone")
        self.assertEqual(processes_below(self.layer.directory.name), [])

    def claim_and_balance(self, api: Api) -> None:
        """Asks for a volume, for a pod that uses it, and for a load balancer."""
        claim = {"metadata": {"name": "data"}, "spec": {"storageClassName": "gp2", "accessModes": ["ReadWriteOnce"],
                                                        "resources": {"requests": {"storage": "1Gi"}}}}
        container = {"name": "main", "image": "registry.test/it:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
        pod = {"metadata": {"name": "user", "labels": {"app": "user"}}, "spec": {
            "containers": [container], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}}
        service = {"metadata": {"name": "front"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}
        for kind, thing in (("persistentvolumeclaims", claim), ("pods", pod), ("services", service)):
            status, body = api.call("POST", f"{SPACES}/default/{kind}", thing)
            self.assertEqual(status, 201, body)

    def test_volumes_and_load_balancers_come_and_go_in_the_cloud(self):
        api = self.api(self.cluster())
        self.node_group(size=1)
        self.until(self.group_status, "ACTIVE")
        self.claim_and_balance(api)
        self.until(lambda: self.pods(api, "user"), ["Running"])

        def elbs():
            return [o["description"].split()[0] for o in self.world("network-interface") if o["description"].startswith("ELB ")]

        service = f"{SPACES}/default/services/front"
        self.until(lambda: "ingress" in api.get(service)["status"]["loadBalancer"], True)
        self.assertEqual(elbs(), ["ELB", "ELB"])
        self.assertEqual(api.call("DELETE", service)[0], 200)
        self.until(lambda: api.get(service), None)
        self.assertEqual(elbs(), [])

    def test_pods_go_wrong_as_asked(self):
        api = self.api(self.cluster())
        self.node_group(size=1)
        self.until(self.group_status, "ACTIVE")
        wanted = {"slow": "ContainerCreating", "crash-loop": "CrashLoopBackOff", "image-pull-backoff": "ImagePullBackOff",
                  "fail": "CrashLoopBackOff", "unready": "Running, not ready"}
        for kind in wanted:
            self.deploy(api, kind, 1, **{"levee.sandbox/pod": kind, **({"levee.sandbox/after": "4s"} if kind == "slow" else {})})
        for kind, state in wanted.items():
            self.until(lambda kind=kind: self.pods(api, kind), [state])
        self.until(lambda: self.pods(api, "slow"), ["Running"])

    def test_who_gets_in(self):
        cluster = self.cluster(accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
        admin = self.api(cluster)
        self.assertEqual(admin.call("GET", SPACES)[0], 200)
        self.assertEqual(self.api(cluster, signed_for="other").call("GET", SPACES)[0], 401)
        wrong = {**CREDENTIALS, "aws_secret_access_key": "wrong"}
        self.assertEqual(self.api(cluster, wrong).call("GET", SPACES)[0], 401)
        reader, user = self.api(cluster, self.role_credentials("reader")), self.user_credentials("ann")
        self.assertEqual(reader.call("GET", SPACES)[0], 401)
        self.eks.create_access_entry(clusterName="main", principalArn="arn:aws:iam::123456789012:role/reader")
        self.until(lambda: reader.call("GET", SPACES)[0], 403)
        self.eks.associate_access_policy(
            clusterName="main", principalArn="arn:aws:iam::123456789012:role/reader",
            policyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            accessScope={"type": "namespace", "namespaces": ["def*"]})
        self.until(lambda: reader.call("GET", f"{SPACES}/default/pods")[0], 200)
        self.assertEqual(reader.call("GET", f"{SPACES}/kube-system/pods")[0], 403)
        self.assertEqual(reader.call("GET", f"{SPACES}/default/secrets")[0], 403)
        rows = [{"userarn": "arn:aws:iam::123456789012:user/ann", "username": "ann", "groups": ["system:masters"]}]
        self.assertEqual(admin.call("POST", CONFIG_MAPS, {
            "metadata": {"name": "aws-auth"}, "data": {"mapUsers": json.dumps(rows)}})[0], 201)
        self.until(lambda: self.api(cluster, user).call("GET", SPACES)[0], 200)
        creator = self.eks.list_access_entries(
            clusterName="main", associatedPolicyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy")
        self.eks.delete_access_entry(clusterName="main", principalArn=creator["accessEntries"][0])
        # The API server remembers for ten seconds whom a token stands for.
        self.until(lambda: admin.call("GET", SPACES)[0], 401)

    def test_two_clusters_are_apart_and_a_reset_ends_them(self):
        self.place()
        for name in ("one", "two"):
            self.begin(name)
        for name in ("one", "two"):
            self.until(lambda name=name: self.status(name), "ACTIVE")
        one, two = (self.eks.describe_cluster(name=name)["cluster"] for name in ("one", "two"))
        self.assertEqual(self.api(two).call("POST", SPACES, {"metadata": {"name": "here"}})[0], 201)
        self.assertEqual(self.api(one).call("GET", f"{SPACES}/here")[0], 404)
        self.layer.control("POST", "reset")
        self.assertEqual(processes_below(self.layer.directory.name), [])


    def test_a_plane_without_a_cluster_is_for_tests_of_kubernetes_alone(self):
        made = self.layer.control("POST", "kubernetes/planes/one?nodes=2")
        self.assertEqual(self.layer.control("POST", "kubernetes/planes/one"), made)
        api = Api(int(made["endpoint"].rsplit(":", 1)[1]), made["token"], made["certificate_authority"])
        self.deploy(api, "web", 2)
        self.until(lambda: self.pods(api, "web"), ["Running"] * 2)
        self.assertTrue(Path(made["kubeconfig"]).exists())
        self.layer.control("DELETE", "kubernetes/planes/one")
        self.assertEqual(processes_below(self.layer.directory.name), [])


class DeathTest(LayerTest):
    """What stays behind when the layer is killed: nothing."""

    start_layer = KubernetesTest.start_layer
    place, begin, status = KubernetesTest.place, KubernetesTest.begin, KubernetesTest.status

    def tearDown(self):
        pass  # the layer is no more

    def test_a_cluster_whose_programs_do_not_start_has_failed(self):
        layer = Started("--kubernetes-binaries", self.layer.directory.name)  # there are none
        try:
            self.ec2, self.eks, self.iam = (layer.client(service) for service in ("ec2", "eks", "iam"))
            self.place()
            self.begin()
            self.until(self.status, "FAILED")
            issue = self.eks.describe_cluster(name="main")["cluster"]["health"]["issues"][0]
            self.assertEqual(issue["code"], "InternalFailure")
            self.assertIn("etcd did not start", issue["message"])
            self.eks.delete_cluster(name="main")
            self.until(self.status, "gone")
        finally:
            layer.stop()

    def test_a_killed_layer_leaves_no_processes_behind(self):
        self.place()
        self.begin()
        self.until(self.status, "ACTIVE")
        self.assertEqual(len(processes_below(self.layer.directory.name)), 6)
        self.layer.process.send_signal(signal.SIGKILL)
        self.until(lambda: processes_below(self.layer.directory.name), [])
        self.until(lambda: list(Path(self.layer.directory.name, "planes").iterdir()), [])


def state_of(pod: dict) -> str:
    waiting = [s["state"]["waiting"]["reason"] for s in pod["status"].get("containerStatuses", []) if "waiting" in s["state"]]
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
    phase = pod["status"]["phase"]
    return waiting[0] if waiting else phase + (", not ready" if phase == "Running" and not ready else "")
