//! What a failed SDK call means: one table from AWS's error codes to the engine's kinds.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use levee_sdk::error::{ErrorKind, ProviderError};
use std::error::Error;
use std::io;

/// A failure as every SDK client reports it.
pub type SdkFault<E> = SdkError<E, HttpResponse>;

/// What the error types of all operations have in common.
pub trait ServiceFault: ProvideErrorMetadata + RequestId + Error + Send + Sync + 'static {}
impl<E: ProvideErrorMetadata + RequestId + Error + Send + Sync + 'static> ServiceFault for E {}

/// Codes as they are written in full.
const EXACT: [(&[&str], ErrorKind); 7] = [
    (
        &[
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
            "BandwidthLimitExceeded",
            "SlowDown",
            "EC2ThrottledException",
            "PriorRequestNotComplete",
            "TransactionInProgressException",
        ],
        ErrorKind::Throttled,
    ),
    (&["NoSuchEntity", "ResourceNotFoundException", "NotFoundException", "InvalidAssociationID.NotFound"], ErrorKind::NotFound),
    (
        &[
            "EntityAlreadyExists",
            "ResourceExistsException",
            "RouteAlreadyExists",
            "InvalidPermission.Duplicate",
            "InvalidGroup.Duplicate",
            "VpcPeeringConnectionAlreadyExists",
            "Resource.AlreadyAssociated",
            "Resource.AlreadyAssigned",
        ],
        ErrorKind::AlreadyExists,
    ),
    (
        &[
            "DependencyViolation",
            "DeleteConflict",
            "ResourceInUseException",
            "ResourceInUse",
            "InvalidIPAddress.InUse",
            "ConcurrentModification",
            "ConcurrentModificationException",
            "IncorrectState",
            "InvalidStateTransition",
            "InvalidGroup.InUse",
            "OperationNotPermitted",
            "Gateway.NotAttached",
            "EntityTemporarilyUnmodifiable",
            "InvalidSubnet.Conflict",
        ],
        ErrorKind::Conflict,
    ),
    (
        &["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException", "OptInRequired", "Blocked"],
        ErrorKind::AccessDenied,
    ),
    (
        &[
            "AuthFailure",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "InvalidAccessKeyId",
            "MissingAuthenticationToken",
            "IncompleteSignature",
            "InvalidSignatureException",
            "MissingAuthenticationTokenException",
        ],
        ErrorKind::Configuration,
    ),
    (
        &[
            "InternalError",
            "InternalFailure",
            "InternalServiceError",
            "InternalServerError",
            "ServerException",
            "ServiceFailure",
            "ServiceFailureException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "Unavailable",
            "InternalServiceErrorException",
        ],
        ErrorKind::InDoubt,
    ),
];

/// What an API's error code means; None for codes that say no more than their HTTP status.
pub fn kind_of_code(code: &str) -> Option<ErrorKind> {
    let exact = EXACT.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, kind)| *kind);
    // EC2 has a code of this form for each kind of object: InvalidVpcID.NotFound, InvalidGroup.NotFound.
    exact.or_else(|| {
        (code.ends_with(".NotFound") || code.ends_with("NotFoundFault") || code == "NatGatewayNotFound").then_some(ErrorKind::NotFound)
    })
}

/// The engine's error for a failed call. Whether the call may be repeated is for the caller to know.
pub fn from_sdk<E: ServiceFault>(operation: &str, fault: &SdkFault<E>) -> ProviderError {
    let mut error = match fault {
        SdkError::ServiceError(service) => from_service(service.err(), service.raw().status().as_u16()),
        SdkError::ConstructionFailure(_) => construction(fault),
        SdkError::DispatchFailure(_) if never_sent(fault) => {
            let message = format!("the endpoint could not be reached: {}", innermost(fault));
            ProviderError::new(ErrorKind::Transient, message)
                .hint("check the network, the region, and AWS_ENDPOINT_URL or the provider block's endpoints")
        }
        SdkError::DispatchFailure(_) => dispatch(fault),
        SdkError::TimeoutError(_) => ProviderError::new(ErrorKind::InDoubt, "no answer came in time"),
        _ => ProviderError::new(ErrorKind::InDoubt, format!("the answer could not be read: {}", innermost(fault))),
    };
    error.request_id = error.request_id.or_else(|| request_id(fault));
    error.during(operation)
}

fn request_id<E>(fault: &SdkFault<E>) -> Option<String> {
    let headers = fault.raw_response()?.headers();
    ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| headers.get(*name)).map(str::to_owned)
}

