"""Rules of every EC2 action: DryRun, reserved tag keys, what may be tagged."""

from __future__ import annotations

from ..errors import AwsError
from ..rules import before
from .network import backend_of


@before("ec2")
def refuse_reserved_tags(call) -> None:
    tags = list(call.get("Tags") or []) if call.action == "CreateTags" else []
    tags += [t for spec in call.get("TagSpecifications") or [] if isinstance(spec, dict) for t in spec.get("Tags") or []]
    for tag in tags:
        if str(tag.get("Key", "")).lower().startswith("aws:"):
            raise AwsError("InvalidParameterValue", f"Value ( {tag['Key']} ) for parameter key is invalid. Tag keys "
                                                    "starting with 'aws:' are reserved for internal use")


@before("ec2", "CreateTags", "DeleteTags")
def check_tagged(call) -> None:
    """moto does not look for these when it tags."""
    backend = backend_of(call)
    rules = None
    for identity in call.get("Resources") or []:
        if identity.startswith("nat-") and identity not in backend.nat_gateways:
            raise AwsError("InvalidNatGatewayID.NotFound", f"The nat-gateway ID '{identity}' does not exist")
        if identity.startswith("eipalloc-") and all(a.allocation_id != identity for a in backend.addresses):
            raise AwsError("InvalidAllocationID.NotFound", f"The allocation ID '{identity}' does not exist")
        if identity.startswith("pcx-") and identity not in backend.vpc_pcxs:
            raise AwsError("InvalidVpcPeeringConnectionID.NotFound",
                           f"The vpcPeeringConnection ID '{identity}' does not exist")
        if identity.startswith("sgr-"):
            rules = rules if rules is not None else rule_ids(backend)
            if identity not in rules:
                raise AwsError("InvalidSecurityGroupRuleId.NotFound",
                               f"The security group rule ID '{identity}' does not exist")


def rule_ids(backend) -> set:
    return {rule.id for groups in backend.groups.values() for group in groups.values()
            for rule in group.ingress_rules + group.egress_rules}


@before("ec2")
def answer_dry_run(call) -> None:
    if call.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
