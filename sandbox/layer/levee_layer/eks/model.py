"""The objects of EKS: clusters, node groups, Fargate profiles and updates, with states that time moves on."""

from __future__ import annotations

import dataclasses
import time
import uuid
from typing import Any, Callable, Optional

from ..errors import AwsError
from ..kubernetes.plane import Plane
from ..options import Options
from ..rules import resets, settles

MAX_PAGE = 100


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
    # What else, beside time, must have come before it is ACTIVE.
    gate: Callable = lambda: True

    def update_in_progress(self) -> Optional[Update]:
        return next((u for u in self.updates if u.status == "InProgress"), None)

    def advance(self, now: float) -> None:
        """Carries out what is due: a creation or an update that has ended."""
        if self.status == "CREATING" and now >= self.due and self.gate():
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
    """A part of a cluster: a node group, a Fargate profile, an add-on, an access entry or a pod identity association."""

    # Made by EKS on its own, not asked for by anybody.
    own: bool = False
    # The machines of a node group.
    instances: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Cluster(Staged):
    account: str = ""
    region: str = ""
    security_group: str = ""
    nodegroups: dict = dataclasses.field(default_factory=dict)
    profiles: dict = dataclasses.field(default_factory=dict)
    addons: dict = dataclasses.field(default_factory=dict)
    # Access entries by principal, and pod identity associations by identity.
    entries: dict = dataclasses.field(default_factory=dict)
    associations: dict = dataclasses.field(default_factory=dict)
    # The principal that created it.
    creator: str = ""
    # Its control plane, if there is one, and what that was last seen or told to have.
    plane: Optional[Plane] = None
    roles: dict = dataclasses.field(default_factory=dict)
    mapped_roles: list = dataclasses.field(default_factory=list)
    kept_nodes: dict = dataclasses.field(default_factory=dict)
    ready_nodes: set = dataclasses.field(default_factory=set)
    # The load balancers of its services, by the uid of the service.
    balancers: dict = dataclasses.field(default_factory=dict)
    balanced_at: float = 0.0

    def advance(self, now: float) -> None:
        super().advance(now)
        if self.status == "CREATING" and self.plane and self.plane.failure:
            self.status = "FAILED"

    def is_gone(self, now: float) -> bool:
        return super().is_gone(now) and (self.plane is None or self.plane.is_ended())


class Eks:
    """All clusters of all accounts and regions."""

    def __init__(self):
        self.options = Options()
        self._clusters: dict = {}

    def clusters(self) -> list:
        return list(self._clusters.values())

    def at(self, account: str, region: str, name: str) -> Optional[Cluster]:
        return self._clusters.get((account, region, name))

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

    def end_planes(self) -> None:
        """Ends all control planes, and waits for it."""
        planes = [cluster.plane for cluster in self.clusters() if cluster.plane]
        for plane in planes:
            plane.end()
        for plane in planes:
            plane.wait_for_end()

    def wipe(self) -> None:
        self.end_planes()
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
        for children in (cluster.nodegroups, cluster.profiles, cluster.addons):
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
