"""One AWS request, classified: service, action, region, account and parsed parameters."""

from __future__ import annotations

import io
import re
from typing import Any, Optional
from urllib.parse import parse_qs

from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

from .accounts import account_of

SCOPE = re.compile(r"Credential=([^/,\s]+)/\d+/([^/,\s]+)/([^/,\s]+)/aws4_request")
# Signing names that differ from the name of botocore's service model.
MODEL_NAMES = {
    "monitoring": "cloudwatch", "elasticloadbalancing": "elbv2", "email": "ses", "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
REST = ("rest-json", "rest-xml")


class Call:
    """What a request asks for. Reading it consumes the body, which is put back for moto."""

    def __init__(self, environ: dict):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = environ.get("PATH_INFO", "")
        self.body = read_body(environ)
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        self.access_key, self.region, self.service = scope.groups() if scope else ("", "us-east-1", "")
        self.form = self._read_form()
        self.uri_params: dict = {}
        self.operation: Optional[OperationModel] = None
        self.model = self._find_model()
        self.protocol = self.model.protocol if self.model else "rest-xml"
        self.action = self._find_action()
        self._params: Optional[dict] = None

    def _read_form(self) -> dict:
        kind = self.environ.get("CONTENT_TYPE", "")
        text = self.body.decode("utf-8", "replace") if kind.startswith("application/x-www-form-urlencoded") else ""
        form = parse_qs(text, keep_blank_values=True)
        form.update(parse_qs(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))
        return form

    def _find_model(self):
        if not self.service and "AssumeRoleWithWebIdentity" in self.form.get("Action", []):
            self.service = "sts"
        try:
            return get_service_model(MODEL_NAMES.get(self.service, self.service))
        except Exception:  # botocore has many ways to say that it does not know a service
            return None

    def _find_action(self) -> str:
        target = self.environ.get("HTTP_X_AMZ_TARGET")
        if "Action" in self.form and self.protocol in ("ec2", "query", "json"):
            name = self.form["Action"][0]
        elif target:
            name = target.split(".")[-1]
        else:
            return self._route() or f"{self.method} {self.path}"
        if self.model and name in self.model.operation_names:
            self.operation = self.model.operation_model(name)
        return name

    def _route(self) -> Optional[str]:
        if not self.model or self.protocol not in REST:
            return None
        try:
            router = get_service_router(self.model.service_name)
            self.operation, self.uri_params = router.match(self.request())
        except Exception:  # an unknown route is an unknown action, told apart later
            return None
        return self.operation.name

    def request(self) -> Request:
        environ = dict(self.environ)
        environ["wsgi.input"] = io.BytesIO(self.body)
        return Request(environ)

    @property
    def params(self) -> dict:
        """The request's parameters under the names of the API reference; {} if the operation is unknown."""
        if self._params is None:
            self._params = self._parse()
        return self._params

    def _parse(self) -> dict:
        if self.operation is None or self.protocol not in PROTOCOL_PARSERS:
            return {}
        request = self.request()
        raw = {
            "method": request.method, "values": request.values, "headers": request.headers,
            "body": self.body, "url_path": request.path, "url_params": self.uri_params,
        }
        try:
            return dict(PROTOCOL_PARSERS[self.protocol](self.operation, map_type=dict).parse(raw))
        except Exception:  # moto's own parser will say what is wrong with it
            return {}

    @property
    def account(self) -> str:
        given = self.environ.get("HTTP_X_MOTO_ACCOUNT_ID")
        return given or account_of(self.access_key)

    @property
    def key(self) -> str:
        return f"{self.service or 'unknown'}.{self.action}"

    def get(self, name: str, default: Any = None) -> Any:
        value = self.params.get(name)
        return default if value is None else value

    def moto_environ(self) -> dict:
        """The environ for moto, body included."""
        self.environ["wsgi.input"] = io.BytesIO(self.body)
        self.environ["CONTENT_LENGTH"] = str(len(self.body))
        self.environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self.environ


def read_body(environ: dict) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        return stream.read(int(length))
    if environ.get("wsgi.input_terminated"):
        return stream.read()
    return b""
