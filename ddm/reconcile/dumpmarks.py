"""What a dump says of itself: of which endpoint it is, when it was made, and whether it came to its end.

Two lines that whoever makes a dump may add, the second only when the listing succeeded:

    #ddm endpoint=eos begun=2026-11-30T01:00:00Z
    #ddm end ended=2026-11-30T01:40:00Z lines=1234567

``lines`` are those in between. A dump whose name has a date, such as Rucio's ``dump_20261130``, was begun on
that day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.errors import BadInput
from ddm.sources.lines import blocks, opened

MARK = "#ddm "
_EDGE = 1 << 14  # bytes at the beginning and at the end that are looked at
_DATE = re.compile(r"(?<![0-9])(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])(?![0-9])")


@dataclass(frozen=True, slots=True)
class Marks:
    """``lines``: how many it says it has. ``cut``: why its end was not seen; empty: it was."""

    endpoint: str | None = None
    begun: datetime | None = None
    ended: datetime | None = None
    lines: int | None = None
    cut: str = ""


def read(path: Path, name: str) -> Marks:
    """The marks of a dump of text. Raises BadInput for one that says what cannot be."""
    first, last = _edges(path, name)
    begin, end = (
        _marked(first.split("\n", 1)[0], name),
        _marked(last.rstrip("\n\0").rpartition("\n")[2], name),
    )
    begins, ends = "endpoint" in begin or "begun" in begin, "end" in end
    return Marks(
        begin.get("endpoint"),
        _moment(begin.get("begun"), name),
        _moment(end.get("ended"), name) if ends else None,
        _number(end.get("lines"), name) if ends else None,
        _why_cut(first, last, begins, ends),
    )


def of_name(path: Path) -> tuple[datetime, datetime] | None:
    """Between which times a dump was made, by the date in its name: any time of that day."""
    for year, month, day in _DATE.findall(path.name):
        try:
            begun = datetime(int(year), int(month), int(day), tzinfo=UTC)
        except ValueError:
            continue
        return begun, begun + timedelta(days=1)
    return None


def _edges(path: Path, name: str) -> tuple[str, str]:
    """The beginning and the end; of a compressed dump all of it is read for that."""
    with opened(path) as stream:
        if stream.readable() and type(stream).__module__ == "_io":
            first = stream.read(_EDGE)
            stream.seek(max(len(first), path.stat().st_size - _EDGE) if len(first) == _EDGE else 0)
            last = stream.read(_EDGE) if len(first) == _EDGE else first
            last = last or first
        else:
            first = last = b""
            for block in blocks(stream, name):
                first = first or block[:_EDGE]
                last = (last + block)[-_EDGE:]
    return first.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"), last.decode("utf-8", "replace")


def _marked(line: str, name: str) -> Mapping[str, str]:
    if not line.startswith(MARK):
        return {}
    words = [word.partition("=") for word in line.removeprefix(MARK).split()]
    found = {key: value for key, _, value in words}
    if len(found) != len(words) or not found.keys() <= {"endpoint", "begun", "end", "ended", "lines"}:
        raise BadInput(f"its mark is not understood: {line[:100]!r}", subject=name)
    return found


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"its mark has no time: {text[:40]!r}", subject=name) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _number(text: str | None, name: str) -> int | None:
    if text is not None and not re.fullmatch(r"[0-9]{1,18}", text):
        raise BadInput(f"its mark has no number of lines: {text[:40]!r}", subject=name)
    return None if text is None else int(text)


def _why_cut(first: str, last: str, begins: bool, ends: bool) -> str:
    if begins and not ends:
        return "its beginning is marked, and its end is not there"
    if first.lstrip().startswith("[") and not last.rstrip().endswith("]"):
        return "its list is not closed"
    if last and not first.lstrip().startswith(("[", "{")) and not last.endswith(("\n", "\0")):
        return "its last line has no end"
    return ""
