//! The one table of refusals that pass by themselves, call by call. What holds for every call is in [`crate::sender`].

use crate::client::Aws;
use levee_sdk::Ctx;
use levee_sdk::error::Result;
use levee_sdk::wait::{Pace, RetryRule, retrying};
use std::future::Future;
use std::time::Duration;

/// How long network interfaces, gateways and clusters may take to let go of what they use.
const LETTING_GO: Duration = Duration::from_mins(20);
/// How long a new object may take to be visible to another service.
const BECOMING_VISIBLE: Duration = Duration::from_mins(2);
/// How long IAM may take to see that a policy or role was detached a moment ago.
const BEING_DETACHED: Duration = Duration::from_secs(5);
/// How long a role may be unknown to IAM itself: short, for the name may as well be wrong.
const ROLE_SHOWN: Duration = Duration::from_secs(15);
/// How long the name of a secret deleted at once may stay taken.
const NAME_GIVEN_BACK: Duration = Duration::from_secs(30);
/// What the operator is told about a role that EKS does not see yet.
const ROLE_IS_NEW: &str = "the role is not visible to EKS yet";
/// How often it is tried.
const PACE: Pace = Pace::millis(500, 10_000);

const fn rule(operation: &'static str, code: &'static str, message: &'static str, patience: Duration, status: &'static str) -> RetryRule {
    RetryRule { operation, code, message, patience, status }
}

/// Call, error code, part of the message, patience, and what the operator is told.
pub const RULES: &[RetryRule] = &[
    rule("ec2:DeleteVpc", "DependencyViolation", "", LETTING_GO, "something still uses it"),
    rule("ec2:DeleteSubnet", "DependencyViolation", "", LETTING_GO, "something still uses it"),
    rule("ec2:DeleteRouteTable", "DependencyViolation", "", LETTING_GO, "something still uses it"),
    rule("ec2:DeleteSecurityGroup", "DependencyViolation", "", LETTING_GO, "something still uses it"),
    rule("ec2:DeleteSecurityGroup", "InvalidGroup.InUse", "", LETTING_GO, "something still uses it"),
    rule("ec2:DeleteInternetGateway", "DependencyViolation", "", LETTING_GO, "something still uses it"),
    rule("ec2:DetachInternetGateway", "DependencyViolation", "", LETTING_GO, "something still uses it"),
    rule("ec2:ReleaseAddress", "InvalidIPAddress.InUse", "", LETTING_GO, "something still uses it"),
    rule(
        "ec2:ReleaseAddress",
        "AuthFailure",
        "do not have permission to access the specified resource",
        LETTING_GO,
        "something still uses it",
    ),
    rule(
        "ec2:DisassociateAddress",
        "AuthFailure",
        "do not have permission to access the specified resource",
        LETTING_GO,
        "something still uses it",
    ),
    rule("ec2:DeleteVpcPeeringConnection", "InvalidStateTransition", "", LETTING_GO, "another change is under way"),
    rule("ec2:CreateRoute", "InvalidParameterException", "", BECOMING_VISIBLE, "the route's target is not ready"),
    rule("ec2:CreateRoute", "InvalidNatGatewayID.NotFound", "", BECOMING_VISIBLE, "the route's target is not ready"),
    rule("ec2:CreateRoute", "InvalidTransitGatewayID.NotFound", "", BECOMING_VISIBLE, "the route's target is not ready"),
    rule("ec2:ReplaceRoute", "InvalidNatGatewayID.NotFound", "", BECOMING_VISIBLE, "the route's target is not ready"),
    rule("eks:CreateCluster", "InvalidParameterException", "could not be assumed", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:CreateCluster", "InvalidParameterException", "Error in role params", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:CreateCluster", "InvalidParameterException", "EKS Managed Policies associated", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:CreateCluster", "InvalidParameterException", "IAM role's policy must include", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:CreateNodegroup", "InvalidParameterException", "could not be assumed", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:CreateNodegroup", "InvalidParameterException", "Error in role params", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:UpdateClusterConfig", "ResourceInUseException", "", LETTING_GO, "another update is under way"),
    rule("eks:UpdateClusterVersion", "ResourceInUseException", "", LETTING_GO, "another update is under way"),
    rule("eks:AssociateEncryptionConfig", "ResourceInUseException", "", LETTING_GO, "another update is under way"),
    rule("eks:UpdateNodegroupConfig", "ResourceInUseException", "", LETTING_GO, "another update is under way"),
    rule("eks:UpdateNodegroupVersion", "ResourceInUseException", "", LETTING_GO, "another update is under way"),
    rule("eks:DeleteCluster", "ResourceInUseException", "in progress", LETTING_GO, "an update is under way"),
    rule("eks:DeleteNodegroup", "ResourceInUseException", "in progress", LETTING_GO, "an update is under way"),
    rule("eks:CreateFargateProfile", "ResourceInUseException", "currently has Fargate profile", LETTING_GO, "another profile is changing"),
    rule("eks:DeleteFargateProfile", "ResourceInUseException", "currently has Fargate profile", LETTING_GO, "another profile is changing"),
    rule("eks:CreateAccessEntry", "InvalidParameterException", "invalid principal", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule(
        "eks:AssociateAccessPolicy",
        "ResourceNotFoundException",
        "principalArn could not be found",
        ROLE_SHOWN,
        "the access entry is new",
    ),
    rule("eks:CreatePodIdentityAssociation", "InvalidParameterException", "", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:UpdatePodIdentityAssociation", "InvalidParameterException", "", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:CreateAddon", "InvalidParameterException", "does not exist", BECOMING_VISIBLE, ROLE_IS_NEW),
    rule("eks:UpdateAddon", "ResourceInUseException", "", LETTING_GO, "another update is under way"),
    rule("iam:AttachRolePolicy", "NoSuchEntity", "role with name", ROLE_SHOWN, "the role is not visible yet"),
    rule("iam:PutRolePolicy", "NoSuchEntity", "role with name", ROLE_SHOWN, "the role is not visible yet"),
    rule("iam:AddRoleToInstanceProfile", "NoSuchEntity", "role with name", ROLE_SHOWN, "the role is not visible yet"),
    rule("iam:DeleteRole", "DeleteConflict", "", BEING_DETACHED, "something is still attached to it"),
    rule("iam:DeletePolicy", "DeleteConflict", "", BEING_DETACHED, "it is still attached to something"),
    rule("iam:DeleteInstanceProfile", "DeleteConflict", "", BEING_DETACHED, "it still holds a role"),
    rule("iam:AttachRolePolicy", "ConcurrentModification", "", BECOMING_VISIBLE, "another change of the role is under way"),
    rule("iam:DetachRolePolicy", "ConcurrentModification", "", BECOMING_VISIBLE, "another change of the role is under way"),
    rule(
        "secretsmanager:CreateSecret",
        "InvalidRequestException",
        "scheduled for deletion",
        NAME_GIVEN_BACK,
        "a deleted secret still has the name",
    ),
];

/// Makes a call, again while the table has patience with its refusal.
pub async fn patiently<T, F>(ctx: &Ctx<Aws>, call: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    retrying(ctx, RULES, PACE, call).await
}
