"""EKS access entries, access policies, add-ons and pod identity associations, without a Kubernetes behind them."""

from __future__ import annotations

import json

from .started import TRUST, LayerTest

VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


class AccessTest(LayerTest):
    def cluster(self, mode: str = "API", **more) -> None:
        vpc_id = self.vpc()
        self.subnets = [self.subnet(vpc_id, 1), self.subnet(vpc_id, 2, "us-west-2b")]
        self.role_arn = self.role()
        self.eks.create_cluster(name="main", roleArn=self.role_arn, resourcesVpcConfig={"subnetIds": self.subnets},
                                accessConfig={"authenticationMode": mode, **more})
        self.until(lambda: self.eks.describe_cluster(name="main")["cluster"]["status"], "ACTIVE")

    def principals(self) -> list:
        return self.eks.list_access_entries(clusterName="main")["accessEntries"]

    def pod_role(self, name: str = "pods") -> str:
        trust = json.loads(json.dumps(TRUST))
        trust["Statement"][0]["Principal"]["Service"].append("pods.eks.amazonaws.com")
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def test_life_of_an_access_entry(self):
        self.cluster(bootstrapClusterCreatorAdminPermissions=False)
        self.assertEqual(self.principals(), [])
        ids = {"clusterName": "main", "principalArn": self.role_arn}
        entry = self.eks.create_access_entry(**ids, kubernetesGroups=["readers"], tags={"a": "b"})["accessEntry"]
        self.assertEqual(entry["username"], "arn:aws:sts::123456789012:assumed-role/role/{{SessionName}}")
        self.assertIn(":access-entry/main/role/123456789012/role/", entry["accessEntryArn"])
        self.refused("ResourceInUseException", self.eks.create_access_entry, **ids)
        self.eks.update_access_entry(**ids, username="ann", kubernetesGroups=[])
        entry = self.eks.describe_access_entry(**ids)["accessEntry"]
        self.assertEqual((entry["username"], entry["kubernetesGroups"], entry["type"]), ("ann", [], "STANDARD"))
        self.eks.tag_resource(resourceArn=entry["accessEntryArn"], tags={"c": "d"})
        self.assertEqual(self.eks.describe_access_entry(**ids)["accessEntry"]["tags"], {"a": "b", "c": "d"})
        self.assertEqual([o["id"] for o in self.world("eks-access-entry")], [f"main:{self.role_arn}"])
        self.eks.delete_access_entry(**ids)
        self.refused("ResourceNotFoundException", self.eks.describe_access_entry, **ids)

    def test_entries_need_their_mode_and_a_principal_and_fit_names(self):
        self.cluster("CONFIG_MAP")
        ids = {"clusterName": "main", "principalArn": self.role_arn}
        self.refused("InvalidRequestException", self.eks.create_access_entry, **ids)
        self.eks.update_cluster_config(name="main", accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
        self.until(lambda: self.eks.describe_cluster(name="main")["cluster"]["status"], "ACTIVE")
        self.assertEqual(len(self.principals()), 1, "the creator has become an entry")
        why = self.refused("InvalidParameterException", self.eks.create_access_entry, **ids, kubernetesGroups=["system:masters"])
        self.assertEqual(why, "The kubernetes group name system:masters is invalid, it cannot start with system:")
        self.refused("InvalidParameterException", self.eks.create_access_entry, clusterName="main",
                     principalArn="arn:aws:iam::123456789012:role/none")
        self.refused("InvalidParameterException", self.eks.create_access_entry, **ids, type="EC2_LINUX", username="x")

    def test_policies_are_associated_with_a_scope(self):
        self.cluster()
        self.assertIn(ADMIN, [p["arn"] for p in self.eks.list_access_policies()["accessPolicies"]])
        self.assertEqual(len(self.eks.list_access_entries(clusterName="main", associatedPolicyArn=ADMIN)["accessEntries"]), 1)
        ids = {"clusterName": "main", "principalArn": self.role_arn}
        self.eks.create_access_entry(**ids)
        scope = {"type": "namespace", "namespaces": ["a", "b-*"]}
        self.eks.associate_access_policy(**ids, policyArn=VIEW, accessScope=scope)
        listed = self.eks.list_associated_access_policies(**ids)["associatedAccessPolicies"]
        self.assertEqual([(p["policyArn"], p["accessScope"]) for p in listed], [(VIEW, scope)])
        self.refused("InvalidParameterException", self.eks.associate_access_policy, **ids, policyArn=VIEW,
                     accessScope={"type": "namespace"})
        self.refused("InvalidParameterException", self.eks.associate_access_policy, **ids, policyArn=VIEW + "X",
                     accessScope={"type": "cluster"})
        self.eks.disassociate_access_policy(**ids, policyArn=VIEW)
        self.refused("ResourceNotFoundException", self.eks.disassociate_access_policy, **ids, policyArn=VIEW)

    def test_managed_nodes_get_an_entry_that_is_theirs(self):
        self.cluster()
        self.eks.create_nodegroup(clusterName="main", nodegroupName="pool", subnets=self.subnets, nodeRole=self.role_arn)
        ids = {"clusterName": "main", "principalArn": self.role_arn}
        entry = self.eks.describe_access_entry(**ids)["accessEntry"]
        self.assertEqual((entry["type"], entry["kubernetesGroups"]), ("EC2_LINUX", ["system:nodes"]))
        self.assertEqual(self.world("eks-access-entry"), [], "what EKS makes on its own is nobody's")
        self.refused("InvalidParameterException", self.eks.update_access_entry, **ids, username="x")
        self.refused("InvalidParameterException", self.eks.associate_access_policy, **ids, policyArn=VIEW,
                     accessScope={"type": "cluster"})

    def addon_status(self, name: str = "coredns") -> str:
        try:
            return self.eks.describe_addon(clusterName="main", addonName=name)["addon"]["status"]
        except self.eks.exceptions.ResourceNotFoundException:
            return "gone"

    def test_life_of_an_addon(self):
        self.cluster()
        ids = {"clusterName": "main", "addonName": "coredns"}
        catalogue = self.eks.describe_addon_versions(addonName="coredns", kubernetesVersion="1.34")["addons"][0]["addonVersions"]
        newest, older = catalogue[0]["addonVersion"], catalogue[1]["addonVersion"]
        self.assertTrue(catalogue[0]["compatibilities"][0]["defaultVersion"])
        self.refused("InvalidParameterException", self.eks.create_addon, **ids, addonVersion="v0.0.1-eksbuild.1")
        self.refused("InvalidParameterException", self.eks.create_addon, clusterName="main", addonName="nothing")
        addon = self.eks.create_addon(**ids, addonVersion=older, configurationValues='{"replicaCount": 3}')["addon"]
        self.assertEqual((addon["status"], addon["addonVersion"]), ("CREATING", older))
        self.refused("ResourceInUseException", self.eks.update_addon, **ids)
        self.until(self.addon_status, "ACTIVE")
        update = self.eks.update_addon(**ids, addonVersion=newest)["update"]
        read = {"name": "main", "addonName": "coredns", "updateId": update["id"]}
        self.until(lambda: self.eks.describe_update(**read)["update"]["status"], "Successful")
        addon = self.eks.describe_addon(**ids)["addon"]
        self.assertEqual((addon["addonVersion"], addon["configurationValues"]), (newest, '{"replicaCount": 3}'))
        self.assertEqual(self.eks.list_addons(clusterName="main")["addons"], ["coredns"])
        self.assertEqual(self.eks.delete_addon(**ids)["addon"]["status"], "DELETING")
        self.until(self.addon_status, "gone")

    def test_life_of_a_pod_identity_association(self):
        self.cluster()
        ids = {"clusterName": "main", "namespace": "apps", "serviceAccount": "web"}
        self.refused("InvalidParameterException", self.eks.create_pod_identity_association, **ids, roleArn=self.role_arn)
        made = self.eks.create_pod_identity_association(**ids, roleArn=self.pod_role())["association"]
        self.assertTrue(made["associationId"].startswith("a-"))
        self.refused("ResourceInUseException", self.eks.create_pod_identity_association, **ids, roleArn=made["roleArn"])
        one = {"clusterName": "main", "associationId": made["associationId"]}
        self.eks.update_pod_identity_association(**one, roleArn=self.pod_role("others"))
        self.assertTrue(self.eks.describe_pod_identity_association(**one)["association"]["roleArn"].endswith(":role/others"))
        listed = self.eks.list_pod_identity_associations(clusterName="main", namespace="apps")["associations"]
        self.assertEqual([a["associationId"] for a in listed], [made["associationId"]])
        self.assertEqual(self.eks.list_pod_identity_associations(clusterName="main", namespace="b")["associations"], [])
        self.eks.delete_pod_identity_association(**one)
        self.refused("ResourceNotFoundException", self.eks.describe_pod_identity_association, **one)

    def test_an_addon_owns_its_associations(self):
        self.cluster()
        wanted = [{"serviceAccount": "ebs-csi-controller-sa", "roleArn": self.pod_role()}]
        addon = self.eks.create_addon(clusterName="main", addonName="aws-ebs-csi-driver", podIdentityAssociations=wanted)["addon"]
        listed = self.eks.list_pod_identity_associations(clusterName="main")["associations"]
        self.assertEqual(([a["associationArn"] for a in listed], listed[0]["ownerArn"]),
                         (addon["podIdentityAssociations"], addon["addonArn"]))
        self.refused("InvalidParameterException", self.eks.delete_pod_identity_association, clusterName="main",
                     associationId=listed[0]["associationId"])
        self.until(lambda: self.addon_status("aws-ebs-csi-driver"), "ACTIVE")
        self.eks.delete_addon(clusterName="main", addonName="aws-ebs-csi-driver")
        self.assertEqual(self.eks.list_pod_identity_associations(clusterName="main")["associations"], [])
