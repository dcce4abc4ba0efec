"""Deletes every cluster with its node groups, as somebody else might."""

import time

import boto3

eks = boto3.client("eks")
for cluster in eks.list_clusters()["clusters"]:
    for group in eks.list_nodegroups(clusterName=cluster)["nodegroups"]:
        eks.delete_nodegroup(clusterName=cluster, nodegroupName=group)
    while eks.list_nodegroups(clusterName=cluster)["nodegroups"]:
        time.sleep(0.1)
    eks.delete_cluster(name=cluster)
while eks.list_clusters()["clusters"]:
    time.sleep(0.1)
