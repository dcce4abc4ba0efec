"""Fault rules: which of the coming calls go wrong, and how."""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from typing import Optional

KINDS = ("error", "drop_before", "drop_after", "error_after", "truncate", "delay", "delay_after")
# What a throttled call of these services answers, if a rule names no code.
DEFAULT_CODES = {"ec2": "RequestLimitExceeded", "iam": "Throttling", "sts": "Throttling"}


@dataclasses.dataclass
class Fault:
    """`skip` calls that match go through first, then `times` calls are hit; `times` < 0 means for ever.

    With a `rate` only those are hit for which a bucket has no token: it holds `burst`, and `rate` come in a second.
    """

    service: str = ""
    action: str = ""
    kind: str = "error"
    skip: int = 0
    times: int = 1
    code: str = ""
    status: int = 0
    message: str = "injected by the levee sandbox"
    seconds: float = 0.0
    rate: float = 0.0
    burst: int = 1
    hits: int = 0
    level: Optional[float] = None
    filled: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether the bucket has a token for a call, which takes it."""
        if not self.rate:
            return False
        level = self.burst if self.level is None else min(self.burst, self.level + (now - self.filled) * self.rate)
        self.level, self.filled = (level - 1 if level >= 1 else level), now
        return level >= 1

    def matches(self, call) -> bool:
        if self.service and self.service != call.service:
            return False
        return not self.action or re.fullmatch(self.action, call.action) is not None

    def code_for(self, call) -> str:
        if self.code:
            return self.code
        return "InternalError" if self.kind == "error_after" else DEFAULT_CODES.get(call.service, "ThrottlingException")

    def status_for(self) -> int:
        return self.status or (500 if self.kind == "error_after" else 503)


def fault_from(rule: dict) -> Fault:
    """A rule as it comes over the control API; `ValueError` says what is wrong with it."""
    known = {field.name for field in dataclasses.fields(Fault)} - {"hits", "level", "filled"}
    unknown = sorted(set(rule) - known)
    if unknown:
        raise ValueError(f"unknown field(s): {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    fault = Fault(**rule)
    if fault.kind not in KINDS:
        raise ValueError(f"unknown kind {fault.kind!r}; known: {', '.join(KINDS)}")
    re.compile(fault.action)
    return fault


class Faults:
    """The rules in force, in the order they were given; the first that matches and is not used up wins."""

    def __init__(self):
        self._lock = threading.Lock()
        self._rules: list = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._rules.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def listed(self) -> list:
        with self._lock:
            return [dataclasses.asdict(fault) for fault in self._rules]

    def take(self, call) -> Optional[Fault]:
        with self._lock:
            for fault in self._rules:
                if fault.times == 0 or not fault.matches(call):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.lets_through(time.monotonic()):
                    continue
                fault.times -= 1
                fault.hits += 1
                return fault
        return None
