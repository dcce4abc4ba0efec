"""The log of calls: what was called how often, in which order, with which fate."""

from __future__ import annotations

import threading
import time
from collections import Counter


class Recorder:
    """Counts every AWS call since the last reset and keeps the list of unimplemented ones."""

    def __init__(self):
        self._lock = threading.Lock()
        self._log: list = []
        self._unimplemented: list = []
        self._sequence = 0

    def open(self, call) -> dict:
        entry = {
            "sequence": 0, "time": time.time(), "seconds": None, "service": call.service, "action": call.action,
            "method": call.method, "path": call.path, "region": call.region, "status": None, "fault": None, "code": "",
        }
        with self._lock:
            self._sequence += 1
            entry["sequence"] = self._sequence
            self._log.append(entry)
        return entry

    def close(self, entry: dict, status, code: str = "") -> None:
        entry["status"] = status
        entry["seconds"] = round(time.time() - entry["time"], 6)
        if code:
            entry["code"] = code

    def unimplemented(self, call, why: str) -> None:
        with self._lock:
            self._unimplemented.append(
                {"service": call.service, "action": call.action, "method": call.method, "path": call.path, "why": why}
            )

    def unimplemented_list(self) -> list:
        with self._lock:
            return list(self._unimplemented)

    def calls(self) -> dict:
        with self._lock:
            log = [dict(entry) for entry in self._log]
        counts = Counter(f"{entry['service'] or 'unknown'}.{entry['action']}" for entry in log)
        return {"total": len(log), "counts": dict(sorted(counts.items())), "log": log}

    def reset(self) -> None:
        with self._lock:
            self._log.clear()
            self._sequence = 0

    def wipe(self) -> None:
        self.reset()
        with self._lock:
            self._unimplemented.clear()
