//! How it is found out how a container is.

use crate::field::{Field, Fixed, int_or_text, many, number, one, text, texts};

const EXEC_ACTION: &[Field] = &[texts("command").optional()];

const HTTP_HEADER: &[Field] = &[text("name").optional(), text("value").optional()];

const HTTP_GET_ACTION: &[Field] = &[
    text("host").optional(),
    text("path").optional(),
    int_or_text("port").optional(),
    text("scheme").optional().default(Fixed::Text("HTTP")),
    many("http_header", HTTP_HEADER).wire("httpHeaders"),
];

const TCP_SOCKET_ACTION: &[Field] = &[int_or_text("port").required()];

const LIFECYCLE_HANDLER: &[Field] =
    &[one("exec", EXEC_ACTION), one("http_get", HTTP_GET_ACTION), one("tcp_socket", TCP_SOCKET_ACTION).loose()];

pub(crate) const LIFECYCLE: &[Field] = &[one("post_start", LIFECYCLE_HANDLER).loose(), one("pre_stop", LIFECYCLE_HANDLER).loose()];

const GRPC_ACTION: &[Field] = &[number("port").required(), text("service").optional()];

pub(crate) const PROBE: &[Field] = &[
    number("failure_threshold").optional().default(Fixed::Number(3)),
    number("initial_delay_seconds").optional(),
    number("period_seconds").optional().default(Fixed::Number(10)),
    number("success_threshold").optional().default(Fixed::Number(1)),
    number("timeout_seconds").optional().default(Fixed::Number(1)),
    one("exec", EXEC_ACTION),
    one("grpc", GRPC_ACTION).loose(),
    one("http_get", HTTP_GET_ACTION),
    one("tcp_socket", TCP_SOCKET_ACTION).loose(),
];
