"""The report: a line for every row that was not mapped whole, and the sums.

For each table: rows read = rows mapped + rows in the report. The report is written beside its name and takes
it when the import is through.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from catalog.errors import BadInput
from ddm.sources.prodsys.mapping import CAUSES, REFUSING, Trouble

PARTLY, REFUSED = "partly", "refused"
COLUMNS = ("table", "id", "task", "run", "chunk", "file", "outcome", "causes", "text")


@dataclass(slots=True)
class Rows:
    """What became of the rows of a table."""

    read: int = 0
    mapped: int = 0
    partly: int = 0
    refused: int = 0

    @property
    def balanced(self) -> bool:
        return self.read == self.mapped + self.partly + self.refused


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows that were not mapped whole for one cause; a row with several counts for each."""

    cause: str
    rows: int
    meaning: str
    first: str


@dataclass(slots=True)
class Tallied:
    """The sums of a report while it is written."""

    tasks: Rows = field(default_factory=Rows)
    jobs: Rows = field(default_factory=Rows)
    count: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def causes(self) -> tuple[Cause, ...]:
        """The causes, the most frequent first."""
        return tuple(
            Cause(cause, rows, CAUSES[cause], self.first[cause]) for cause, rows in self.count.most_common()
        )


class Report:
    """Takes what became of each row; ``path`` ends in .csv or .jsonl. Use it with ``with``."""

    def __init__(self, path: Path) -> None:
        if path.suffix not in (".csv", ".jsonl"):
            raise BadInput("a report is .jsonl or .csv", subject=str(path))
        self.path, self.sums = path, Tallied()
        self._part = path.with_name(path.name + ".part")
        try:
            self._file: TextIO = open(  # noqa: SIM115 - it is closed in __exit__
                self._part, "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
        except OSError as error:
            raise BadInput(error.strerror or str(error), subject=str(path)) from None
        self._csv = csv.DictWriter(self._file, COLUMNS) if path.suffix == ".csv" else None
        if self._csv:
            self._csv.writeheader()

    def take(self, rows: Rows, about: dict[str, Any], troubles: Sequence[Trouble]) -> None:
        """A row was read and this is what stood in the way; nothing if it is mapped whole."""
        rows.read += 1
        if not troubles:
            rows.mapped += 1
            return
        outcome = REFUSED if any(trouble.cause in REFUSING for trouble in troubles) else PARTLY
        if outcome == REFUSED:
            rows.refused += 1
        else:
            rows.partly += 1
        for cause in {trouble.cause: None for trouble in troubles}:
            self.sums.count[cause] += 1
            self.sums.first.setdefault(cause, f"{about['table']} {about['id']}: {_text(troubles, cause)}")
        self._write({**about, "outcome": outcome}, troubles)

    def _write(self, about: dict[str, Any], troubles: Sequence[Trouble]) -> None:
        if self._csv:
            causes = " ".join(dict.fromkeys(trouble.cause for trouble in troubles))
            text = "; ".join(trouble.text for trouble in troubles)
            self._csv.writerow({**about, "causes": causes, "text": text})
            return
        said = [{"cause": trouble.cause, "text": trouble.text} for trouble in troubles]
        self._file.write(json.dumps({**about, "causes": said}, ensure_ascii=False) + "\n")

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:  # the part that was written may help a person; the name stays as it was
            with suppress(OSError):
                self._file.close()
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self.path)  # of an earlier import: it is derived, and this one is complete


def _text(troubles: Iterable[Trouble], cause: str) -> str:
    return next(trouble.text for trouble in troubles if trouble.cause == cause)
