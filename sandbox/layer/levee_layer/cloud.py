"""The cloud itself: for each call the layer's rules, then moto, all under one lock."""

from __future__ import annotations

import sys
import traceback

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.moto_server.werkzeug_app import create_backend_app

from . import rules, tokens, visibility
from .call import Call
from .errors import AwsError, NotImplementedHere
from .options import Options
from .recorder import Recorder
from .shortcuts import Dispatcher
from .wire import Reply, as_bytes, error_reply, result_reply


class Cloud:
    """Answers calls one at a time: moto is bound to one core anyway, and its creates are not thread safe."""

    def __init__(self, options: Options, recorder: Recorder):
        from . import ec2, eks, iam, kms, secrets  # registers the rules

        self.options = options
        self.recorder = recorder
        self.lock = rules.LOCK
        self.moto = Dispatcher(create_backend_app)
        self.visibility = visibility.VISIBILITY
        for package in (ec2, eks, iam, kms, secrets):
            package.configure(options)

    def answer(self, call: Call) -> Reply:
        with self.lock:
            try:
                return self._answer(call)
            except NotImplementedHere as error:
                self.recorder.unimplemented(call, error.message)
                return error_reply(call, error)
            except AwsError as error:
                return error_reply(call, error)
            except ServiceException as error:
                return error_reply(call, AwsError(error.code, error.message, getattr(error, "status", 400)))
            except JsonRESTError as error:
                return error_reply(call, AwsError(error.error_type, error.message, error.code))
            except Exception as error:
                return self._crash(call, error)

    def _answer(self, call: Call) -> Reply:
        self.settle()
        remembered = tokens.recall(call)
        if remembered is not None:
            return remembered
        for check in rules.checks_of(call.service, call.action):
            check(call)
        handler = rules.HANDLERS.get((call.service, call.action))
        if handler is not None:
            reply = result_reply(call, self._finished(call, handler(call)))
        elif call.service == "eks":
            raise NotImplementedHere(call.key)
        else:
            reply = self._ask_moto(call)
        if reply.status < 300:
            for mend in rules.mendings_of(call.service, call.action):
                reply = mend(call, reply) or reply
            tokens.remember(call, reply)
        return reply

    def _finished(self, call: Call, result: dict) -> dict:
        from .ec2.reading import finish

        return finish(call, result) if call.service == "ec2" else result

    def _ask_moto(self, call: Call) -> Reply:
        status, headers = [], []

        def start_response(line, pairs, exc_info=None):
            status.append(int(line.split()[0]))
            headers.extend(pairs)

        parts = self.moto(call.moto_environ(), start_response)
        reply = Reply(status[0], headers, b"".join(as_bytes(part) for part in parts))
        if is_unknown_route(call, reply):
            raise NotImplementedHere(call.key)
        return reply

    def _crash(self, call: Call, error: Exception) -> Reply:
        """moto raises for what it lacks; anything else is a fault of moto or of the layer. Both are loud."""
        why = f"{type(error).__name__}: {error}"
        if isinstance(error, NotImplementedError):
            print(f"{call.key}: {why}", file=sys.stderr)
        else:
            traceback.print_exception(type(error), error, error.__traceback__)
        self.recorder.unimplemented(call, why)
        return error_reply(call, NotImplementedHere(f"{call.key} ({why})"))

    def settle(self) -> None:
        for settle in rules.SETTLERS:
            settle()

    def reset(self) -> None:
        """Wipes the world: every account, every region."""
        from moto.backends import get_backend
        from moto.core.base_backend import BackendDict

        with self.lock:
            for reset in rules.RESETTERS:
                reset()
            for service in sorted(set(self.moto.app_instances) | {"ec2", "iam", "sts", "secretsmanager"}):
                backends = get_backend(service)
                if isinstance(backends, BackendDict):
                    for account in list(backends.values()):
                        account.reset()
            self.warm_up()

    def warm_up(self) -> None:
        """Loads the services that nearly every run uses, so that the first call is as fast as the next."""
        from moto.ec2.models import ec2_backends
        from moto.iam.models import iam_backends
        from moto.secretsmanager.models import secretsmanager_backends
        from moto.sts.models import sts_backends

        account = "123456789012"
        with self.lock:
            ec2_backends[account][self.options.region]
            secretsmanager_backends[account][self.options.region]
            iam_backends[account]["aws"]
            sts_backends[account]["aws"]


def is_unknown_route(call: Call, reply: Reply) -> bool:
    """A 404 page in HTML, or an empty one, is the web framework speaking, not AWS."""
    if reply.status not in (404, 405) or call.method == "HEAD":
        return False
    return not reply.body or reply.header("Content-Type").startswith("text/html") and b"<!doctype html" in reply.body.lower()
