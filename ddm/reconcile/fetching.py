"""What a Rucio server answered, kept dataset by dataset, so that a long listing goes on where it stopped.

    log.jsonl       a line for the whole; for every dataset one when its part begins, one when it is whole
    NAME.tsv        a part: a table as ``theirs`` writes it

A part that the log does not call whole is nothing. When everything came and was compared, the files are
removed, each by its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.clock import Clock
from catalog.errors import BadInput, NotRegistered
from ddm.reconcile import theirs
from ddm.reconcile.cataloguekinds import PASSING
from ddm.reconcile.theirs import Told, Written
from ddm.sources.rows import Refused
from ddm.sources.rucio import replies
from ddm.sources.rucio.client import RucioClient, RucioTrouble
from ddm.sources.rucio.replies import Did, RucioFile

LOG = "log.jsonl"


@dataclass
class Fetched:
    """What came: parts, what they hold, when the first and the last came, and why datasets did not come."""

    begun: datetime
    ended: datetime
    parts: list[Path] = field(default_factory=list)
    written: Written = field(default_factory=Written)
    unread: dict[str, str] = field(default_factory=dict)
    again: int = 0  # datasets that came in an earlier attempt


class Kept:
    """The directory of one listing. ``title`` says of what; another title is another listing."""

    def __init__(self, root: Path, title: str, clock: Clock, fresh: timedelta) -> None:
        digest = hashlib.sha256(title.encode()).hexdigest()[:16]
        self.directory = root / f"rucio-{digest}"
        self._log, self._clock = self.directory / LOG, clock
        self.directory.mkdir(parents=True, exist_ok=True)
        self._names: set[str] = set()
        self.begun, self.known = self._read()
        if self.begun is not None and clock.now() - self.begun > fresh:
            self.forget()
        if self.begun is None:
            self.directory.mkdir(parents=True, exist_ok=True)
            self.begun, self.known = clock.now(), {}
            self._append({"title": title, "begun": self.begun.isoformat()})

    def _read(self) -> tuple[datetime | None, dict[str, dict[str, Any]]]:
        """When the listing began, and the datasets that came. A torn line is one that was never written."""
        begun, known = None, {}
        if not self._log.exists():
            return None, {}
        for text in self._log.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, KeyError):
                entry = json.loads(text)
                if "begun" in entry:
                    begun = datetime.fromisoformat(entry["begun"])
                elif "writing" in entry:
                    self._names.add(Path(entry["writing"]).name)
                elif (self.directory / entry["part"]).exists():
                    known[str(entry["did"])] = entry
        return begun, known

    def _append(self, entry: dict[str, Any]) -> None:
        with open(self._log, "a", encoding="utf-8") as log:
            log.write("\n" + json.dumps(entry) + "\n")  # what was torn before stays apart
            log.flush()
            os.fsync(log.fileno())

    def keep(self, of: Did, entries: Iterable[Told]) -> dict[str, Any]:
        """Write the files of a dataset, then name them in the log."""
        name = f"{secrets.token_hex(8)}.tsv"
        path = self.directory / name
        self._names.add(name)
        self._append({"writing": name})
        try:
            written = theirs.write(entries, path)
            with open(path, "rb") as part:
                os.fsync(part.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        entry = {
            "did": str(of),
            "part": name,
            "at": self._clock.now().isoformat(),
            "counts": [written.entries, written.named, written.garbled],
            "examples": written.examples,
        }
        self._append(entry)
        self.known[str(of)] = entry
        return entry

    def forget(self) -> None:
        """Remove the files of this listing, each by its name."""
        for name in self._names:
            (self.directory / name).unlink(missing_ok=True)
        self._log.unlink(missing_ok=True)
        with suppress(OSError):
            self.directory.rmdir()
        self.begun, self.known, self._names = None, {}, set()


def fetch(
    client: RucioClient,
    datasets: Sequence[Did],
    rse: str,
    scope: str,
    kept: Kept,
    clock: Clock,
    advance: Callable[[int], None] = lambda _: None,
) -> Fetched:
    """The files of these datasets (their replicas at ``rse``, if given). What came before is not asked again.

    A dataset that does not come after all attempts is in ``unread``; the others are asked nevertheless.
    Raises RucioRefused: then nobody is let in at all. ``scope``: files of other scopes are left out.
    """
    found = Fetched(kept.begun or clock.now(), clock.now())
    for of in datasets:
        entry = kept.known.get(str(of))
        if entry is not None:
            found.again += 1
        else:
            entry = _one(client, of, rse, scope, kept, found)
        if entry is None:
            continue
        found.parts.append(kept.directory / entry["part"])
        entries, named, garbled = entry["counts"]
        found.written.add(Written(entries, named, garbled, list(entry["examples"])))
        advance(entries)
    found.ended = clock.now()
    return found


def _one(
    client: RucioClient, of: Did, rse: str, scope: str, kept: Kept, found: Fetched
) -> dict[str, Any] | None:
    def take(entries: Iterator[RucioFile | Refused]) -> dict[str, Any]:
        return kept.keep(of, (told(one, str(of)) for one in entries if _wanted(one, scope)))

    try:
        return client.replicas(of, rse, take) if rse else client.files(of, take)
    except (RucioTrouble, NotRegistered) as error:
        found.unread[str(of)] = str(error)
        return None


def _wanted(entry: RucioFile | Refused, scope: str) -> bool:
    return isinstance(entry, Refused) or not scope or entry.scope == scope


def told(entry: RucioFile | Refused, dataset: str | None, where: str = "") -> Told:
    """A file of Rucio as an entry to compare. One that comes or goes there is not compared."""
    if isinstance(entry, Refused):
        return Told(entry.value, dataset=dataset, where=where or dataset or "", problem=entry.why)
    passing = f"{PASSING}: it is {entry.state} there" if entry.state in replies.PASSING else ""
    return Told(entry.name, entry.size, entry.adler32, dataset, entry.events, where or dataset or "", passing)


def dids(texts: Iterable[str]) -> list[Did]:
    """DIDs of datasets. Raises BadInput."""
    try:
        return [replies.did(text) for text in texts]
    except ValueError as error:
        raise BadInput(str(error), subject="--dataset") from None
