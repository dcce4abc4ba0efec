"""Changes nine things behind levee's back, on both sides of what is easily seen: settings, rules, routes, policies, tags."""

import json

import boto3

ec2, eks, iam, secrets = (boto3.client(name) for name in ("ec2", "eks", "iam", "secretsmanager"))
vpc = ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"][0]["VpcId"]
of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
group = next(g for g in ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"] if g["GroupName"] == "crash")["GroupId"]
tables = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
table = next(t["RouteTableId"] for t in tables if any(r.get("GatewayId", "").startswith("igw-") for r in t["Routes"]))

ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}])
ec2.create_tags(Resources=[group], Tags=[{"Key": "owner", "Value": "somebody"}])
iam.delete_role_policy(RoleName="crash-ec2", PolicyName="crash")
iam.detach_role_policy(RoleName="crash-ec2", PolicyArn="arn:aws:iam::123456789012:policy/crash")
trust = iam.get_role(RoleName="crash-eks")["Role"]["AssumeRolePolicyDocument"]
trust["Statement"][0]["Principal"] = {"Service": "lambda.amazonaws.com"}
iam.update_assume_role_policy(RoleName="crash-eks", PolicyDocument=json.dumps(trust))
eks.update_nodegroup_config(clusterName="crash", nodegroupName="crash", scalingConfig={"minSize": 1, "desiredSize": 2, "maxSize": 3})
secrets.tag_resource(SecretId="crash", Tags=[{"Key": "owner", "Value": "somebody"}])
