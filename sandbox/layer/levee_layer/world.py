"""Every object of the emulated cloud as a plain list, for tests that ask what is really there."""

from __future__ import annotations

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.secretsmanager.models import secretsmanager_backends

from .eks.model import EKS


def world(defaults: bool = False) -> list:
    """Objects as {type, id, account, region, name, tags, state}, sorted; what AWS makes on its own only if asked for."""
    objects = list(network_objects(defaults)) + list(cluster_objects(defaults)) + list(iam_objects()) + list(secret_objects())
    return sorted(objects, key=lambda o: (o["account"], o["region"], o["type"], o["id"]))


def item(kind: str, identity: str, account: str, region: str, tags=None, **more) -> dict:
    tags = tags or {}
    name = more.pop("name", None) or tags.get("Name", "")
    return {"type": kind, "id": identity, "account": account, "region": region, "name": name, "tags": tags, **more}


def network_objects(defaults: bool):
    for account, regions in list(ec2_backends.items()):
        for region, backend in list(regions.items()):
            for kind, thing, vpc_id, more in things_of(backend):
                if defaults or not belongs_to_default(backend, thing, vpc_id):
                    tags = dict(backend.tags.get(thing.id) or {})
                    if kind == "elastic-ip":
                        tags = tags or dict(backend.tags.get(thing.allocation_id) or {})
                    yield item(kind, identity_of(kind, thing), account, region, tags, **more)


def identity_of(kind: str, thing) -> str:
    return thing.allocation_id if kind == "elastic-ip" else thing.id


def belongs_to_default(backend, thing, vpc_id) -> bool:
    """In a default VPC, or one of the objects that every VPC has by itself."""
    vpc = backend.vpcs.get(vpc_id)
    if vpc is not None and vpc.is_default in (True, "true"):
        return True
    return bool(getattr(thing, "is_default", False) is True or getattr(thing, "main_association_id", None)
                or getattr(thing, "default", False) is True)


def things_of(backend):
    """(type, object, its VPC, more fields) of one region."""
    for vpc in backend.vpcs.values():
        yield "vpc", vpc, vpc.id, {"state": vpc.state}
    for subnets in backend.subnets.values():
        for subnet in subnets.values():
            yield "subnet", subnet, subnet.vpc_id, {"vpc_id": subnet.vpc_id}
    for gateway in backend.internet_gateways.values():
        yield "internet-gateway", gateway, gateway.vpc.id if gateway.vpc else None, {}
    for gateway in backend.egress_only_internet_gateways.values():
        yield "egress-only-internet-gateway", gateway, gateway.vpc_id, {"vpc_id": gateway.vpc_id}
    for nat in backend.nat_gateways.values():
        if nat.state != "deleted":
            yield "nat-gateway", nat, nat.vpc_id, {"state": nat.state, "vpc_id": nat.vpc_id}
    for address in backend.addresses:
        yield "elastic-ip", address, None, {"public_ip": address.public_ip}
    for table in backend.route_tables.values():
        yield "route-table", table, table.vpc_id, {"vpc_id": table.vpc_id, **route_facts(table)}
    for groups in backend.groups.values():
        for group in groups.values():
            yield "security-group", group, group.vpc_id, group_facts(group)
            for rule in group.ingress_rules + group.egress_rules:
                if not (group.is_default or is_standard_egress(rule)):
                    yield "security-group-rule", rule, group.vpc_id, {"group_id": group.id, "egress": rule.is_egress}
    for peering in backend.vpc_pcxs.values():
        if peering.ec2_backend is backend and peering.status["Code"] in ("active", "pending-acceptance"):
            yield "vpc-peering-connection", peering, peering.vpc.id, {"state": peering.status["Code"]}
    for interface in backend.enis.values():
        yield "network-interface", interface, interface.subnet.vpc_id, {"description": interface.description}
    for acl in backend.network_acls.values():
        yield "network-acl", acl, acl.vpc_id, {"vpc_id": acl.vpc_id}


def is_standard_egress(rule) -> bool:
    """The allow-all egress rule that every new group gets from AWS."""
    return rule.is_egress and rule.ip_protocol == "-1" and rule.ip_range.get("CidrIp") == "0.0.0.0/0"


def route_facts(table) -> dict:
    routes = [r.destination_cidr_block or r.destination_ipv6_cidr_block for r in table.routes if not r.local]
    subnets = [target for target in table._associations.values() if target]
    return {"routes": sorted(str(r) for r in routes), "subnets": sorted(subnets)}


def group_facts(group) -> dict:
    return {"vpc_id": group.vpc_id, "group_name": group.name,
            "ingress": len(group.ingress_rules), "egress": len(group.egress_rules)}


def cluster_objects(defaults: bool):
    for cluster in EKS.clusters():
        yield item("eks-cluster", cluster.name, cluster.account, cluster.region, cluster.tags,
                   name=cluster.name, state=cluster.status,
                   kubeconfig=str(cluster.plane.folder / "kubeconfig") if cluster.plane else None)
        for kind, children in (("eks-node-group", cluster.nodegroups), ("eks-fargate-profile", cluster.profiles),
                               ("eks-addon", cluster.addons), ("eks-access-entry", cluster.entries),
                               ("eks-pod-identity-association", cluster.associations)):
            for child in children.values():
                if child.own and not defaults:
                    continue
                yield item(kind, f"{cluster.name}:{child.name}", cluster.account, cluster.region, child.tags,
                           name=child.name, state=child.status)


def iam_objects():
    for account, partitions in list(iam_backends.items()):
        for backend in list(partitions.values()):
            yield from iam_objects_of(account, backend)


def iam_objects_of(account: str, backend):
    for role in backend.roles.values():
        yield item("iam-role", role.name, account, "", plain_tags(role.tags), name=role.name,
                   inline=sorted(role.policies), attached=sorted(role.managed_policies))
    for policy in backend.managed_policies.values():
        if policy.arn.split(":")[4] != "aws":
            yield item("iam-policy", policy.arn, account, "", plain_tags(policy.tags), name=policy.name)
    for profile in backend.instance_profiles.values():
        yield item("iam-instance-profile", profile.name, account, "", plain_tags(profile.tags), name=profile.name,
                   roles=[role.name for role in profile.roles])
    for arn, provider in backend.open_id_providers.items():
        yield item("iam-openid-connect-provider", arn, account, "", plain_tags(provider.tags), name=provider.url)
    for user in backend.users.values():
        yield item("iam-user", user.name, account, "", name=user.name)


def plain_tags(tags) -> dict:
    """moto keeps tags as {key: {Key, Value}}, {key: value} or [{Key, Value}]."""
    if not tags:
        return {}
    if isinstance(tags, list):
        return {tag["Key"]: tag["Value"] for tag in tags}
    return {key: tag["Value"] if isinstance(tag, dict) else tag for key, tag in tags.items()}


def secret_objects():
    for account, regions in list(secretsmanager_backends.items()):
        for region, backend in list(regions.items()):
            for secret in dict.values(backend.secrets):
                state = "scheduled-for-deletion" if secret.is_deleted() else "present"
                yield item("secret", secret.arn, account, region, plain_tags(secret.tags), name=secret.name, state=state)
