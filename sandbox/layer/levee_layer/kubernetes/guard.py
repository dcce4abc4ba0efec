"""The keeper of one control plane's processes, a process of its own: they and their folder end when its standard input does.

So nothing stays behind, however the layer ends. On standard input stands one JSON line for each process to start, on
standard output one for each that has ended, or did not start. It runs alone, before any package is to be found: standard
library only.
"""

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent():
    """Linux only: should the keeper itself be killed, its processes are, too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(order):
    with open(order["name"] + ".log", "ab") as log:
        return subprocess.Popen(order["argv"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)


def report(name, what):
    sys.stdout.write(json.dumps({"name": name, "what": what}) + "\n")
    sys.stdout.flush()


def report_ended(running):
    for name, process in list(running.items()):
        if process.poll() is not None:
            del running[name]
            report(name, f"ended with code {process.returncode}")


def keep(running):
    """Returns when the standard input ends."""
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 512)
        if 0 in ready:
            read = os.read(0, 65536)
            if not read:
                return
            *orders, waiting = (waiting + read).split(b"\n")
            for order in map(json.loads, orders):
                try:
                    running[order["name"]] = start(order)
                except OSError as error:
                    report(order["name"], f"did not start: {error}")
        report_ended(running)


def main(folder):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    os.chdir(folder)
    running = {}
    try:
        keep(running)
    finally:
        for process in running.values():
            process.kill()
        for process in running.values():
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
