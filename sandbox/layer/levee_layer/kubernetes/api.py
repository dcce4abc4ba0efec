"""A small client of one API server: JSON in, JSON out, a connection a call."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any, Optional

PATIENCE_SECONDS = 10


class Api:
    """Speaks for one bearer token. `call` raises `OSError` if the server cannot be reached."""

    def __init__(self, port: int, token: str, authority_pem: str):
        self.port = port
        self.token = token
        self.context = ssl.create_default_context(cadata=authority_pem)

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> tuple:
        """(status, the answer's JSON or text)."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS, context=self.context)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            raw = answer.read()
        except http.client.HTTPException as error:
            raise OSError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        try:
            return answer.status, json.loads(raw)
        except ValueError:
            return answer.status, raw.decode("utf-8", "replace")

    def get(self, path: str) -> Optional[dict]:
        """The object, or None if there is none."""
        status, body = self.call("GET", path)
        return body if status == 200 and isinstance(body, dict) else None

    def merge(self, path: str, body: dict) -> int:
        """Changes an object by a merge patch; the status."""
        return self.call("PATCH", path, body, "application/merge-patch+json")[0]

    def is_ready(self) -> bool:
        return self._answers("/readyz")

    def has_service_account(self) -> bool:
        """Whether a pod can be made already."""
        return self._answers("/api/v1/namespaces/default/serviceaccounts/default")

    def _answers(self, path: str) -> bool:
        try:
            return self.call("GET", path)[0] == 200
        except OSError:
            return False
