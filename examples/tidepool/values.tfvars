cluster_name    = "test1"
cluster_version = "1.34"

region        = "us-west-2"
zones         = ["us-west-2c", "us-west-2d", "us-west-2b"]
vpc_cidr      = "10.47.0.0/16"
database_cidr = "10.64.0.0/16" # int; the others are prd 10.16, stg 10.32 and dev 10.48

node_groups = {
  ng = {
    instance_type    = "m4.large"
    desired_capacity = 4
    min_size         = 1
    max_size         = 10
  }
}

environments = ["qa2"]
image_tag    = "v1.7.0"
addons       = ["vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent", "aws-ebs-csi-driver"]

secrets = {
  "datadog/datadog" = {
    random = ["token"]
  }
  "qa2/dexcom-api" = {
    random = ["StateSalt"]
  }
  "qa2/mongo" = {
    given = {
      Scheme    = "mongodb"
      Addresses = "mongo-0.int.internal:27017,mongo-1.int.internal:27017"
      Username  = "tidepool"
      Tls       = "true"
      OptParams = "replicaSet=int"
    }
    random = ["Password"]
  }
  "qa2/server" = {
    random = ["ServiceAuth"]
  }
}

secret_recovery_days = 0 # a test cluster comes and goes under one name
