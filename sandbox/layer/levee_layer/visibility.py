"""Eventual consistency on request: a new object stays invisible to its next n reads."""

from __future__ import annotations

from .rules import resets


class Visibility:
    """`reads` is how many reads a new object is hidden from; 0 (the default) hides nothing."""

    def __init__(self):
        self.reads = 0
        self._hidden: dict = {}

    def created(self, service: str, identity: str) -> None:
        if self.reads > 0 and identity:
            self._hidden[(service, identity)] = self.reads

    def is_hidden(self, service: str, identity: str) -> bool:
        """Asks and counts: each asking is one read."""
        left = self._hidden.get((service, identity), 0)
        if left <= 0:
            return False
        if left == 1:
            del self._hidden[(service, identity)]
        else:
            self._hidden[(service, identity)] = left - 1
        return True

    def clear(self) -> None:
        self.reads = 0
        self._hidden.clear()


VISIBILITY = Visibility()
resets(VISIBILITY.clear)
