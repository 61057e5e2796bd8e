"""What another catalogue says of its files, on its way into the engine: a table of text on disk, one entry
after the other, whatever their number.

A name that no file here can have (a control character in it, no text) is kept as an entry that cannot be
taken, with what it says; it is never compared as something else.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from catalog.checksum import Adler32
from ddm.reconcile.cataloguekinds import PASSING
from ddm.sources.rows import Entry as Given
from ddm.sources.rows import Refused, short

COLUMNS = ("name", "dataset", "size", "adler32", "events", "where", "problem")


class Told(NamedTuple):
    """An entry of another catalogue; None: it does not say. ``where``: file and line, or the like.

    ``problem``: why it cannot be taken; then a ``name`` is the file it speaks of, "" if that cannot be told.
    One that begins with ``PASSING`` is no fault of the list: the file comes or goes there.
    """

    name: str
    size: int | None = None
    adler32: Adler32 | None = None
    dataset: str | None = None
    events: int | None = None
    where: str = ""
    problem: str = ""


@dataclass
class Written:
    """What was written: entries, those that cannot be taken (``named``: they say of which file), examples."""

    entries: int = 0
    named: int = 0
    garbled: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, other: Written) -> None:
        self.entries += other.entries
        self.named += other.named
        self.garbled += other.garbled
        self.examples += other.examples[: max(0, 5 - len(self.examples))]


def write(entries: Iterable[Told], to: Path) -> Written:
    """Write them into a new file, which the engine reads."""
    found = Written()
    with open(to, "x", newline="", encoding="utf-8", errors="backslashreplace") as table:
        writer = csv.writer(table, delimiter="\t", quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        for entry in entries:
            found.entries += 1
            if (entry.problem and not entry.problem.startswith(PASSING)) or not entry.name.isprintable():
                entry = _refused(entry, found)
            writer.writerow(
                (
                    entry.name,
                    entry.dataset,
                    entry.size,
                    None if entry.adler32 is None else int(entry.adler32),
                    entry.events,
                    entry.where,
                    entry.problem,
                )
            )
    return found


def _refused(entry: Told, found: Written) -> Told:
    why = entry.problem or "a name with a control character or a line break, which no file here can have"
    name = entry.name  # a name that can be one here stays what it is: our file of that name is not missed
    shown = name if name.isprintable() else name.encode("unicode_escape").decode("ascii")
    if len(found.examples) < 5:
        found.examples.append(": ".join(filter(None, (entry.where, shown, why))))
    if entry.name:
        found.named += 1
    else:
        found.garbled += 1
    return entry._replace(name=shown if entry.name else "", problem=why)


def of_list(entries: Iterable[Given]) -> Iterable[Told]:
    """The entries of a list that ``ddm.sources`` reads."""
    for entry in entries:
        if isinstance(entry, Refused):
            name = entry.value if entry.value.startswith("/") else ""
            why = entry.why if name or not entry.value else f"{entry.why}, not {short(entry.value)}"
            yield Told(name, where=entry.where, problem=why)
        else:
            yield Told(
                entry.lfn,
                entry.size,
                entry.adler32,
                events=entry.n_events,
                where=entry.where,
            )
