"""A started layer for tests: one process a test module, reset before each test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

LAYER = Path(__file__).resolve().parent.parent
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
    "Service": ["eks.amazonaws.com", "ec2.amazonaws.com", "eks-fargate-pods.amazonaws.com"]}}]}
# Long enough for what is said of something that is under way, on a machine that does other things beside.
SHORT = [word for what in ("eks-cluster", "eks-nodegroup", "eks-fargate", "eks-update", "eks-delete", "nat", "nat-delete")
         for word in (f"--{what}-seconds", "0.6")]


class Started:
    """The running layer and its control API."""

    def __init__(self, *arguments: str):
        self.directory = tempfile.TemporaryDirectory()
        ready = Path(self.directory.name, "ready.json")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "levee_layer", "--ready-file", str(ready), *SHORT, *arguments],
            cwd=LAYER, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        deadline = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the layer did not start")
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{json.loads(ready.read_text())['port']}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.directory.cleanup()

    def control(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_levee/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def client(self, service: str, attempts: int = 1, region: str = "us-west-2"):
        config = Config(retries={"total_max_attempts": attempts}, parameter_validation=False, read_timeout=20)
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=config, **CREDENTIALS)


class LayerTest(unittest.TestCase):
    """Each test sees an empty world and must leave no unimplemented call behind."""

    expects_unimplemented = False

    @classmethod
    def start_layer(cls) -> Started:
        return Started()

    @classmethod
    def setUpClass(cls):
        cls.layer = cls.start_layer()
        cls.ec2, cls.eks = cls.layer.client("ec2"), cls.layer.client("eks")
        cls.iam, cls.secrets = cls.layer.client("iam"), cls.layer.client("secretsmanager")
        cls.sts = cls.layer.client("sts")

    @classmethod
    def tearDownClass(cls):
        cls.layer.stop()

    def setUp(self):
        self.layer.control("POST", "reset")

    def tearDown(self):
        if not self.expects_unimplemented:
            self.assertEqual(self.layer.control("GET", "unimplemented"), [])

    def refused(self, code: str, function, **parameters) -> str:
        """The call fails with this AWS code; returns the message."""
        with self.assertRaises(ClientError) as caught:
            function(**parameters)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response["Error"]["Message"]

    def until(self, probe, wanted, seconds: float = 60.0):
        """Polls `probe` until it equals `wanted`. The limit only ends a test that hangs: other tests share the machine."""
        deadline = time.monotonic() + seconds
        while (seen := probe()) != wanted:
            self.assertLess(time.monotonic(), deadline, f"still {seen!r}, wanted {wanted!r}")
            time.sleep(0.02)

    def vpc(self, cidr: str = "10.0.0.0/16") -> str:
        return self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]

    def subnet(self, vpc_id: str, third: int, zone: str = "us-west-2a") -> str:
        return self.ec2.create_subnet(
            VpcId=vpc_id, CidrBlock=f"10.0.{third}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]

    def role(self, name: str = "role") -> str:
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]

    def world(self, kind: str = "") -> list:
        return [o for o in self.layer.control("GET", "world") if o["type"] == kind or not kind]
