//! The key of a state, wrapped by KMS: two calls, with the credentials that the environment and the shared files give.

use crate::client::Aws;
use crate::provider_block::ProviderBlock;
use aws_smithy_types::Blob;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::key_service::{KeyContext, KeyService, WrappedKey};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use zeroize::Zeroizing;

/// Longest time for a call, repetitions and all: nothing else goes on meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// AWS KMS.
pub fn key_service() -> Box<dyn KeyService> {
    Box::new(Kms)
}

struct Kms;

impl KeyService for Kms {
    fn wrap(&self, key: &str, plain: &[u8], context: &KeyContext) -> Result<WrappedKey> {
        asking("kms:Encrypt", key, async |aws| {
            let (kms, context) = (aws.kms(), facts(context));
            let call = || kms.encrypt().key_id(key).plaintext(Blob::new(plain)).set_encryption_context(Some(context.clone())).send();
            let answer = aws.send("kms:Encrypt", call).await?;
            match (answer.key_id, answer.ciphertext_blob) {
                (Some(key), Some(blob)) => Ok(WrappedKey { key, bytes: blob.into_inner() }),
                _ => Err(incomplete()),
            }
        })
    }

    fn open(&self, wrapped: &WrappedKey, context: &KeyContext) -> Result<Zeroizing<Vec<u8>>> {
        asking("kms:Decrypt", &wrapped.key, async |aws| {
            let (kms, context) = (aws.kms(), facts(context));
            let call = || {
                let call = kms.decrypt().key_id(&wrapped.key).ciphertext_blob(Blob::new(wrapped.bytes.clone()));
                call.set_encryption_context(Some(context.clone())).send()
            };
            let answer = aws.send("kms:Decrypt", call).await?;
            answer.plaintext.map(|plain| Zeroizing::new(plain.into_inner())).ok_or_else(incomplete)
        })
    }
}

fn facts(context: &KeyContext) -> HashMap<String, String> {
    context.iter().map(|(name, fact)| (name.clone(), fact.clone())).collect()
}

fn incomplete() -> ProviderError {
    ProviderError::new(ErrorKind::Failed, "the answer holds no key")
}

/// Asks in a thread of its own: whoever waits here may be a task of another runtime, which must not wait inside it.
fn asking<T: Send>(operation: &str, key: &str, ask: impl AsyncFnOnce(&Aws) -> Result<T> + Send) -> Result<T> {
    let fault = |why: String| ProviderError::new(ErrorKind::Bug, why).during(operation);
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| fault(e.to_string()))?;
        runtime.block_on(async {
            let asked = tokio::time::timeout(PATIENCE, async { ask(&login(key).await?).await }).await;
            asked.unwrap_or_else(|_| Err(ProviderError::new(ErrorKind::TimedOut, "no answer came in time").during(operation)))
        })
    };
    let done = std::thread::scope(|scope| scope.spawn(work).join());
    done.unwrap_or_else(|_| Err(fault("the thread that asked is gone".to_owned()))).map_err(|error| explained(error, operation))
}

/// No provider block says how to log in to what keeps the state's key: the state must open before any is read.
async fn login(key: &str) -> Result<Aws> {
    let block =
        ProviderBlock { region: region_of(key).map(str::to_owned), skip_credentials_validation: Some(true), ..ProviderBlock::default() };
    let aws = Aws::configure(block, BTreeMap::new()).await?;
    aws.credentials().await?;
    Ok(aws)
}

/// The region in a key's ARN.
fn region_of(key: &str) -> Option<&str> {
    key.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty())
}

/// With something to do about it, where the codes of KMS tell.
fn explained(error: ProviderError, operation: &str) -> ProviderError {
    let hint = match error.code.as_deref() {
        Some("AccessDeniedException") => {
            format!("The credentials need {operation} on this key: look at their policies and at the key's own, and at AWS_PROFILE.")
        }
        Some("DisabledException") => "Enable the key (aws kms enable-key) and run the command again.".to_owned(),
        Some("KMSInvalidStateException") => {
            "If the key is to be deleted, cancel that (aws kms cancel-key-deletion) and enable it: once it is gone, nobody can read what it hides."
                .to_owned()
        }
        Some("NotFoundException") => "Check the key's name, its region and the account.".to_owned(),
        Some("InvalidKeyUsageException") => "Take a symmetric key for encryption (SYMMETRIC_DEFAULT).".to_owned(),
        Some("InvalidCiphertextException" | "IncorrectKeyException") => {
            "The wrapped key is another state's, or was changed. Restore a backup with \"levee state restore\".".to_owned()
        }
        _ if error.kind == ErrorKind::Configuration => {
            "The key of a state is asked for with the credentials and the region of the environment, not of a provider block: set AWS_PROFILE or the \
             AWS_ACCESS_KEY_ID pair, or log in with `aws sso login`; and AWS_REGION where the key is not named by its ARN."
                .to_owned()
        }
        _ => match error.hint {
            Some(hint) => hint,
            None => "Run the command again when the service answers.".to_owned(),
        },
    };
    ProviderError { hint: Some(hint), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_the_region_and_any_other_name_leaves_it_to_the_environment() {
        assert_eq!(region_of("arn:aws:kms:eu-central-1:123456789012:key/1"), Some("eu-central-1"));
        assert_eq!(region_of("arn:aws-cn:kms:cn-north-1:123456789012:alias/a"), Some("cn-north-1"));
        assert_eq!(region_of("alias/states"), None);
    }

    #[test]
    fn refusals_say_what_is_to_be_done() {
        let told = |code: &str| {
            let mut error = ProviderError::invalid("as it were");
            error.code = Some(code.to_owned());
            explained(error, "kms:Decrypt").hint.expect("a hint")
        };
        assert!(told("AccessDeniedException").contains("need kms:Decrypt on this key"));
        assert!(told("DisabledException").contains("enable-key"));
        assert!(told("KMSInvalidStateException").contains("cancel-key-deletion"));
        assert!(told("InvalidCiphertextException").contains("another state's"));
    }
}
