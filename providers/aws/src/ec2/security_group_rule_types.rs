//! `aws_vpc_security_group_ingress_rule` and `aws_vpc_security_group_egress_rule`

use super::security_group::Direction;
use super::security_group_rule::{self as rule, Rule};
use crate::client::Aws;
use levee_sdk::context::OpToken;
use levee_sdk::error::Result;
use levee_sdk::model::{Diagnostics, Type, Value};
use levee_sdk::schema::Block;
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape, ShapeError};

/// The two types differ in name and direction only.
macro_rules! rule_type {
    ($name:ident, $type_name:literal, $direction:expr, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Debug, Default)]
        pub struct $name(pub Rule);

        impl Shape for $name {
            fn block() -> Block {
                Rule::block()
            }
            fn doc() -> &'static str {
                $doc
            }
            fn ty() -> Type {
                Rule::ty()
            }
            fn from_value(value: &Value) -> std::result::Result<Self, ShapeError> {
                <Rule as Shape>::from_value(value).map(Self)
            }
            fn to_value(&self) -> Value {
                Shape::to_value(&self.0)
            }
        }

        impl Resource for $name {
            type Client = Aws;
            const TYPE: &'static str = $type_name;

            fn identity() -> Identity {
                Identity::Tag
            }
            fn id(&self) -> Option<&str> {
                self.0.id.as_deref()
            }
            fn validate(config: &Value) -> Diagnostics {
                rule::validate(config)
            }
            fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
                rule::plan(client, draft);
                Ok(())
            }
            async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
                Ok(rule::read(ctx, $direction, id, prior.map(|p| &p.0)).await?.map(Self))
            }
            async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
                rule::create(ctx, $direction, planned.0, op).await.map(Self)
            }
            async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
                rule::update(ctx, prior.0, planned.0).await.map(Self)
            }
            async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
                rule::delete(ctx, $direction, prior.0).await
            }
            async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
                Ok(rule::find(ctx, op, &planned.0).await?.map(Self))
            }
        }
    };
}

rule_type!(
    IngressRule,
    "aws_vpc_security_group_ingress_rule",
    Direction::Ingress,
    "A rule about what may come in through a security group."
);
rule_type!(EgressRule, "aws_vpc_security_group_egress_rule", Direction::Egress, "A rule about what may go out through a security group.");
