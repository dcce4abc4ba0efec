"""Single security group rules as moto keeps them: ports, descriptions, and which two are the same."""

from __future__ import annotations

from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from ..errors import AwsError
from ..rules import before
from .network import backend_of

_moto_init = SecurityGroupRule.__init__
_moto_create = SecurityGroupBackend.create_security_group


def _init(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, source_group=None,
          prefix_list_id=None, is_egress=True, tags=None):
    """Protocols without ports come without them; moto wants numbers."""
    if str(ip_protocol) != "-1":
        from_port = -1 if from_port is None else from_port
        to_port = -1 if to_port is None else to_port
    _moto_init(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, source_group, prefix_list_id,
               is_egress, tags)
    self.levee_description = (prefix_list_id or {}).get("Description")


def _description(self):
    return self.ip_range.get("Description") or self.source_group.get("Description") or self.levee_description


def identity_of(rule) -> tuple:
    """What makes a rule itself; its description does not."""
    ports = (None, None) if rule.ip_protocol == "-1" else (rule.from_port, rule.to_port)
    source = (rule.ip_range.get("CidrIp"), rule.ip_range.get("CidrIpv6"), rule.prefix_list_id,
              rule.source_group.get("GroupId"))
    return rule.ip_protocol, ports, source


def _equals(self, other) -> bool:
    return identity_of(self) == identity_of(other)


SecurityGroupRule.__init__ = _init
SecurityGroupRule.__eq__ = _equals
SecurityGroupRule.description = property(_description)


def _create(self, name, description, vpc_id=None, tags=None, force=False, is_default=None):
    """The default group of a VPC lets its members talk to each other."""
    group = _moto_create(self, name, description, vpc_id, tags, force, is_default)
    if is_default:
        own = {"GroupId": group.id, "UserId": self.account_id}
        group.ingress_rules.append(
            SecurityGroupRule(self, "-1", group.id, None, None, None, own, None, is_egress=False))
    return group


SecurityGroupBackend.create_security_group = _create


@before("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def check_rule_ids(call) -> None:
    group = backend_of(call).get_security_group_from_id(call.get("GroupId") or "")
    if group is None:
        return
    rules = group.ingress_rules if call.action.endswith("Ingress") else group.egress_rules
    known = {rule.id for rule in rules}
    for identity in call.get("SecurityGroupRuleIds") or []:
        if identity not in known:
            raise AwsError("InvalidSecurityGroupRuleId.NotFound",
                           f"The security group rule ID '{identity}' does not exist")
