//! The provider block's `endpoints`: one URL a service, under the names that Terraform's provider has for them.

use levee_sdk::model::{Type, Value};
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Services that this provider talks to.
const OURS: [&str; 5] = ["ec2", "eks", "iam", "secretsmanager", "sts"];

/// All names that may be written.
const NAMES: [&str; 321] = [
    "accessanalyzer", "account", "accountaccess", "acm", "acmpca", "agentregistry", "amg", "amp", "amplify",
    "apigateway", "apigatewayv2", "appautoscaling", "appconfig", "appfabric", "appflow", "appintegrations",
    "appintegrationsservice", "applicationautoscaling", "applicationinsights", "applicationsignals", "appmesh",
    "appregistry", "apprunner", "appstream", "appsync", "arcregionswitch", "arczonalshift", "athena",
    "auditmanager", "autoscaling", "autoscalingplans", "backup", "batch", "bcmdataexports", "beanstalk", "bedrock",
    "bedrockagent", "bedrockagentcore", "bedrockruntime", "billing", "budgets", "ce", "chatbot", "chime",
    "chimesdkmediapipelines", "chimesdkvoice", "cleanrooms", "cloud9", "cloudcontrol", "cloudcontrolapi",
    "cloudformation", "cloudfront", "cloudfrontkeyvaluestore", "cloudhsm", "cloudhsmv2", "cloudsearch",
    "cloudtrail", "cloudwatch", "cloudwatchevents", "cloudwatchevidently", "cloudwatchlog", "cloudwatchlogs",
    "cloudwatchobservabilityaccessmanager", "cloudwatchrum", "codeartifact", "codebuild", "codecatalyst",
    "codecommit", "codeconnections", "codedeploy", "codeguruprofiler", "codegurureviewer", "codepipeline",
    "codestarconnections", "codestarnotifications", "cognitoidentity", "cognitoidentityprovider", "cognitoidp",
    "comprehend", "computeoptimizer", "config", "configservice", "connect", "connectcases", "controltower",
    "costandusagereportservice", "costexplorer", "costoptimizationhub", "cur", "customerprofiles",
    "databasemigration", "databasemigrationservice", "databrew", "dataexchange", "datapipeline", "datasync",
    "datazone", "dax", "deploy", "detective", "devicefarm", "devopsagent", "devopsguru", "directconnect",
    "directoryservice", "directoryservicedata", "dlm", "dms", "docdb", "docdbelastic", "drs", "ds", "dsql",
    "dynamodb", "ec2", "ecr", "ecrpublic", "ecs", "efs", "eks", "elasticache", "elasticbeanstalk",
    "elasticloadbalancing", "elasticloadbalancingv2", "elasticsearch", "elasticsearchservice", "elastictranscoder",
    "elb", "elbv2", "emr", "emrcontainers", "emrserverless", "es", "eventbridge", "events", "evidently", "evs",
    "finspace", "firehose", "fis", "fms", "fsx", "gamelift", "glacier", "globalaccelerator", "glue", "gluedatabrew",
    "grafana", "greengrass", "groundstation", "guardduty", "healthlake", "iam", "identitystore", "imagebuilder",
    "inspector", "inspector2", "inspectorv2", "interconnect", "internetmonitor", "invoicing", "iot", "ivs",
    "ivschat", "kafka", "kafkaconnect", "kendra", "keyspaces", "kinesis", "kinesisanalytics", "kinesisanalyticsv2",
    "kinesisvideo", "kms", "lakeformation", "lambda", "lambdacore", "lambdamicrovms", "launchwizard", "lex",
    "lexmodelbuilding", "lexmodelbuildingservice", "lexmodels", "lexmodelsv2", "lexv2models", "licensemanager",
    "lightsail", "location", "locationservice", "logs", "m2", "macie2", "mailmanager", "managedgrafana",
    "mediaconnect", "mediaconvert", "medialive", "mediapackage", "mediapackagev2", "mediapackagevod", "mediastore",
    "memorydb", "mgn", "mpa", "mq", "msk", "mwaa", "mwaaserverless", "neptune", "neptunegraph", "networkfirewall",
    "networkflowmonitor", "networkmanager", "networkmonitor", "notifications", "notificationscontacts", "oam",
    "observabilityadmin", "odb", "opensearch", "opensearchingestion", "opensearchserverless", "opensearchservice",
    "organizations", "osis", "outposts", "paymentcryptography", "pcaconnectorad", "pcs", "pinpoint",
    "pinpointsmsvoicev2", "pipes", "polly", "pricing", "prometheus", "prometheusservice", "qbusiness", "qldb",
    "quicksight", "ram", "rbin", "rds", "rdsdata", "rdsdataservice", "recyclebin", "redshift", "redshiftdata",
    "redshiftdataapiservice", "redshiftserverless", "rekognition", "resiliencehub", "resiliencehubv2",
    "resourceexplorer2", "resourcegroups", "resourcegroupstagging", "resourcegroupstaggingapi", "rolesanywhere",
    "route53", "route53domains", "route53profiles", "route53recoverycontrolconfig", "route53recoveryreadiness",
    "route53resolver", "rum", "s3", "s3api", "s3control", "s3files", "s3outposts", "s3tables", "s3vectors",
    "sagemaker", "savingsplans", "scheduler", "schemas", "secretsmanager", "securityhub", "securitylake",
    "serverlessapplicationrepository", "serverlessapprepo", "serverlessrepo", "servicecatalog",
    "servicecatalogappregistry", "servicediscovery", "servicequotas", "ses", "sesv2", "sfn", "shield", "signer",
    "sns", "sqs", "ssm", "ssmcontacts", "ssmincidents", "ssmquicksetup", "ssmsap", "sso", "ssoadmin",
    "stepfunctions", "storagegateway", "sts", "swf", "synthetics", "taxsettings", "timestreaminfluxdb",
    "timestreamquery", "timestreamwrite", "transcribe", "transcribeservice", "transfer", "uxc",
    "verifiedpermissions", "vpclattice", "waf", "wafregional", "wafv2", "wellarchitected", "workmail", "workspaces",
    "workspacesweb", "xray",
];

/// The schema of the block. An endpoint of a service that no type here uses may be set and has no effect.
pub fn block() -> NestedBlock {
    let mut block = Block::default();
    for name in NAMES {
        let mut attribute = Attribute::new(Type::String);
        attribute.optional = true;
        attribute.doc = if OURS.contains(&name) {
            "Base URL to use for this service."
        } else {
            "Accepted for configurations shared with Terraform; no type of this provider uses the service."
        };
        block.attributes.insert(Arc::from(name), attribute);
    }
    NestedBlock { nesting: Nesting::Set, min: 0, max: None, force_new: false, computed: false, unsupported: false, deprecated: None, block }
}

/// The endpoints written in a provider block's value, by service. Later blocks win.
pub fn read(provider_block: &Value) -> BTreeMap<String, String> {
    let mut endpoints = BTreeMap::new();
    let Some(blocks) = provider_block.get("endpoints") else { return endpoints };
    for members in blocks.elements().unwrap_or_default().iter().filter_map(Value::members) {
        let set = members.iter().filter_map(|(name, url)| Some((name.to_string(), url.as_str()?.to_owned())));
        endpoints.extend(set.filter(|(_, url)| !url.is_empty()));
    }
    endpoints
}
