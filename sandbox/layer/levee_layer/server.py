"""The sockets: a threaded HTTP/1.1 server on 127.0.0.1, its ready file, its end by signal."""

from __future__ import annotations

import json
import os
import signal
import sys

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from .cloud import Cloud
from .control import Control
from .eks.model import EKS
from .faults import Faults
from .front import Front
from .kubernetes import bare
from .options import Options
from .recorder import Recorder

HOST = "127.0.0.1"
EXIT_PORT_TAKEN = 98


class Handler(MotoRequestHandler):
    """Keeps connections alive, sends at once, and leaves the log to the recorder."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code="-", size="-"):
        pass


def build(options: Options) -> Front:
    recorder = Recorder()
    cloud = Cloud(options, recorder)
    front = Front(cloud, recorder, Faults())
    front.control = Control(front, options)
    cloud.warm_up()
    return front


def serve(options: Options) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    front = build(options)
    try:
        server = make_server(HOST, options.port, front, threaded=True, request_handler=Handler)
    except (OSError, SystemExit) as error:
        print(f"cannot listen on {HOST}:{options.port}: {error}", file=sys.stderr)
        return EXIT_PORT_TAKEN
    # Control planes ask back here.
    options.port = server.server_port
    write_ready_file(options, server.server_port)
    server.serve_forever()
    return 0


def end(*_signal) -> None:
    """Ends at once: but for control planes nothing needs an end, and unloading moto takes half a second."""
    EKS.end_planes()
    bare.end()
    os._exit(0)


def write_ready_file(options: Options, port: int) -> None:
    text = json.dumps({"pid": os.getpid(), "port": port, "nonce": options.nonce})
    if not options.ready_file:
        print(text, flush=True)
        return
    draft = f"{options.ready_file}.{os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, options.ready_file)
