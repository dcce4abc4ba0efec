"""EC2: the rules that stand in front of moto."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from .started import LayerTest


class Ec2Test(LayerTest):
    def igw(self, vpc_id):
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        return gateway

    def address(self):
        return self.ec2.allocate_address(Domain="vpc")["AllocationId"]

    def nat(self, subnet, allocation, **more):
        return self.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation, **more)["NatGateway"]["NatGatewayId"]

    def nat_state(self, nat):
        return self.ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]

    def group(self, vpc_id, name="g"):
        return self.ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc_id)["GroupId"]

    def test_nat_gateway_life_holds_and_releases_its_address(self):
        vpc_id = self.vpc()
        subnet, gateway, allocation = self.subnet(vpc_id, 1), self.igw(vpc_id), self.address()
        nat = self.nat(subnet, allocation, TagSpecifications=[
            {"ResourceType": "natgateway", "Tags": [{"Key": "Name", "Value": "n"}]}])
        self.assertEqual(self.nat_state(nat), "pending")
        self.until(lambda: self.nat_state(nat), "available")
        found = self.ec2.describe_nat_gateways(Filters=[{"Name": "tag:Name", "Values": ["n"]}])["NatGateways"][0]
        self.assertEqual(found["NatGatewayAddresses"][0]["AllocationId"], allocation)
        self.assertTrue(found["NatGatewayAddresses"][0]["PrivateIp"].startswith("10.0.1."))
        self.assertEqual(found["Tags"], [{"Key": "Name", "Value": "n"}])
        none = self.ec2.describe_nat_gateways(Filters=[{"Name": "tag:Name", "Values": ["other"]}])["NatGateways"]
        self.assertEqual(none, [])
        self.refused("InvalidIPAddress.InUse", self.ec2.release_address, AllocationId=allocation)
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=subnet)
        self.refused("DependencyViolation", self.ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc_id)
        self.ec2.delete_nat_gateway(NatGatewayId=nat)
        self.assertEqual(self.nat_state(nat), "deleting")
        self.until(lambda: self.nat_state(nat), "deleted")
        self.ec2.release_address(AllocationId=allocation)
        self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)

    def test_client_tokens(self):
        vpc_id = self.vpc()
        subnet, allocation = self.subnet(vpc_id, 1), self.address()
        nats = {self.nat(subnet, allocation, ClientToken="t") for _ in range(3)}
        self.assertEqual(len(nats), 1)
        with ThreadPoolExecutor(8) as pool:
            tables = set(pool.map(lambda _: self.ec2.create_route_table(
                VpcId=vpc_id, ClientToken="r")["RouteTable"]["RouteTableId"], range(8)))
        self.assertEqual(len(tables), 1)
        self.refused("IdempotentParameterMismatch", self.ec2.create_nat_gateway, SubnetId=subnet,
                     ConnectivityType="private", ClientToken="t")

    def test_groups_in_use_are_kept(self):
        vpc_id = self.vpc()
        one, two = self.group(vpc_id, "one"), self.group(vpc_id, "two")
        rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": two}]}
        self.ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=[rule])
        self.refused("DependencyViolation", self.ec2.delete_security_group, GroupId=two)
        self.ec2.delete_security_group(GroupId=one)
        self.ec2.delete_security_group(GroupId=two)
        default = self.ec2.describe_security_groups(Filters=[
            {"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}])["SecurityGroups"][0]
        self.assertEqual(default["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"], default["GroupId"])
        self.refused("CannotDelete", self.ec2.delete_security_group, GroupId=default["GroupId"])

    def test_rules_are_complete_and_can_be_modified(self):
        vpc_id = self.vpc()
        group, other = self.group(vpc_id), self.group(vpc_id, "other")
        made = self.ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "IpRanges": [
                {"CidrIp": "10.0.0.0/8", "Description": "d"}]}],
            TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "a", "Value": "b"}]}],
        )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        rule = self.rule(made)
        self.assertEqual((rule["CidrIpv4"], rule["FromPort"], rule["Description"]), ("10.0.0.0/8", 80, "d"))
        self.assertEqual(rule["Tags"], [{"Key": "a", "Value": "b"}])
        self.ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[{
            "SecurityGroupRuleId": made, "SecurityGroupRule": {"IpProtocol": "-1", "CidrIpv4": "10.1.0.0/16"}}])
        rule = self.rule(made)
        self.assertEqual((rule["CidrIpv4"], rule["IpProtocol"], rule["FromPort"]), ("10.1.0.0/16", "-1", -1))
        self.assertNotIn("Description", rule)
        refers = self.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[
            {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "UserIdGroupPairs": [{"GroupId": other}]}])
        rule = self.rule(refers["SecurityGroupRules"][0]["SecurityGroupRuleId"])
        self.assertEqual((rule["ReferencedGroupInfo"]["GroupId"], rule["IsEgress"]), (other, True))
        self.ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[made])
        self.refused("InvalidSecurityGroupRuleId.NotFound", self.rule, identity=made)

    def rule(self, identity):
        return self.ec2.describe_security_group_rules(SecurityGroupRuleIds=[identity])["SecurityGroupRules"][0]

    def test_vpc_is_kept_while_anything_is_in_it(self):
        vpc_id = self.vpc()
        gateway, group = self.igw(vpc_id), self.group(vpc_id)
        table = self.ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        subnet = self.subnet(vpc_id, 1)

        def refused():
            self.refused("DependencyViolation", self.ec2.delete_vpc, VpcId=vpc_id)

        refused()
        self.ec2.delete_subnet(SubnetId=subnet)
        refused()
        self.ec2.delete_route_table(RouteTableId=table)
        refused()
        self.ec2.delete_security_group(GroupId=group)
        refused()
        self.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        self.ec2.delete_internet_gateway(InternetGatewayId=gateway)
        self.ec2.delete_vpc(VpcId=vpc_id)
        self.assertEqual(self.world(), [])

    def test_route_tables(self):
        vpc_id = self.vpc()
        subnet, gateway = self.subnet(vpc_id, 1), self.igw(vpc_id)
        one, two = (self.ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"] for _ in range(2))
        self.ec2.associate_route_table(RouteTableId=one, SubnetId=subnet)
        self.refused("Resource.AlreadyAssociated", self.ec2.associate_route_table, RouteTableId=two, SubnetId=subnet)
        self.refused("InvalidNatGatewayID.NotFound", self.ec2.create_route, RouteTableId=one,
                     DestinationCidrBlock="0.0.0.0/0", NatGatewayId="nat-0123456789abcdef0")
        self.ec2.create_route(RouteTableId=one, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        self.refused("RouteAlreadyExists", self.ec2.create_route, RouteTableId=one,
                     DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        self.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        self.ec2.delete_internet_gateway(InternetGatewayId=gateway)
        routes = self.ec2.describe_route_tables(RouteTableIds=[one])["RouteTables"][0]["Routes"]
        self.assertEqual([r["State"] for r in routes], ["active", "blackhole"])
        self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.delete_route_table(RouteTableId=one)
        main = self.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {
            "Name": "association.main", "Values": ["true"]}])["RouteTables"][0]["RouteTableId"]
        self.refused("DependencyViolation", self.ec2.delete_route_table, RouteTableId=main)

    def test_peering(self):
        one, two, three = self.vpc(), self.vpc("10.1.0.0/16"), self.vpc("10.0.0.0/20")
        pcx = self.ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=two)["VpcPeeringConnection"]
        self.assertEqual(pcx["Status"]["Code"], "initiating-request")
        identity = pcx["VpcPeeringConnectionId"]
        self.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=identity)
        self.ec2.modify_vpc_peering_connection_options(
            VpcPeeringConnectionId=identity, AccepterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True})
        found = self.peerings("accepter-vpc-info.vpc-id", two)[0]
        self.assertTrue(found["AccepterVpcInfo"]["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"])
        self.assertEqual(self.peerings("status-code", "pending-acceptance"), [])
        failed = self.ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=three)["VpcPeeringConnection"]
        self.assertEqual(failed["Status"]["Code"], "failed")
        self.refused("DependencyViolation", self.ec2.delete_vpc, VpcId=two)
        self.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=identity)
        self.assertEqual(self.peerings("requester-vpc-info.vpc-id", one)[0]["Status"]["Code"], "deleted")
        self.ec2.delete_vpc(VpcId=two)
        self.refused("InvalidVpcPeeringConnectionID.NotFound", self.ec2.describe_vpc_peering_connections,
                     VpcPeeringConnectionIds=["pcx-0123456789abcdef0"])

    def peerings(self, name, value):
        return self.ec2.describe_vpc_peering_connections(
            Filters=[{"Name": name, "Values": [value]}])["VpcPeeringConnections"]

    def test_peering_between_regions_has_tags_on_each_side(self):
        east = self.layer.client("ec2", region="us-east-1")
        one = self.vpc()
        two = east.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        identity = self.ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=two, PeerRegion="us-east-1")[
            "VpcPeeringConnection"]["VpcPeeringConnectionId"]
        east.create_tags(Resources=[identity], Tags=[{"Key": "side", "Value": "accepter"}])
        east.accept_vpc_peering_connection(VpcPeeringConnectionId=identity)
        seen = east.describe_vpc_peering_connections(VpcPeeringConnectionIds=[identity])["VpcPeeringConnections"][0]
        self.assertEqual(seen["Tags"], [{"Key": "side", "Value": "accepter"}])
        self.assertEqual(self.peerings("requester-vpc-info.vpc-id", one)[0]["Tags"], [])

    def test_describe_calls_have_pages(self):
        vpc_id = self.vpc()
        subnets = {self.subnet(vpc_id, i) for i in range(7)}
        filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
        pages = list(self.ec2.get_paginator("describe_subnets").paginate(
            Filters=filters, PaginationConfig={"PageSize": 5}))
        self.assertEqual([len(page["Subnets"]) for page in pages], [5, 2])
        self.assertEqual({s["SubnetId"] for page in pages for s in page["Subnets"]}, subnets)

    def test_reserved_tags_and_dry_run(self):
        vpc_id = self.vpc()
        self.refused("InvalidParameterValue", self.ec2.create_tags, Resources=[vpc_id],
                     Tags=[{"Key": "aws:x", "Value": "y"}])
        self.refused("DryRunOperation", self.ec2.create_vpc, CidrBlock="10.3.0.0/16", DryRun=True)
        self.assertEqual(len(self.world("vpc")), 1)

    def test_many_calls_at_once(self):
        vpc_id = self.vpc()
        with ThreadPoolExecutor(16) as pool:
            subnets = list(pool.map(lambda i: self.subnet(vpc_id, i), range(60)))
            for _ in pool.map(lambda s: self.ec2.create_tags(
                    Resources=[s], Tags=[{"Key": "Name", "Value": s}]), subnets):
                pass
        found = self.ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
        self.assertTrue(all(s["Tags"][0]["Value"] == s["SubnetId"] for s in found))
        self.assertEqual(len(found), 60)

    def test_subnet_settings_are_kept(self):
        subnet = self.subnet(self.vpc(), 1)
        for change in ({"MapPublicIpOnLaunch": {"Value": True}}, {"EnableDns64": {"Value": True}},
                       {"PrivateDnsHostnameTypeOnLaunch": "resource-name"},
                       {"EnableResourceNameDnsARecordOnLaunch": {"Value": True}}):
            self.ec2.modify_subnet_attribute(SubnetId=subnet, **change)
        found = self.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]
        self.assertTrue(found["MapPublicIpOnLaunch"] and found["EnableDns64"])
        self.assertEqual(found["PrivateDnsNameOptionsOnLaunch"], {
            "HostnameType": "resource-name", "EnableResourceNameDnsARecord": True,
            "EnableResourceNameDnsAAAARecord": False})
        self.refused("InvalidParameterValue", self.ec2.create_subnet, VpcId=found["VpcId"], CidrBlock="10.0.2.0/24",
                     AvailabilityZone="eu-west-1a")

    def test_rules_of_every_protocol_come_and_go(self):
        vpc_id = self.vpc()
        group = self.group(vpc_id)
        permissions = [
            {"IpProtocol": "50", "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "esp"}]},
            {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            {"IpProtocol": "icmpv6", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [
                {"GroupId": group, "Description": "own"}]},
            {"IpProtocol": "tcp", "FromPort": 5, "ToPort": 5, "PrefixListIds": [
                {"PrefixListId": "pl-1", "Description": "list"}]},
        ]
        made = [self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[p])["SecurityGroupRules"][0]
                for p in permissions]
        self.assertEqual([m.get("Description") for m in made], ["esp", None, None, "own", "list"])
        self.refused("InvalidPermission.Duplicate", self.ec2.authorize_security_group_ingress, GroupId=group,
                     IpPermissions=[{"IpProtocol": "50", "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "x"}]}])
        self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": group}]}])
        self.refused("InvalidSecurityGroupRuleId.NotFound", self.ec2.revoke_security_group_ingress, GroupId=group,
                     SecurityGroupRuleIds=[made[3]["SecurityGroupRuleId"]])

    def test_availability_zones(self):
        found = self.ec2.describe_availability_zones(
            Filters=[{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}])["AvailabilityZones"]
        self.assertEqual([z["ZoneName"] for z in found[:2]], ["us-west-2a", "us-west-2b"])
        self.assertEqual(self.ec2.describe_availability_zones(
            Filters=[{"Name": "opt-in-status", "Values": ["not-opted-in"]}])["AvailabilityZones"], [])

    def test_deleted_objects_leave_no_tags(self):
        vpc_id = self.vpc()
        self.ec2.create_tags(Resources=[vpc_id], Tags=[{"Key": "a", "Value": "b"}])
        self.ec2.delete_vpc(VpcId=vpc_id)
        self.assertEqual(self.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [vpc_id]}])["Tags"], [])

    def test_missing_objects_are_named(self):
        vpc_id = self.vpc()
        message = self.refused("InvalidVpcID.NotFound", self.ec2.describe_vpcs, VpcIds=[vpc_id, "vpc-0", "vpc-1"])
        self.assertEqual(message, "The vpc IDs 'vpc-0, vpc-1' do not exist")
        table = self.ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        self.refused("InvalidVpcPeeringConnectionID.NotFound", self.ec2.create_route, RouteTableId=table,
                     DestinationCidrBlock="10.9.0.0/16", VpcPeeringConnectionId="pcx-0123456789abcdef0")
