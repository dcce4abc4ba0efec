//! Who we are in a cluster: a token that stands fast, or one that is made anew before it ends.

use crate::access::Exec;
use crate::plugin::{self, Identity};
use levee_sdk::error::Result;
use levee_sdk::token::{Token, TokenSource};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// A credential is replaced when it is not good for this long any more, so that none ends under way.
const MARGIN: Duration = Duration::from_mins(1);

/// What a configuration says about who we are, besides certificates.
pub(crate) enum Login {
    None,
    Token(String),
    Exec(Exec),
}

/// Makes what a request bears, once for many requests.
pub(crate) struct Credential {
    login: Login,
    /// Makes some tokens itself.
    source: Option<Arc<dyn TokenSource>>,
    made: Mutex<Option<Identity>>,
}

impl Credential {
    pub(crate) fn new(login: Login, tokens: Option<Arc<dyn TokenSource>>) -> Self {
        let source = match &login {
            Login::Exec(exec) => tokens.filter(|t| t.knows(&exec.command)),
            Login::None | Login::Token(_) => None,
        };
        Self { login, source, made: Mutex::new(None) }
    }

    /// Whether it is made anew now and then.
    pub(crate) fn is_changing(&self) -> bool {
        matches!(self.login, Login::Exec(_))
    }

    /// What is to be shown now.
    pub(crate) async fn identity(&self) -> Result<Option<Identity>> {
        let exec = match &self.login {
            Login::None => return Ok(None),
            Login::Token(token) => return Ok(Some(Token { secret: token.clone(), expires: None }.into())),
            Login::Exec(exec) => exec,
        };
        // Held while it is made: who comes meanwhile waits for the same one.
        let mut made = self.made.lock().await;
        if let Some(identity) = made.as_ref().filter(|i| i.lasts(MARGIN)) {
            return Ok(Some(identity.clone()));
        }
        let identity = match &self.source {
            Some(source) => source.token(&exec.command).await?.into(),
            None => plugin::run(exec).await?,
        };
        *made = Some(identity.clone());
        Ok(Some(identity))
    }

    /// The server refused it: the next request bears a new one. Whether there can be one.
    pub(crate) async fn refused(&self) -> bool {
        self.is_changing() && self.made.lock().await.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::BoxFuture;
    use levee_sdk::token::TokenCommand;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::SystemTime;

    /// Makes tokens that are good for so long.
    struct Numbered(Duration, AtomicU32);

    impl TokenSource for Numbered {
        fn knows(&self, _: &TokenCommand) -> bool {
            true
        }

        fn token<'a>(&'a self, _: &'a TokenCommand) -> BoxFuture<'a, Result<Token>> {
            let secret = self.1.fetch_add(1, Ordering::Relaxed).to_string();
            Box::pin(async move { Ok(Token { secret, expires: Some(SystemTime::now() + self.0) }) })
        }
    }

    async fn shown(good_for: Duration) -> (Credential, Vec<String>) {
        let exec = Exec { api_version: "v1".into(), command: TokenCommand::default(), install_hint: None };
        let credential = Credential::new(Login::Exec(exec), Some(Arc::new(Numbered(good_for, AtomicU32::new(0)))));
        let mut tokens = Vec::new();
        for _ in 0..2 {
            tokens.extend(credential.identity().await.unwrap().and_then(|i| i.token));
        }
        (credential, tokens)
    }

    #[tokio::test]
    async fn a_token_is_made_anew_before_it_ends_and_when_it_is_refused() {
        assert_eq!(shown(MARGIN / 2).await.1, ["0", "1"]);
        let (credential, tokens) = shown(MARGIN * 2).await;
        assert_eq!(tokens, ["0", "0"]);
        assert!(credential.refused().await);
        assert_eq!(credential.identity().await.unwrap().and_then(|i| i.token).as_deref(), Some("1"));
    }
}
