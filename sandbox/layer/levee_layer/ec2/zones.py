"""Availability zones, with the fields and filters that data sources ask for."""

from __future__ import annotations

from ..errors import AwsError
from ..rules import handles
from .filters import passes, wanted_filters
from .network import backend_of


def row(zone) -> dict:
    group = f"{zone.region_name}-zg-1"
    return {"ZoneName": zone.name, "ZoneId": zone.zone_id, "RegionName": zone.region_name, "ZoneType": zone.zone_type,
            "State": zone.state, "Messages": [], "OptInStatus": "opt-in-not-required", "GroupName": group,
            "NetworkBorderGroup": zone.region_name}


def values_of(zone: dict) -> dict:
    return {"zone-name": zone["ZoneName"], "zone-id": zone["ZoneId"], "region-name": zone["RegionName"],
            "zone-type": zone["ZoneType"], "state": zone["State"], "opt-in-status": zone["OptInStatus"],
            "group-name": zone["GroupName"], "message": []}


@handles("ec2", "DescribeAvailabilityZones")
def describe(call) -> dict:
    rows = [row(zone) for zone in backend_of(call).describe_availability_zones()]
    for given, key in (("ZoneNames", "ZoneName"), ("ZoneIds", "ZoneId")):
        wanted = call.get(given) or []
        missing = [name for name in wanted if name not in [r[key] for r in rows]]
        if missing:
            raise AwsError("InvalidParameterValue", f"Invalid availability zone: [{missing[0]}]")
        rows = [r for r in rows if not wanted or r[key] in wanted]
    filters = wanted_filters(call)
    return {"AvailabilityZones": [r for r in rows if passes(filters, values_of(r), {}, call.action)]}
