"""EKS: clusters, node groups, Fargate profiles, their updates and their ends."""

from __future__ import annotations

from .started import LayerTest


class EksTest(LayerTest):
    def place(self):
        """A VPC with two subnets and a role: what a cluster needs."""
        self.vpc_id = self.vpc()
        self.subnets = [self.subnet(self.vpc_id, 1), self.subnet(self.vpc_id, 2, "us-west-2b")]
        self.role_arn = self.role()

    def request(self, name="main", **more):
        return {"name": name, "roleArn": self.role_arn, "resourcesVpcConfig": {"subnetIds": self.subnets}, **more}

    def status(self, name="main"):
        try:
            return self.eks.describe_cluster(name=name)["cluster"]["status"]
        except self.eks.exceptions.ResourceNotFoundException:
            return "gone"

    def cluster(self, name="main", **more):
        self.place()
        self.eks.create_cluster(**self.request(name, **more))
        self.until(lambda: self.status(name), "ACTIVE")
        return self.eks.describe_cluster(name=name)["cluster"]

    def node_request(self, name="pool", **more):
        return {"clusterName": "main", "nodegroupName": name, "subnets": self.subnets, "nodeRole": self.role_arn,
                "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 2}, **more}

    def node_status(self, name="pool"):
        try:
            return self.eks.describe_nodegroup(clusterName="main", nodegroupName=name)["nodegroup"]["status"]
        except self.eks.exceptions.ResourceNotFoundException:
            return "gone"

    def test_cluster_is_created_with_everything_a_provider_reads(self):
        self.place()
        created = self.eks.create_cluster(**self.request(tags={"a": "b"}, version="1.32"))["cluster"]
        self.assertEqual(created["status"], "CREATING")
        self.assertNotIn("endpoint", created)
        self.until(self.status, "ACTIVE")
        cluster = self.eks.describe_cluster(name="main")["cluster"]
        network = cluster["resourcesVpcConfig"]
        self.assertEqual(network["vpcId"], self.vpc_id)
        self.assertEqual(network["publicAccessCidrs"], ["0.0.0.0/0"])
        self.assertEqual(cluster["version"], "1.32")
        self.assertEqual(cluster["accessConfig"]["authenticationMode"], "CONFIG_MAP")
        self.assertTrue(cluster["identity"]["oidc"]["issuer"].startswith("https://oidc.eks.us-west-2."))
        group = self.ec2.describe_security_groups(GroupIds=[network["clusterSecurityGroupId"]])["SecurityGroups"][0]
        self.assertEqual(group["VpcId"], self.vpc_id)
        self.assertEqual(cluster["tags"], {"a": "b"})

    def test_same_token_gives_the_same_cluster_and_other_parameters_are_refused(self):
        self.place()
        first = self.eks.create_cluster(**self.request(clientRequestToken="t"))["cluster"]
        again = self.eks.create_cluster(**self.request(clientRequestToken="t"))["cluster"]
        self.assertEqual(first, again)
        self.refused("InvalidParameterException", self.eks.create_cluster,
                     **self.request(clientRequestToken="t", version="1.33"))
        self.refused("ResourceInUseException", self.eks.create_cluster, **self.request(clientRequestToken="u"))

    def test_subnets_and_roles_must_exist(self):
        self.place()
        wrong = self.request()
        wrong["resourcesVpcConfig"] = {"subnetIds": ["subnet-0", self.subnets[0]]}
        self.refused("InvalidParameterException", self.eks.create_cluster, **wrong)
        self.refused("InvalidParameterException", self.eks.create_cluster,
                     **{**self.request(), "roleArn": "arn:aws:iam::123456789012:role/none"})
        one_zone = self.request()
        one_zone["resourcesVpcConfig"] = {"subnetIds": self.subnets[:1]}
        self.refused("InvalidParameterException", self.eks.create_cluster, **one_zone)

    def test_one_update_at_a_time_and_it_is_applied_at_its_end(self):
        self.cluster(version="1.32")
        update = self.eks.update_cluster_version(name="main", version="1.33")["update"]
        self.assertEqual((update["status"], update["type"]), ("InProgress", "VersionUpdate"))
        self.refused("ResourceInUseException", self.eks.update_cluster_config, name="main",
                     logging={"clusterLogging": [{"types": ["api"], "enabled": True}]})
        self.until(lambda: self.eks.describe_update(name="main", updateId=update["id"])["update"]["status"], "Successful")
        self.assertEqual(self.eks.describe_cluster(name="main")["cluster"]["version"], "1.33")
        self.refused("InvalidParameterException", self.eks.update_cluster_version, name="main", version="1.32")
        self.refused("InvalidParameterException", self.eks.update_cluster_version, name="main", version="1.35")
        self.assertEqual(self.eks.list_updates(name="main")["updateIds"], [update["id"]])

    def test_configuration_updates_keep_the_rest(self):
        self.cluster()
        for change in ({"resourcesVpcConfig": {"endpointPrivateAccess": True, "publicAccessCidrs": ["10.0.0.0/8"]}},
                       {"logging": {"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]}},
                       {"upgradePolicy": {"supportType": "STANDARD"}}, {"deletionProtection": True},
                       {"accessConfig": {"authenticationMode": "API"}}):
            self.eks.update_cluster_config(name="main", **change)
            self.until(self.status, "ACTIVE")
        cluster = self.eks.describe_cluster(name="main")["cluster"]
        network = cluster["resourcesVpcConfig"]
        self.assertEqual((network["subnetIds"], network["endpointPrivateAccess"]), (self.subnets, True))
        self.assertEqual(network["publicAccessCidrs"], ["10.0.0.0/8"])
        self.assertEqual(cluster["logging"]["clusterLogging"][0], {"types": ["api", "audit"], "enabled": True})
        self.assertEqual(cluster["upgradePolicy"], {"supportType": "STANDARD"})
        self.assertEqual(cluster["accessConfig"]["authenticationMode"], "API")
        self.refused("InvalidRequestException", self.eks.delete_cluster, name="main")
        self.refused("InvalidParameterException", self.eks.update_cluster_config, name="main",
                     accessConfig={"authenticationMode": "CONFIG_MAP"})

    def test_encryption_is_associated_once(self):
        self.cluster()
        wanted = [{"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:us-west-2:123456789012:key/k"}}]
        self.eks.associate_encryption_config(clusterName="main", encryptionConfig=wanted)
        self.until(self.status, "ACTIVE")
        self.assertEqual(self.eks.describe_cluster(name="main")["cluster"]["encryptionConfig"], wanted)
        self.refused("InvalidParameterException", self.eks.associate_encryption_config, clusterName="main",
                     encryptionConfig=wanted)

    def test_tags_come_and_go_by_arn(self):
        arn = self.cluster(tags={"a": "1", "b": "2"})["arn"]
        self.eks.tag_resource(resourceArn=arn, tags={"c": "3"})
        self.eks.untag_resource(resourceArn=arn, tagKeys=["a", "b"])
        self.assertEqual(self.eks.list_tags_for_resource(resourceArn=arn)["tags"], {"c": "3"})

    def test_nodegroup_needs_an_active_cluster(self):
        self.place()
        self.eks.create_cluster(**self.request())
        self.refused("InvalidRequestException", self.eks.create_nodegroup, **self.node_request())

    def test_nodegroup_life(self):
        self.cluster(version="1.32")
        self.eks.create_nodegroup(**self.node_request(labels={"a": "1"}, tags={"t": "v"}))
        self.assertEqual(self.node_status(), "CREATING")
        self.until(self.node_status, "ACTIVE")
        group = self.eks.describe_nodegroup(clusterName="main", nodegroupName="pool")["nodegroup"]
        self.assertEqual((group["version"], group["diskSize"], group["capacityType"]), ("1.32", 20, "ON_DEMAND"))
        self.assertTrue(group["resources"]["autoScalingGroups"][0]["name"].startswith("eks-pool-"))
        self.refused("ResourceInUseException", self.eks.delete_cluster, name="main")
        self.eks.update_nodegroup_config(
            clusterName="main", nodegroupName="pool", labels={"addOrUpdateLabels": {"b": "2"}, "removeLabels": ["a"]},
            taints={"addOrUpdateTaints": [{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}]},
            scalingConfig={"desiredSize": 3})
        self.refused("ResourceInUseException", self.eks.update_nodegroup_config, clusterName="main",
                     nodegroupName="pool", scalingConfig={"desiredSize": 1})
        self.until(self.node_status, "ACTIVE")
        group = self.eks.describe_nodegroup(clusterName="main", nodegroupName="pool")["nodegroup"]
        self.assertEqual((group["labels"], group["scalingConfig"]["desiredSize"]), ({"b": "2"}, 3))
        self.assertEqual(group["taints"], [{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}])
        self.refused("InvalidParameterException", self.eks.update_nodegroup_version, clusterName="main",
                     nodegroupName="pool", version="1.33")
        self.eks.delete_nodegroup(clusterName="main", nodegroupName="pool")
        self.until(self.node_status, "gone")

    def test_fargate_profiles_go_one_at_a_time(self):
        self.cluster()
        profile = {"clusterName": "main", "podExecutionRoleArn": self.role_arn, "subnets": self.subnets,
                   "selectors": [{"namespace": "default"}]}

        def status(name):
            try:
                found = self.eks.describe_fargate_profile(clusterName="main", fargateProfileName=name)
                return found["fargateProfile"]["status"]
            except self.eks.exceptions.ResourceNotFoundException:
                return "gone"

        self.eks.create_fargate_profile(fargateProfileName="one", **profile)
        self.refused("ResourceInUseException", self.eks.create_fargate_profile, fargateProfileName="two", **profile)
        self.until(lambda: status("one"), "ACTIVE")
        self.assertEqual(self.eks.list_fargate_profiles(clusterName="main")["fargateProfileNames"], ["one"])
        self.refused("ResourceInUseException", self.eks.delete_cluster, name="main")
        self.eks.delete_fargate_profile(clusterName="main", fargateProfileName="one")
        self.until(lambda: status("one"), "gone")
        self.assertEqual(self.eks.list_fargate_profiles(clusterName="main")["fargateProfileNames"], [])

    def test_deletion_takes_the_security_group_and_interfaces_along(self):
        group = self.cluster()["resourcesVpcConfig"]["clusterSecurityGroupId"]
        self.refused("DependencyViolation", self.ec2.delete_security_group, GroupId=group)
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnets[0])
        self.eks.delete_cluster(name="main")
        self.until(self.status, "gone")
        self.refused("InvalidGroup.NotFound", self.ec2.describe_security_groups, GroupIds=[group])
        for subnet in self.subnets:
            self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.delete_vpc(VpcId=self.vpc_id)
        self.assertEqual([o["type"] for o in self.world()], ["iam-role"])

    def test_lists_have_pages(self):
        self.place()
        for name in ("a", "b", "c"):
            self.eks.create_cluster(**self.request(name))
        pages = self.eks.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
        self.assertEqual([page["clusters"] for page in pages], [["a", "b"], ["c"]])
