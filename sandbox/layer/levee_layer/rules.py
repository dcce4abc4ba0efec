"""The register of rules: what the layer does itself (`handles`), checks first (`before`) or mends later (`after`)."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Callable

# Whoever looks at the world or changes it holds this: a rule of a call, and the thread of a control plane.
LOCK = threading.RLock()
HANDLERS: dict = {}
CHECKS: dict = defaultdict(list)
MENDINGS: dict = defaultdict(list)
SETTLERS: list = []
RESETTERS: list = []


def handles(service: str, *actions: str) -> Callable:
    """Marks `f(call) -> result dict` as the whole answer to these actions; moto is not asked."""

    def register(function):
        for action in actions:
            HANDLERS[(service, action)] = function
        return function

    return register


def before(service: str, *actions: str) -> Callable:
    """Marks `f(call)` as a check before moto acts: it may raise `AwsError`. No action means every action."""

    def register(function):
        for action in actions or ("*",):
            CHECKS[(service, action)].append(function)
        return function

    return register


def after(service: str, *actions: str) -> Callable:
    """Marks `f(call, reply)` as run after a successful answer of moto."""

    def register(function):
        for action in actions or ("*",):
            MENDINGS[(service, action)].append(function)
        return function

    return register


def settles(function):
    """Marks `f()` as run before every call: it carries out what time has brought about."""
    SETTLERS.append(function)
    return function


def resets(function):
    """Marks `f()` as run when the world is wiped."""
    RESETTERS.append(function)
    return function


def checks_of(service: str, action: str) -> list:
    return CHECKS[(service, "*")] + CHECKS[(service, action)]


def mendings_of(service: str, action: str) -> list:
    return MENDINGS[(service, "*")] + MENDINGS[(service, action)]