fn from_service<E: ServiceFault>(fault: &E, status: u16) -> ProviderError {
    let code = fault.code().map(str::to_owned);
    let by_code = code.as_deref().and_then(kind_of_code);
    // A status alone never says "not found": a wrong address answers 404 as well.
    let kind = by_code.unwrap_or(match status {
        429 => ErrorKind::Throttled,
        500..=599 => ErrorKind::InDoubt,
        401 | 403 => ErrorKind::AccessDenied,
        _ => ErrorKind::Invalid,
    });
    let message = fault.message().map_or_else(|| format!("HTTP status {status} without a message"), str::to_owned);
    let mut error = ProviderError::new(kind, message);
    error.code = code;
    error.request_id = fault.request_id().map(str::to_owned);
    if kind == ErrorKind::Configuration {
        error = error.hint("the credentials are refused or have run out: log in again, or check the provider block");
    }
    error
}

fn construction(fault: &(dyn Error + 'static)) -> ProviderError {
    match credentials_fault(fault) {
        Some(error) => error,
        None => ProviderError::invalid(format!("the request could not be built: {}", innermost(fault))),
    }
}

fn dispatch(fault: &(dyn Error + 'static)) -> ProviderError {
    match credentials_fault(fault) {
        Some(error) => error,
        None => ProviderError::new(ErrorKind::InDoubt, format!("the connection broke: {}", innermost(fault))),
    }
}

fn credentials_fault(fault: &(dyn Error + 'static)) -> Option<ProviderError> {
    let found = chain(fault).find_map(|e| e.downcast_ref::<CredentialsError>())?;
    let message = format!("no AWS credentials: {}", innermost(found));
    Some(ProviderError::new(ErrorKind::Configuration, message).hint("check the provider block, AWS_PROFILE and the AWS_ACCESS_KEY_ID pair"))
}

/// Whether the request cannot have reached the service: no connection was made.
fn never_sent(fault: &(dyn Error + 'static)) -> bool {
    chain(fault).any(|e| {
        let refused = e.downcast_ref::<io::Error>().is_some_and(|io| {
            matches!(io.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable)
        });
        // The HTTP client marks these in words only; its types are not part of its interface.
        let text = e.to_string();
        refused || text.contains("client error (Connect)") || text.contains("dns error") || text.contains("HTTP connect timeout")
    })
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&e| e.source())
}

/// The words of the cause at the bottom, which are the ones that say something.
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::operation::create_vpc::CreateVpcError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::{Response, StatusCode};
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    fn answered(code: Option<&str>, status: u16) -> ProviderError {
        let meta = ErrorMetadata::builder();
        let meta = match code {
            Some(code) => meta.code(code),
            None => meta,
        };
        let status = StatusCode::try_from(status).expect("a status");
        let raw = Response::new(status, SdkBody::empty());
        from_sdk("ec2:CreateVpc", &SdkError::service_error(CreateVpcError::generic(meta.build()), raw))
    }

    #[test]
    fn codes_tell_kinds() {
        let cases = [
            ("InvalidVpcID.NotFound", 400, ErrorKind::NotFound),
            ("NatGatewayNotFound", 400, ErrorKind::NotFound),
            ("NoSuchEntity", 404, ErrorKind::NotFound),
            ("RequestLimitExceeded", 503, ErrorKind::Throttled),
            ("DependencyViolation", 400, ErrorKind::Conflict),
            ("UnauthorizedOperation", 403, ErrorKind::AccessDenied),
            ("InternalError", 500, ErrorKind::InDoubt),
            ("InvalidParameterValue", 400, ErrorKind::Invalid),
        ];
        for (code, status, kind) in cases {
            assert_eq!(answered(Some(code), status).kind, kind, "{code}");
        }
    }

    #[test]
    fn a_bare_404_is_not_an_absence() {
        assert_eq!(answered(None, 404).kind, ErrorKind::Invalid);
        assert_eq!(answered(None, 500).kind, ErrorKind::InDoubt);
    }

    #[test]
    fn a_refused_connection_did_nothing_and_a_broken_one_may_have() {
        let fault = |kind| {
            let io = ConnectorError::io(Box::new(io::Error::new(kind, "as it were")));
            from_sdk::<CreateVpcError>("ec2:CreateVpc", &SdkError::dispatch_failure(io)).kind
        };
        assert_eq!(fault(io::ErrorKind::ConnectionRefused), ErrorKind::Transient);
        assert_eq!(fault(io::ErrorKind::ConnectionReset), ErrorKind::InDoubt);
    }
}
