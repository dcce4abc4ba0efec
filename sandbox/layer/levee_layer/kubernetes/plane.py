"""One control plane: started in the background, asked whether it is ready, ended with everything that belongs to it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Callable, Optional

from . import guard, programs
from .api import Api

START_SECONDS = 120.0
POLL_SECONDS = 0.05
TICK_SECONDS = 0.2
# Less than the patience of whoever ends the layer.
END_SECONDS = 4.0


class PlaneFault(Exception):
    """A control plane that did not start, or lost one of its programs."""


def reserved_port() -> socket.socket:
    """A socket that holds a free port of 127.0.0.1 without listening, so that one program of ours can share it."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(("127.0.0.1", 0))
    return held


def parent_of(options) -> Optional[Path]:
    """Where the folders of control planes lie: beside the ready file, so that they go with what belongs to this layer."""
    return Path(options.ready_file).parent / "planes" if options.ready_file else None


class Plane:
    """`begin` returns at once; a thread starts the programs, and then calls `tick(plane)` again and again."""

    def __init__(self, binaries: str, parent: Optional[Path], tick: Callable):
        self.binaries = binaries
        self.held = reserved_port()
        self.port = self.held.getsockname()[1]
        if parent:
            parent.mkdir(parents=True, exist_ok=True)
        # Short, because the name of a socket lies below it.
        self.folder = Path(tempfile.mkdtemp(prefix="plane-", dir=parent)).resolve()
        self.tick = tick
        # (path, object): what it is given before it counts as ready.
        self.first_objects: list = []
        self.is_ready = False
        self.failure = ""
        self.api: Optional[Api] = None
        self._last_fault = ""
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._decided = threading.Event()
        self._guard: Optional[subprocess.Popen] = None
        self._thread: Optional[threading.Thread] = None

    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def begin(self, setup: programs.Setup) -> None:
        self.api = Api(self.port, setup.token, setup.authority_pem)
        self._thread = threading.Thread(target=self._run, args=(setup,), daemon=True)
        self._thread.start()

    def _run(self, setup: programs.Setup) -> None:
        try:
            programs.write_files(self.folder, setup)
            self._start_guard()
            self._start("etcd", programs.etcd(self.binaries))
            self._start("kube-apiserver", programs.apiserver(self.binaries, setup))
            self._until(self.api.is_ready, "the API server is ready")
            for name, argv in programs.controllers(self.binaries).items():
                self._start(name, argv)
            self._until(self.api.has_service_account, "the controllers have made the first service account")
            for path, thing in self.first_objects:
                self.api.call("POST", path, thing)
        except (OSError, ValueError, PlaneFault) as fault:  # ValueError: its end has closed the pipe to the keeper
            self._fail(str(fault))
            if self._guard is None:
                shutil.rmtree(self.folder, ignore_errors=True)
            return
        self.is_ready = True
        self._decided.set()
        while not self._ending.wait(TICK_SECONDS) and not self.failure:
            self._tick()

    def _tick(self) -> None:
        try:
            self.tick(self)
        except Exception as error:  # the thread must go on: what failed now is tried again in the next round
            fault = f"{type(error).__name__}: {error}"
            if fault != self._last_fault and not self._ending.is_set():
                print(f"control plane {self.folder.name}: {fault}", file=sys.stderr, flush=True)
            self._last_fault = fault

    def _start_guard(self) -> None:
        with self._lock:
            if self._ending.is_set():
                raise PlaneFault("it was ended while it started")
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, str(self.folder)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True, start_new_session=True)
        threading.Thread(target=self._watch, args=(self._guard.stdout,), daemon=True).start()

    def _start(self, name: str, argv: list) -> None:
        self._guard.stdin.write(json.dumps({"name": name, "argv": argv}) + "\n")
        self._guard.stdin.flush()

    def _watch(self, reports) -> None:
        for line in reports:
            ended = json.loads(line)
            self._fail(f"{ended['name']} {ended['what']}\n{self._log_of(ended['name'])}".rstrip())
        self._fail("its keeper has ended")

    def _log_of(self, name: str) -> str:
        try:
            return "\n".join((self.folder / f"{name}.log").read_text("utf-8", "replace").splitlines()[-10:])
        except OSError:
            return ""

    def _fail(self, why: str) -> None:
        if not self._ending.is_set() and not self.failure:
            self.failure = why
            self._decided.set()
            print(f"control plane {self.folder.name}: {why}", file=sys.stderr, flush=True)

    def _until(self, is_so: Callable, what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_so():
            if self.failure or time.monotonic() > deadline or self._ending.wait(POLL_SECONDS):
                raise PlaneFault(self.failure or f"no success in waiting until {what}:\n{self._log_of('kube-apiserver')}")

    def wait_until_ready(self, seconds: float) -> None:
        """Returns when it is ready, or has failed."""
        if not self._decided.wait(seconds):
            self._fail(f"it is not ready after {seconds:.0f} s")

    def end(self) -> None:
        """Begins the end; `is_ended` tells when it has come."""
        with self._lock:
            self._ending.set()
            self.is_ready = False
            guarded = self._guard
        if guarded:
            try:
                guarded.stdin.close()
            except OSError:
                pass  # it has ended by itself
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def is_ended(self) -> bool:
        if not self._ending.is_set() or self._guard and self._guard.poll() is None:
            return False
        self.held.close()
        return True

    def wait_for_end(self) -> None:
        if self._guard:
            try:
                self._guard.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                print(f"control plane {self.folder.name}: its keeper does not end", file=sys.stderr)
        self.is_ended()
