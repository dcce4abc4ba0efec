"""Staging labels: one version a label, AWSPREVIOUS follows AWSCURRENT, versions without labels are deprecated."""

from __future__ import annotations

import datetime

from moto.secretsmanager.models import FakeSecret

from ..errors import AwsError
from ..paging import page_of
from ..rules import before, handles
from .store import secret_of


def holder(secret, label: str):
    """The id of the version that holds the label, or None."""
    return next((key for key, version in secret.versions.items() if label in version["version_stages"]), None)


def _reset_default_version(self, secret_version: dict, version_id: str) -> None:
    """A new current version: its labels leave their old holders, AWSPREVIOUS goes to the version that was current."""
    previous = holder(self, "AWSCURRENT")
    for version in self.versions.values():
        taken = [*secret_version["version_stages"], *(["AWSPREVIOUS"] if previous else [])]
        version["version_stages"] = [label for label in version["version_stages"] if label not in taken]
    if previous is not None:
        self.versions[previous]["version_stages"].append("AWSPREVIOUS")
    self.versions[version_id] = secret_version


def _stages(self) -> dict:
    return {key: version["version_stages"] for key, version in self.versions.items() if version["version_stages"]}


FakeSecret.reset_default_version = _reset_default_version
FakeSecret._form_version_ids_to_stages = _stages
FakeSecret.default_version_id = property(lambda self: holder(self, "AWSCURRENT"), lambda self, value: None)


@before("secretsmanager", "UpdateSecretVersionStage")
def check_move(call) -> None:
    """A label that another version holds must be taken from exactly that one."""
    secret = secret_of(call)
    held_by = holder(secret, call.get("VersionStage", ""))
    source = call.get("RemoveFromVersionId")
    if call.get("MoveToVersionId") and held_by and held_by not in (source, call.get("MoveToVersionId")):
        raise AwsError("InvalidParameterException",
                       f"The parameter RemoveFromVersionId can't be empty. Staging label {call.get('VersionStage')} is "
                       f"currently attached to version {held_by}, so you must explicitly reference that version in "
                       "RemoveFromVersionId.")
    if call.get("VersionStage") == "AWSCURRENT" and source and not call.get("MoveToVersionId"):
        raise AwsError("InvalidParameterException",
                       "You can only move staging label AWSCURRENT to a different secret version. It can't be "
                       "completely removed.")


@handles("secretsmanager", "ListSecretVersionIds")
def list_secret_version_ids(call) -> dict:
    secret = secret_of(call)
    rows = [
        {"VersionId": key, "VersionStages": version["version_stages"], "CreatedDate": at(version["createdate"])}
        for key, version in secret.versions.items() if version["version_stages"] or call.get("IncludeDeprecated")]
    page, token = page_of(rows, call.get("MaxResults"), call.get("NextToken"), "InvalidNextTokenException")
    return {"ARN": secret.arn, "Name": secret.name, "Versions": page, **({"NextToken": token} if token else {})}


def at(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
