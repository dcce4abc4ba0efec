"""Answers on the wire: results and errors written in the protocol of the service that was called."""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any
from xml.sax.saxutils import escape

from moto import settings
from moto.core.serialize import XFormedAttributePicker, get_serializer_class

from .call import Call
from .errors import AwsError


@dataclasses.dataclass
class Reply:
    """A finished HTTP answer."""

    status: int
    headers: list
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def result_reply(call: Call, result: Any) -> Reply:
    """`result`, whose keys are those of the operation's output shape, as a 200 answer."""
    transformers = None
    if call.service == "ec2":
        from moto.ec2.responses._base_response import EC2BaseResponse

        transformers = EC2BaseResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER
    serializer_class = get_serializer_class(call.model.service_name, call.protocol)
    serializer = serializer_class(
        operation_model=call.operation,
        pretty_print=settings.PRETTIFY_RESPONSES,
        value_picker=XFormedAttributePicker(response_transformers=transformers),
    )
    written = serializer.serialize(result)
    return Reply(written["status_code"], list(written["headers"].items()), as_bytes(written["body"]))


def error_reply(call: Call, error: AwsError) -> Reply:
    writers = {"ec2": ec2_error, "query": query_error, "rest-xml": s3_error}
    return writers.get(call.protocol, json_error)(error)


def ec2_error(error: AwsError) -> Reply:
    text = (
        f"<Response><Errors><Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"</Error></Errors><RequestID>{uuid.uuid4()}</RequestID></Response>"
    )
    return xml_reply(error.status, text)


def query_error(error: AwsError) -> Reply:
    side = "Receiver" if error.status >= 500 else "Sender"
    text = (
        f"<ErrorResponse><Error><Type>{side}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return xml_reply(error.status, text)


def s3_error(error: AwsError) -> Reply:
    text = (
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{uuid.uuid4()}</RequestId></Error>"
    )
    return xml_reply(error.status, text)


def xml_reply(status: int, text: str) -> Reply:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()
    return Reply(status, [("Content-Type", "text/xml;charset=UTF-8")], body)


def json_error(error: AwsError) -> Reply:
    body = {"__type": error.code, "message": error.message, **error.fields}
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", error.code)]
    return Reply(error.status, headers, json.dumps(body).encode())


def json_reply(status: int, value: Any) -> Reply:
    return Reply(status, [("Content-Type", "application/json")], json.dumps(value, default=str).encode())


def as_bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body
