"""Which endpoints and links a process leaves alone, for others to see: a small file for each process.

Breakers are memory of one process (docs/decisions/0015). So that ``ddm flow status`` can tell of those of a
``ddm flow run`` beside it, that process keeps a file in ``.ddm`` beside ddm.toml while any of them is not
closed. It is for people only: nobody decides by it, a file that cannot be written or read is no trouble, and
one that a killed process left behind is not believed for long.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from transfers.breaker import Breaker, sentence

LOG = logging.getLogger("ddm")
DIRECTORY = ".ddm"
BELIEVED = timedelta(hours=1)
"""After the next try of a breaker: then its process would have told more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An endpoint or a link that is left alone by a process. ``text``: since when, why, and until when."""

    name: str
    state: str
    cause: str
    since: datetime | None
    next_at: datetime | None
    process: str
    text: str


def file_for(root: Path) -> Path:
    """The file of this process."""
    return root / DIRECTORY / f"breakers-{socket.gethostname()}-{os.getpid()}.json"


def keeper(file: Path) -> Callable[[Sequence[Breaker]], None]:
    """Writes the breakers that are not closed to the file; without any, removes it. Never raises."""

    def keep(breakers: Sequence[Breaker]) -> None:
        try:
            if breakers:
                _write(file, breakers)
            else:
                file.unlink(missing_ok=True)
        except OSError as error:
            LOG.debug("%s: %s", file, error)

    return keep


def _write(file: Path, breakers: Sequence[Breaker]) -> None:
    rows = [
        {
            "name": breaker.name,
            "state": str(breaker.state),
            "cause": breaker.cause,
            "since": _text(breaker.since),
            "next_at": _text(breaker.next_at),
            "text": sentence(breaker),
        }
        for breaker in breakers
    ]
    file.parent.mkdir(exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(rows), encoding="utf-8")
    os.replace(new, file)


def standings(root: Path, now: datetime) -> list[Standing]:
    """What the processes that share this ddm.toml leave alone, by name and process."""
    found: list[Standing] = []
    for file in sorted((root / DIRECTORY).glob("breakers-*.json")):
        process = file.stem.removeprefix("breakers-")
        with suppress(OSError, ValueError, KeyError, TypeError):
            found += [_standing(row, process) for row in json.loads(file.read_text("utf-8"))]
    return sorted(
        (entry for entry in found if entry.next_at is not None and entry.next_at + BELIEVED > now),
        key=lambda entry: (entry.name, entry.process),
    )


def _standing(row: dict[str, str], process: str) -> Standing:
    since, next_at = (_time(row[key]) for key in ("since", "next_at"))
    return Standing(row["name"], row["state"], row["cause"], since, next_at, process, row["text"])


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
