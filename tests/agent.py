"""Calls of the ports from a process of their own, one JSON line each: the client side of tests with servers.

The client libraries read their environment (credentials, time limits) once per process and keep connections;
so what a test wants of them takes a new process, and so does killing a client in the middle of a copy.

``Agent`` is the side of the test. Answers are what the port said, or the StorageError that it raised.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from catalog.checksum import Adler32
from catalog.clock import SystemClock
from catalog.errors import Retry
from catalog.states import Locality
from transfers.errors import StorageError
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Observed, Outcome, Pending, Unknown
from transfers.ports import Storage
from transfers.registry import open_storage

Order = CopyOrder | FetchOrder
PATIENCE = 40.0
"""Seconds for one call. All deadlines in the tests are much shorter."""


@dataclass(frozen=True, slots=True)
class Raised:
    """The whole call failed: code and text of the StorageError."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call said of each key, and how long it took."""

    of: Mapping[str, Any]
    raised: Raised | None
    seconds: float

    def code(self, key: str) -> str:
        """``done``, ``unknown``, or the code of the failure; of a whole call that failed, its code."""
        if self.raised is not None:
            return self.raised.code
        match self.of[key]:
            case Failed(code):
                return code
            case other:
                return type(other).__name__.lower()


class Agent:
    """A process with the client libraries, in an environment of its own, for one endpoint at a time."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, breaks: str = "") -> None:
        """``breaks``: name of a rule to break in that process, see ``tests.breaks``."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.agent", *([breaks] if breaks else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            env={**_plain_environment(), **(environment or {})},
        )

    def begin(
        self,
        verb: str,
        prefix: str,
        items: Sequence[Order] | Sequence[str],
        backend: str = "xrootd",
        **options: str,
    ) -> None:
        """Begin a call; ``result`` waits for its end."""
        asked = [item if isinstance(item, str) else _packed(item) for item in items]
        call = {"verb": verb, "prefix": prefix, "items": asked, "backend": backend, "options": options}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()

    def result(self) -> Answer:
        """The answer to ``begin``. Fails when there is none after ``PATIENCE``: no call may last for ever."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"no answer after {PATIENCE} s")
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the agent is gone: {self._process.wait()}")
        told = json.loads(line)
        raised = Raised(**told["raised"]) if told["raised"] else None
        return Answer({key: _unpacked(*value) for key, value in told["of"].items()}, raised, told["seconds"])

    def call(
        self,
        verb: str,
        prefix: str,
        items: Sequence[Order] | Sequence[str],
        backend: str = "xrootd",
        **options: str,
    ) -> Answer:
        self.begin(verb, prefix, items, backend, **options)
        return self.result()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """kill -9, in the middle of whatever it does."""
        self._process.kill()
        self.close()

    def interrupt(self) -> None:
        """SIGINT, as by Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _plain_environment() -> dict[str, str]:
    """Without the credentials and limits of whoever runs the tests."""
    away = ("XRD_", "XrdSec", "X509_", "BEARER_TOKEN", "XDG_RUNTIME_DIR")
    return {key: value for key, value in os.environ.items() if not key.startswith(away)}


# --------------------------------------------------------------------------------------------------- packing
def _packed(order: Order) -> dict[str, Any]:
    return {**asdict(order), "adler32": None if order.adler32 is None else int(order.adler32)}


def _order(verb: str, packed: Any) -> Any:
    if isinstance(packed, str):
        return packed
    if packed["adler32"] is not None:
        packed["adler32"] = Adler32(packed["adler32"])
    return CopyOrder(**packed) if verb == "copy" else FetchOrder(**packed)


def _told(outcome: Outcome | Observed) -> tuple[str, list[Any]]:
    match outcome:
        case Failed(code, text, retry):
            return "failed", [code, text, retry.value]
        case Unknown(text):
            return "unknown", [text]
        case Observed(size, adler32, locality):
            return "observed", [size, None if adler32 is None else int(adler32), locality.value]
        case other:
            return type(other).__name__.lower(), []


def _unpacked(kind: str, told: list[Any]) -> Outcome | Observed:
    match kind:
        case "done":
            return Done()
        case "pending":
            return Pending()
        case "failed":
            return Failed(told[0], told[1], Retry(told[2]))
        case "observed":
            return Observed(told[0], None if told[1] is None else Adler32(told[1]), Locality(told[2]))
        case _:
            return Unknown(told[0])


# ---------------------------------------------------------------------------------------- the process's side
def _answer(storages: dict[str, Storage], call: dict[str, Any]) -> dict[str, Any]:
    key = json.dumps([call["backend"], call["prefix"], call["options"]])
    of: Mapping[str, Any] = {}
    raised = None
    start = time.monotonic()
    try:
        if key not in storages:
            storages[key] = open_storage(
                call["backend"], call["prefix"], clock=SystemClock(), options=call["options"]
            )
        items = [_order(call["verb"], item) for item in call["items"]]
        of = _verb(storages[key], call["verb"])(items)
    except StorageError as error:
        raised = {"code": error.code, "text": str(error)}
    seconds = time.monotonic() - start
    return {
        "of": {key: _told(outcome) for key, outcome in of.items()},
        "raised": raised,
        "seconds": seconds,
    }


def _listed(storage: Storage, directories: Sequence[str]) -> dict[str, Observed]:
    """Every entry below the directories, as what is seen of a file."""
    assert storage.lister is not None
    return {
        entry.path: Observed(entry.size, entry.adler32, Locality.UNKNOWN)
        for directory in directories
        for entry in storage.lister.list(directory, recursive=True)
    }


def _verb(storage: Storage, verb: str) -> Any:
    match verb:
        case "copy":
            return storage.copier.copy
        case "fetch":
            return storage.copier.fetch
        case "remove":
            return storage.remover.remove
        case "list":
            return lambda directories: _listed(storage, directories)
        case _:
            return storage.prober.probe


def main(breaks: Sequence[str]) -> None:
    """Answer until the input ends."""
    for name in breaks:
        from tests.breaks import BREAKS

        BREAKS[name]()
    storages: dict[str, Storage] = {}
    for line in sys.stdin:
        print(json.dumps(_answer(storages, json.loads(line))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
