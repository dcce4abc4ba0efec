"""Changes three things behind levee's back: a tag of the VPC, the size of the node group, and a route that it removes."""

import boto3

ec2, eks = boto3.client("ec2"), boto3.client("eks")


def named(call, key, name):
    """The one thing with this Name."""
    return getattr(ec2, call)(Filters=[{"Name": "tag:Name", "Values": [name]}])[key][0]


ec2.create_tags(Resources=[named("describe_vpcs", "Vpcs", "test1/VPC")["VpcId"]], Tags=[{"Key": "managed-by", "Value": "somebody"}])
eks.update_nodegroup_config(clusterName="test1", nodegroupName="ng", scalingConfig={"minSize": 1, "desiredSize": 4, "maxSize": 12})
eks.get_waiter("nodegroup_active").wait(clusterName="test1", nodegroupName="ng", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
ec2.delete_route(RouteTableId=named("describe_route_tables", "RouteTables", "test1/PrivateRouteTable/us-west-2d")["RouteTableId"],
                 DestinationCidrBlock="0.0.0.0/0")
