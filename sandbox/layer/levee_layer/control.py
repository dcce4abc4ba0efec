"""The control API under `/_levee/`: what tests ask the cloud and tell it."""

from __future__ import annotations

import json
import os
from typing import Optional
from urllib.parse import parse_qs

from .call import read_body
from .eks import authentication
from .faults import fault_from
from .kubernetes import bare
from .options import Options
from .wire import Reply, json_reply
from .world import world


class Control:
    """One method a route; each takes (body, query) and returns a JSON value."""

    def __init__(self, front, options: Options):
        self.front = front
        self.options = options
        self.routes = {
            ("GET", "health"): self.health,
            ("GET", "calls"): self.calls,
            ("POST", "calls/reset"): self.reset_calls,
            ("GET", "unimplemented"): self.unimplemented,
            ("GET", "faults"): self.list_faults,
            ("POST", "faults"): self.add_faults,
            ("DELETE", "faults"): self.clear_faults,
            ("POST", "delay"): self.set_delay,
            ("POST", "hide"): self.set_hide,
            ("POST", "reset"): self.reset,
            ("GET", "world"): self.world,
        }

    def answer(self, environ: dict) -> Reply:
        name = environ["PATH_INFO"][len("/_levee/"):].strip("/")
        if name.startswith("kubernetes/"):
            return self.kubernetes(name.split("/")[1:], environ)
        route = self.routes.get((environ["REQUEST_METHOD"], name))
        raw = read_body(environ)
        if route is None:
            known = sorted(f"{method} /_levee/{path}" for method, path in self.routes)
            return json_reply(404, {"error": f"no such route: {environ['REQUEST_METHOD']} {name}", "routes": known})
        try:
            body = json.loads(raw) if raw else None
            return json_reply(200, route(body, parse_qs(environ.get("QUERY_STRING", ""))))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return json_reply(400, {"error": f"{type(error).__name__}: {error}"})

    def kubernetes(self, path: list, environ: dict) -> Reply:
        """Control planes of their own; and what the API server of a cluster asks about a user."""
        method, raw = environ["REQUEST_METHOD"], read_body(environ)
        query = parse_qs(environ.get("QUERY_STRING", ""))
        try:
            if path[0] == "planes" and len(path) == 2 and method == "POST":
                return json_reply(200, bare.plane_of(path[1], int(query.get("nodes", ["1"])[0]), self.options))
            if path[0] == "planes" and len(path) == 2 and method == "DELETE":
                bare.end(path[1])
                return json_reply(200, {})
            return json_reply(200, authentication.answer(path, json.loads(raw)))
        except (ValueError, KeyError) as error:
            return json_reply(404, {"error": f"{type(error).__name__}: {error}"})
        except OSError as error:  # a control plane that does not answer; whoever asked will ask again
            return json_reply(503, {"error": str(error)})

    def health(self, _body, _query) -> dict:
        return {"status": "ok", "pid": os.getpid(), "nonce": self.options.nonce}

    def calls(self, _body, _query) -> dict:
        return self.front.recorder.calls()

    def reset_calls(self, _body, _query) -> dict:
        self.front.recorder.reset()
        return {}

    def unimplemented(self, _body, _query) -> list:
        return self.front.recorder.unimplemented_list()

    def list_faults(self, _body, _query) -> list:
        return self.front.faults.listed()

    def add_faults(self, body, _query) -> dict:
        rules = body if isinstance(body, list) else [body]
        for fault in [fault_from(rule) for rule in rules]:
            self.front.faults.add(fault)
        return {"rules": len(self.front.faults.listed())}

    def clear_faults(self, _body, _query) -> dict:
        self.front.faults.clear()
        return {}

    def set_delay(self, body, _query) -> dict:
        self.front.delay_seconds = float(body["seconds"])
        return {"seconds": self.front.delay_seconds}

    def set_hide(self, body, _query) -> dict:
        with self.front.cloud.lock:
            self.front.cloud.visibility.reads = int(body["reads"])
        return {"reads": int(body["reads"])}

    def reset(self, _body, _query) -> dict:
        self.front.faults.clear()
        self.front.delay_seconds = 0.0
        self.front.cloud.reset()
        self.front.recorder.wipe()
        return {}

    def world(self, _body, query: Optional[dict]) -> list:
        with self.front.cloud.lock:
            self.front.cloud.settle()
            return world(defaults=bool(query.get("defaults")))
