"""The objects of EKS: clusters, node groups, Fargate profiles and updates, with states that time moves on."""

from __future__ import annotations

import dataclasses
import time
import uuid
from typing import Any, Callable, Optional

from ..errors import AwsError
from ..options import Options
from ..rules import resets, settles


@dataclasses.dataclass
class Update:
    """One update of a cluster or node group; `finish` applies what becomes visible only at its end."""

    kind: str
    params: list
    done_at: float
    finish: Optional[Callable] = None
    nodegroup: str = ""
    status: str = "InProgress"
    identity: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    created_at: float = dataclasses.field(default_factory=time.time)

    def shown(self) -> dict:
        return {"id": self.identity, "status": self.status, "type": self.kind, "params": self.params,
                "createdAt": self.created_at, "errors": []}


@dataclasses.dataclass
class Staged:
    """What clusters, node groups and profiles share: a name, tags, and a status that changes at `due`."""

    name: str
    arn: str
    tags: dict
    status: str = "CREATING"
    due: float = 0.0
    created_at: float = dataclasses.field(default_factory=time.time)
    data: dict = dataclasses.field(default_factory=dict)
    interfaces: list = dataclasses.field(default_factory=list)
    updates: list = dataclasses.field(default_factory=list)

    def update_in_progress(self) -> Optional[Update]:
        return next((u for u in self.updates if u.status == "InProgress"), None)

    def advance(self, now: float) -> None:
        """Carries out what is due: a creation or an update that has ended."""
        if self.status == "CREATING" and now >= self.due:
            self.status = "ACTIVE"
        update = self.update_in_progress()
        if update and now >= update.done_at:
            update.status = "Successful"
            if update.finish:
                update.finish()
            if self.status == "UPDATING":
                self.status = "ACTIVE"

    def is_gone(self, now: float) -> bool:
        return self.status == "DELETING" and now >= self.due


@dataclasses.dataclass
class Child(Staged):
    """A node group or a Fargate profile."""


@dataclasses.dataclass
class Cluster(Staged):
    account: str = ""
    region: str = ""
    security_group: str = ""
    nodegroups: dict = dataclasses.field(default_factory=dict)
    profiles: dict = dataclasses.field(default_factory=dict)


class Eks:
    """All clusters of all accounts and regions."""

    def __init__(self):
        self.options = Options()
        self._clusters: dict = {}

    def clusters(self) -> list:
        return list(self._clusters.values())

    def of(self, call) -> dict:
        """The clusters of the caller's account and region by name."""
        return {c.name: c for c in self.clusters() if (c.account, c.region) == (call.account, call.region)}

    def add(self, cluster: Cluster) -> None:
        self._clusters[(cluster.account, cluster.region, cluster.name)] = cluster

    def remove(self, cluster: Cluster) -> None:
        self._clusters.pop((cluster.account, cluster.region, cluster.name), None)

    def cluster(self, call, name: str) -> Cluster:
        found = self.of(call).get(name)
        if found is None:
            raise not_found(f"No cluster found for name: {name}.", clusterName=name)
        return found

    def wipe(self) -> None:
        self._clusters.clear()


EKS = Eks()
resets(EKS.wipe)


@settles
def settle() -> None:
    """Moves every object on to where it stands now."""
    from . import placement

    now = time.time()
    for cluster in EKS.clusters():
        cluster.advance(now)
        for children in (cluster.nodegroups, cluster.profiles):
            for child in list(children.values()):
                child.advance(now)
                if child.is_gone(now):
                    placement.release(cluster, child)
                    del children[child.name]
        if cluster.is_gone(now):
            placement.release(cluster, cluster)
            placement.drop_security_group(cluster)
            EKS.remove(cluster)


def error(code: str, message: str, status: int = 400, **fields: Any) -> AwsError:
    return AwsError(code, message, status, **fields)


def not_found(message: str, **fields: Any) -> AwsError:
    return error("ResourceNotFoundException", message, 404, **fields)


def in_use(message: str, **fields: Any) -> AwsError:
    return error("ResourceInUseException", message, 409, **fields)


def invalid(message: str, **fields: Any) -> AwsError:
    return error("InvalidParameterException", message, 400, **fields)


def bad_request(message: str, **fields: Any) -> AwsError:
    return error("InvalidRequestException", message, 400, **fields)
