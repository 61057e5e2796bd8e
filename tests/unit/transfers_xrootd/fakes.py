"""A tape system behind an XRootD server, played in memory: the calls of ``client.Client`` for recalls."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.commands import BACKUP_EXISTS, CANCEL, EVICT, OFFLINE, Limits
from transfers.backends.xrootd.errors import Trouble

MISSING = Trouble(400, 3011, "no such file")
TOO_MANY = Trouble(400, 3005, "Unable to stage files; argument list too long")
DEAD = Trouble(108, 111, "connection refused")
SILENT = Trouble(206, 0, "operation expired")
REFUSED = Trouble(400, 3010, "permission denied")
NO_INFORMATION = b"No information available.\0"


class FakeClient:
    """Accepts what is there and wanted. ``before`` may answer a prepare request first; ``say`` the query.

    ``loses``: requests of these names that are accepted and forgotten, counted down. ``counts``: evicts are
    counted, as EOS does.
    """

    server = "root://fake:1094"

    def __init__(self, names: Sequence[str] = (), *, counts: bool = False, **limits: Any) -> None:
        self.limits = Limits(**{"tape": True, **limits})
        self.online: dict[str, bool] = dict.fromkeys(names, False)
        self.pins: dict[str, int] = {}
        self.requested: dict[str, set[str]] = {name: set() for name in names}
        self.errors: dict[str, str] = {}
        self.loses: dict[str, int] = {}
        self.counts = counts
        self.asked: list[tuple[int, list[str]]] = []
        self.priorities: list[int] = []
        self.queries: list[int] = []
        self.before: Callable[[list[str], int], bytes | Trouble | None] = lambda names, flags: None
        self.say: Callable[[str, Sequence[str]], bytes | Trouble] = self.json

    def prepare(
        self, names: Sequence[str], flags: int, *, priority: int = 0, deadline: object = None
    ) -> bytes | Trouble:
        assert names
        self.asked.append((flags, list(names)))
        self.priorities.append(priority)
        answer = self.before(list(names), flags)
        if answer is not None:
            return answer
        if flags == CANCEL:
            for name in names[1:]:
                self.requested[name].discard(names[0])
            return b""
        if flags == EVICT:
            for name in names:
                self.pins[name] = self.pins.get(name, 0) - 1
                if not self.counts or self.pins[name] <= 0:
                    self.online[name] = False
            return b""
        return self._accept(names)

    def _accept(self, names: Sequence[str]) -> bytes:
        request = f"id:{len(self.asked)}"
        for told in names:
            name = told.partition("?")[0]
            if self.loses.get(name, 0):
                self.loses[name] -= 1
            elif self.online.get(name):
                self.pins[name] = self.pins.get(name, 0) + 1
            elif name in self.online:
                self.requested[name].add(request)
        return request.encode()

    def query_prepare(self, request: str, names: Sequence[str], deadline: object = None) -> bytes | Trouble:
        self.queries.append(len(names))
        return self.say(request, names)

    def json(self, request: str, names: Sequence[str]) -> bytes:
        entries = [
            {
                "path": name,
                "path_exists": name in self.online,
                "on_tape": name in self.online,
                "online": self.online.get(name, False),
                "requested": bool(self.requested.get(name)),
                "has_reqid": request in self.requested.get(name, ()),
                "req_time": "",
                "error_text": self.errors.get(name, ""),
            }
            for name in names
        ]
        return json.dumps({"request_id": request, "responses": entries}).encode()

    def stat(self, names: Sequence[str]) -> dict[str, Stat | Trouble]:
        return {name: self._stat(name) for name in names}

    def _stat(self, name: str) -> Stat | Trouble:
        if name not in self.online:
            return MISSING
        backup = BACKUP_EXISTS if self.counts else 0
        return Stat(1, backup | (0 if self.online[name] else OFFLINE))

    def recall(self, *names: str) -> None:
        """The files come online, with a pin for each request."""
        for name in names:
            self.online[name] = True
            self.pins[name] = len(self.requested[name])
            self.requested[name].clear()
