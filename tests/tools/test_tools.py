"""Tools made for Terraform, run on levee: what they read is what levee writes.

LEVEE names the binary. checkov runs beside this interpreter, without the network.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import tftest

LEVEE = os.environ["LEVEE"]
HERE = pathlib.Path(__file__).resolve().parent
CHECKOV = pathlib.Path(sys.executable).parent / "checkov"


def bare_environment(home: str) -> dict[str, str]:
    """Nothing of the caller's but the way to programs."""
    return {"PATH": os.environ["PATH"], "HOME": home, "AWS_EC2_METADATA_DISABLED": "true"}


class Checkov(unittest.TestCase):
    """Policies over a plan's document."""

    def test_a_plan_is_scanned(self) -> None:
        with tempfile.TemporaryDirectory(prefix="levee-checkov-") as work:
            directory = pathlib.Path(work) / "estate"
            shutil.copytree(HERE / "estate", directory)
            environment = bare_environment(work)

            def levee(*arguments: str) -> str:
                done = subprocess.run([LEVEE, *arguments], cwd=directory, env=environment, text=True, capture_output=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                return done.stdout

            levee("init")
            levee("plan", "-out=plan")
            (directory / "plan.json").write_text(levee("show", "-json", "plan"))
            command = [CHECKOV, "-f", "plan.json", "--framework", "terraform_plan", "-o", "json", "--skip-download"]
            done = subprocess.run(command, cwd=directory, env=environment, text=True, capture_output=True, check=False)
            report = json.loads(done.stdout)
        self.assertEqual(report["summary"]["parsing_errors"], 0)
        self.assertEqual(report["summary"]["resource_count"], 3)
        failed = {(check["check_id"], check["resource"]) for check in report["results"]["failed_checks"]}
        passed = {(check["check_id"], check["resource"]) for check in report["results"]["passed_checks"]}
        # SSH from anywhere is found, and only where it is.
        self.assertIn(("CKV_AWS_24", "aws_security_group.open"), failed)
        self.assertIn(("CKV_AWS_24", "module.inner.aws_security_group.closed"), passed)
        # A check over two resources follows the reference from one to the other.
        self.assertIn(("CKV2_AWS_12", "aws_vpc.main"), failed)


class Tftest(unittest.TestCase):
    """A test harness that drives the commands and reads their documents."""

    def test_it_drives_a_whole_cycle(self) -> None:
        with tempfile.TemporaryDirectory(prefix="levee-tftest-") as work:
            source = HERE.parent.parent / "examples" / "hello"
            shutil.copytree(source, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.tfstate*", ".levee", "greeting.txt"))
            driven = tftest.TerraformTest(work, binary=LEVEE, env=bare_environment(work))
            driven.setup()
            plan = driven.plan(output=True, tf_vars={"greeting": "Good day"})
            self.assertEqual(sorted(plan.resource_changes), ["local_file.greeting", "random_pet.name", "terraform_data.greeting"])
            self.assertEqual(plan.variables["greeting"], "Good day")
            self.assertEqual(plan.resource_changes["random_pet.name"]["change"]["actions"], ["create"])
            driven.apply(tf_vars={"greeting": "Good day"})
            greeting = driven.output()["greeting"]
            self.assertTrue(greeting.startswith("Good day, "), greeting)
            self.assertEqual(pathlib.Path(work, "greeting.txt").read_text(), f"{greeting}\n")
            state = driven.state_pull()
            self.assertEqual(state.outputs["greeting"], greeting)
            again = driven.plan(output=True, tf_vars={"greeting": "Good day"})
            self.assertEqual({change["change"]["actions"][0] for change in again.resource_changes.values()}, {"no-op"})
            driven.destroy(tf_vars={"greeting": "Good day"})
            self.assertFalse(pathlib.Path(work, "greeting.txt").exists())


if __name__ == "__main__":
    unittest.main()
