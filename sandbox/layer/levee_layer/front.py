"""What happens to one HTTP request: delay, faults, the cloud's answer, the log, and the way back over the socket."""

from __future__ import annotations

import re
import socket
import time
from http import HTTPStatus
from typing import Optional

from .call import Call
from .cloud import Cloud
from .errors import AwsError
from .faults import Fault, Faults
from .recorder import Recorder
from .wire import Reply, error_reply

CODE = re.compile(rb"<Code>([^<]+)</Code>|\"__type\":\s*\"([^\"]+)\"")


class Front:
    """The WSGI application. AWS calls go to the cloud, `/_levee/` to the control API."""

    def __init__(self, cloud: Cloud, recorder: Recorder, faults: Faults):
        self.cloud = cloud
        self.recorder = recorder
        self.faults = faults
        self.delay_seconds = 0.0
        self.control = None

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO", "").startswith("/_levee/"):
            return send(self.control.answer(environ), start_response)
        call = Call(environ)
        entry = self.recorder.open(call)
        fault = self.faults.take(call)
        entry["fault"] = fault.kind if fault else None
        self._sleep(self.delay_seconds + (fault.seconds if fault and fault.kind == "delay" else 0.0))
        reply = self._answer(call, fault)
        if reply is None:
            self.recorder.close(entry, None)
            return drop(environ)
        self.recorder.close(entry, reply.status, code_in(reply))
        if fault and fault.kind == "truncate":
            return truncated(reply, environ, start_response)
        return send(reply, start_response)

    def _sleep(self, seconds: float) -> None:
        # Never under the cloud's lock: delayed calls must overlap.
        if seconds > 0:
            time.sleep(seconds)

    def _answer(self, call: Call, fault: Optional[Fault]) -> Optional[Reply]:
        """The answer to send, or None if the connection is to be dropped."""
        kind = fault.kind if fault else ""
        if kind == "drop_before":
            return None
        if kind == "error":
            return fault_reply(call, fault)
        reply = self.cloud.answer(call)
        if kind == "delay_after":
            self._sleep(fault.seconds)
        if kind == "drop_after":
            return None
        if kind == "error_after":
            return fault_reply(call, fault)
        return reply


def fault_reply(call: Call, fault: Fault) -> Reply:
    return error_reply(call, AwsError(fault.code_for(call), fault.message, fault.status_for()))


def code_in(reply: Reply) -> str:
    found = CODE.search(reply.body[:2000]) if reply.status >= 400 else None
    return next(part for part in found.groups() if part).decode() if found else ""


def status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def headers_of(reply: Reply) -> list:
    skipped = ("content-length", "connection", "transfer-encoding", "date", "server")
    kept = [(key, str(value)) for key, value in reply.headers if key.lower() not in skipped]
    return kept + [("Content-Length", reply.header("Content-Length") if not reply.body else str(len(reply.body)))]


def send(reply: Reply, start_response):
    headers = headers_of(reply)
    if headers[-1][1] == "":
        headers[-1] = ("Content-Length", "0")
    start_response(status_line(reply.status), headers)
    return [reply.body]


def close_socket(environ) -> None:
    try:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the client was faster


def drop(environ):
    close_socket(environ)
    raise ConnectionAbortedError("dropped on purpose")


def truncated(reply: Reply, environ, start_response):
    """Announces the whole body, sends half of it, and closes the connection."""
    start_response(status_line(reply.status), headers_of(reply))
    yield reply.body[: len(reply.body) // 2]
    drop(environ)
