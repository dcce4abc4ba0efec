"""Answers that moto works out anew for every request, although they never change: kept after the first time."""

from __future__ import annotations

from functools import lru_cache

import moto.backends as backends
import moto.core.responses as responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

_modules = backends.list_of_moto_modules
_methods = responses.method_names_from_class


@lru_cache(maxsize=1)
def _kept_modules() -> tuple:
    return tuple(_modules())


@lru_cache(maxsize=None)
def _kept_methods(kind: type) -> frozenset:
    return frozenset(_methods(kind))


class Dispatcher(DomainDispatcherApplication):
    """Remembers which backend a host name stands for."""

    def __init__(self, create_app):
        super().__init__(create_app)
        self._found: dict = {}

    def get_backend_for_host(self, host):
        if host not in self._found:
            self._found[host] = super().get_backend_for_host(host)
        return self._found[host]


backends.list_of_moto_modules = _kept_modules
responses.method_names_from_class = _kept_methods
