//! What `aws eks get-token` would print, made here: nobody needs AWS's command line for that.

use crate::client::Aws;
use crate::eks::cluster_token;
use crate::provider_block::{AssumeRole, ProviderBlock};
use futures::future::BoxFuture;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::token::{Token, TokenCommand, TokenSource};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// EKS takes a token for fifteen minutes, as its user guide has it; a minute of that is for clocks that differ.
const GOOD_FOR: Duration = Duration::from_mins(14);

/// Makes tokens for EKS clusters.
pub fn token_source() -> Arc<dyn TokenSource> {
    Arc::new(EksTokens)
}

struct EksTokens;

/// What the command line says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    cluster: String,
    region: Option<String>,
    role: Option<String>,
    profile: Option<String>,
}

impl TokenSource for EksTokens {
    fn knows(&self, command: &TokenCommand) -> bool {
        parse(command).is_some()
    }

    fn token<'a>(&'a self, command: &'a TokenCommand) -> BoxFuture<'a, Result<Token>> {
        Box::pin(async move {
            let unknown = || ProviderError::new(ErrorKind::Bug, "this is no command for a token of EKS");
            let asked = parse(command).ok_or_else(unknown)?;
            let aws = Aws::configure(block(&asked, &command.env), endpoints(&command.env)).await?;
            let secret = cluster_token::token(&aws, &asked.cluster, asked.region.as_deref()).await?;
            Ok(Token { secret, expires: Some(SystemTime::now() + GOOD_FOR) })
        })
    }
}

/// `aws [--region R] eks get-token --cluster-name C [--role-arn A] [--profile P]`; `None` for anything else.
fn parse(command: &TokenCommand) -> Option<Asked> {
    let program = command.program.rsplit('/').next()?;
    let mut asked = Asked::default();
    let (mut words, mut args) = (Vec::new(), command.args.iter());
    while let Some(arg) = args.next() {
        let (name, joined) = match arg.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (arg.as_str(), None),
        };
        let mut value = || joined.clone().or_else(|| args.next().cloned());
        match name {
            "--cluster-name" | "--cluster-id" => asked.cluster = value()?,
            "--region" => asked.region = Some(value()?),
            "--role-arn" => asked.role = Some(value()?),
            "--profile" => asked.profile = Some(value()?),
            "--output" => {
                value()?;
            }
            option if option.starts_with('-') => return None,
            word => words.push(word.to_owned()),
        }
    }
    let is_it = program == "aws" && words == ["eks", "get-token"] && !asked.cluster.is_empty();
    is_it.then_some(asked)
}

/// How AWS is reached: as the command line says, then its environment; what neither says, ours does.
fn block(asked: &Asked, env: &BTreeMap<String, String>) -> ProviderBlock {
    let look = |name: &str| env.get(name).filter(|v| !v.is_empty()).cloned();
    let role = asked.role.as_ref().map(|role| AssumeRole { role_arn: Some(role.clone()), ..AssumeRole::default() });
    ProviderBlock {
        region: asked.region.clone().or_else(|| look("AWS_REGION")).or_else(|| look("AWS_DEFAULT_REGION")),
        profile: asked.profile.clone().or_else(|| look("AWS_PROFILE")),
        access_key: look("AWS_ACCESS_KEY_ID"),
        secret_key: look("AWS_SECRET_ACCESS_KEY"),
        token: look("AWS_SESSION_TOKEN"),
        assume_role: role.into_iter().collect(),
        skip_requesting_account_id: Some(true),
        ..ProviderBlock::default()
    }
}

fn endpoints(env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let said = env.get("AWS_ENDPOINT_URL_STS").or_else(|| env.get("AWS_ENDPOINT_URL"));
    said.map(|url| ("sts".to_owned(), url.clone())).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(program: &str, args: &str) -> TokenCommand {
        let args = args.split(' ').map(str::to_owned).collect();
        TokenCommand { program: program.into(), args, env: [("AWS_PROFILE".to_owned(), "env".to_owned())].into() }
    }

    #[test]
    fn only_what_it_can_make_is_known() {
        let full = command("/usr/bin/aws", "--region eu-west-1 eks get-token --cluster-name=sea --role-arn arn:x --output json");
        let asked = parse(&full).unwrap();
        assert_eq!((asked.cluster.as_str(), asked.region.as_deref(), asked.role.as_deref()), ("sea", Some("eu-west-1"), Some("arn:x")));
        let block = block(&asked, &full.env);
        assert_eq!((block.profile.as_deref(), block.assume_role.len()), (Some("env"), 1));
        for (program, args) in [
            ("aws", "eks get-token"),
            ("aws", "eks describe-cluster --cluster-name sea"),
            ("aws", "eks get-token --cluster-name sea --debug"),
            ("aws-iam-authenticator", "token -i sea"),
        ] {
            assert!(!EksTokens.knows(&command(program, args)), "{program} {args}");
        }
    }
}
