"""Security groups: checks of what is asked for, complete rules, changes of a rule by its id."""

from __future__ import annotations

import ipaddress

from ..errors import AwsError
from ..rules import before, handles
from .filters import passes, wanted_filters
from .network import backend_of, groups_of

@before("ec2", "CreateSecurityGroup")
def check_create(call) -> None:
    name, vpc_id = call.get("GroupName", ""), call.get("VpcId")
    backend = backend_of(call)
    if name == "default" or name.startswith("sg-"):
        raise AwsError("InvalidParameterValue", f"Cannot use reserved security group name: {name}")
    if vpc_id and vpc_id not in backend.vpcs:
        raise AwsError("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")


@before("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def check_permissions(call) -> None:
    """Ports and ranges as AWS checks them, and the groups referred to."""
    for permission in call.get("IpPermissions") or []:
        check_permission(permission)
        for pair in permission.get("UserIdGroupPairs") or []:
            check_pair(call, pair)


def check_permission(permission: dict) -> None:
    protocol = permission.get("IpProtocol")
    if protocol is None:
        raise AwsError("InvalidParameterValue", "Invalid value 'null' for protocol. VPC security group rules must "
                                                "specify protocols explicitly.")
    ports = permission.get("FromPort"), permission.get("ToPort")
    if protocol in ("tcp", "udp", "6", "17"):
        if None in ports:
            raise AwsError("InvalidParameterValue", "Invalid value for portRange. Must specify both from and to ports "
                                                    "with TCP/UDP.")
        if ports[0] > ports[1]:
            raise AwsError("InvalidParameterValue", f"Invalid TCP/UDP port range ({ports[0]}:{ports[1]})")
    for key, field in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for row in permission.get(key) or []:
            check_cidr(row.get(field))


def check_cidr(cidr) -> None:
    try:
        ipaddress.ip_network(cidr, strict=False)
    except (ValueError, TypeError):
        raise AwsError("InvalidParameterValue", f"CIDR block {cidr} is malformed") from None


def check_pair(call, pair: dict) -> None:
    """A group of this account must exist; those of others, or beyond a peering, are not looked for."""
    group_id = pair.get("GroupId")
    if (pair.get("UserId") or call.account) != call.account or pair.get("VpcPeeringConnectionId"):
        return
    if group_id and not any(group.id == group_id for group in groups_of(backend_of(call))):
        raise AwsError("InvalidGroup.NotFound", f"You have specified two resources that belong to different networks "
                                                f"or the security group '{group_id}' does not exist")


@handles("ec2", "DescribeSecurityGroupRules")
def describe_rules(call) -> dict:
    backend = backend_of(call)
    rules = [rule for group in groups_of(backend) for rule in group.ingress_rules + group.egress_rules]
    wanted = call.get("SecurityGroupRuleIds") or []
    known = {rule.id for rule in rules}
    for identity in wanted:
        if identity not in known:
            raise AwsError("InvalidSecurityGroupRuleId.NotFound",
                           f"The security group rule ID '{identity}' does not exist")
    filters = wanted_filters(call)
    chosen = [r for r in rules if not wanted or r.id in wanted]
    chosen = [r for r in chosen
              if passes(filters, {"group-id": r.group_id, "security-group-rule-id": r.id},
                        backend.tags.get(r.id) or {}, call.action)]
    return {"SecurityGroupRules": [shown_rule(backend, rule) for rule in chosen]}


def shown_rule(backend, rule) -> dict:
    tags = [{"Key": k, "Value": v} for k, v in (backend.tags.get(rule.id) or {}).items()]
    view = {
        "SecurityGroupRuleId": rule.id, "GroupId": rule.group_id, "GroupOwnerId": backend.account_id,
        "IsEgress": rule.is_egress, "IpProtocol": rule.ip_protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port, "Tags": tags,
        "SecurityGroupRuleArn": f"arn:aws:ec2:{backend.region_name}:{backend.account_id}:security-group-rule/{rule.id}",
    }
    optional = {"CidrIpv4": rule.ip_range.get("CidrIp"), "CidrIpv6": rule.ip_range.get("CidrIpv6"),
                "PrefixListId": rule.prefix_list_id, "Description": rule.description}
    view.update({key: value for key, value in optional.items() if value})
    if rule.source_group:
        view["ReferencedGroupInfo"] = {
            "GroupId": rule.source_group.get("GroupId"), "UserId": rule.source_group.get("UserId") or backend.account_id}
        if rule.source_group.get("VpcPeeringConnectionId"):
            view["ReferencedGroupInfo"]["VpcPeeringConnectionId"] = rule.source_group["VpcPeeringConnectionId"]
    return view


@handles("ec2", "ModifySecurityGroupRules")
def modify_rules(call) -> dict:
    backend = backend_of(call)
    group = backend.get_security_group_from_id(call.get("GroupId", ""))
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{call.get('GroupId')}' does not exist")
    for wanted in call.get("SecurityGroupRules") or []:
        rule = next((r for r in group.ingress_rules + group.egress_rules
                     if r.id == wanted.get("SecurityGroupRuleId")), None)
        if rule is None:
            raise AwsError("InvalidSecurityGroupRuleId.NotFound",
                           f"The security group rule ID '{wanted.get('SecurityGroupRuleId')}' does not exist")
        modify(call, group, rule, wanted.get("SecurityGroupRule") or {})
    return {"Return": True}


def kind_of_rule(rule) -> str:
    if "CidrIp" in rule.ip_range:
        return "CidrIpv4"
    if "CidrIpv6" in rule.ip_range:
        return "CidrIpv6"
    return "PrefixListId" if rule.prefix_list_id else "ReferencedGroupId"


def modify(call, group, rule, wanted: dict) -> None:
    """Replaces the whole rule; the kind of its source may not change."""
    given = [k for k in ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId") if wanted.get(k)]
    if len(given) != 1:
        raise AwsError("InvalidParameterCombination" if given else "MissingParameter",
                       "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId")
    kind = given[0]
    if kind != kind_of_rule(rule):
        raise AwsError("InvalidParameterValue", f"Invalid rule type for security group rule '{rule.id}'. You may not "
                                                f"specify {kind} for an existing {kind_of_rule(rule)} rule.")
    check_permission(wanted)
    if kind == "ReferencedGroupId":
        check_pair(call, {"GroupId": wanted[kind]})
    elif kind != "PrefixListId":
        check_cidr(wanted[kind])
    apply(rule, kind, wanted)
    siblings = group.egress_rules if rule.is_egress else group.ingress_rules
    if any(other is not rule and other == rule for other in siblings):
        raise AwsError("InvalidPermission.Duplicate", "the specified rule already exists")


def apply(rule, kind: str, wanted: dict) -> None:
    rule.ip_protocol = {"6": "tcp", "17": "udp", "1": "icmp"}.get(wanted["IpProtocol"], wanted["IpProtocol"])
    everything = rule.ip_protocol == "-1"
    rule.from_port = None if everything else wanted.get("FromPort")
    rule.to_port = None if everything else wanted.get("ToPort")
    text = {"Description": wanted["Description"]} if wanted.get("Description") else {}
    if kind == "CidrIpv4":
        rule.ip_range = {"CidrIp": wanted[kind], **text}
    elif kind == "CidrIpv6":
        rule.ip_range = {"CidrIpv6": wanted[kind], **text}
    elif kind == "ReferencedGroupId":
        rule.source_group = {"GroupId": wanted[kind], "UserId": rule.ec2_backend.account_id, **text}
    else:
        rule.prefix_list_id = wanted[kind]
    rule.levee_description = wanted.get("Description") if kind == "PrefixListId" else None
