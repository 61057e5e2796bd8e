"""Options of event sources and numbers of events, read strictly: nothing is guessed, nothing ignored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite

from catalog.errors import BadInput, Retry
from catalog.ranges import LARGEST
from catalog.states import Witness
from ddm.events.ports import Answer, Counted, NotKnown, Trouble

UNKNOWN = -1
"""What catalogues write when nobody has counted."""


def taken(options: Mapping[str, str], kind: str, required: tuple[str, ...], *optional: str) -> None:
    """Raises BadInput for an option that the kind of source does not take, or that it lacks."""
    known = (*required, *optional)
    for name in options:
        if name not in known:
            raise BadInput(
                f"a {kind} source has no option '{name}'; it takes {', '.join(known)}", subject=name
            )
    for name in required:
        if not options.get(name, "").strip():
            raise BadInput(f"a {kind} source needs the option '{name}'", subject=name)


def witness(options: Mapping[str, str]) -> Witness:
    """In whose name a source speaks: that of the raw catalogue, unless the option says the job's."""
    said = options.get("witness", Witness.RAW_CATALOGUE)
    if said not in (Witness.RAW_CATALOGUE, Witness.JOB):
        raise BadInput(f"a list speaks for 'raw_catalogue' or 'job', not '{said}'", subject="witness")
    return Witness(said)


def by_base_name(options: Mapping[str, str]) -> bool:
    """Whether files are compared by base name: option ``match`` is ``lfn`` or ``base_name``."""
    said = options.get("match", "lfn")
    if said not in ("lfn", "base_name"):
        raise BadInput(f"'match' is 'lfn' or 'base_name', not '{said}'", subject="match")
    return said == "base_name"


def number(value: object, where: str) -> Answer:
    """The answer that a value in a list is. Empty and -1 are unknown; what is no count is Trouble."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str):
        text = value.strip()
        if text in ("", str(UNKNOWN)):
            return NotKnown(f"{where}: unknown there too")
        if text.isascii() and text.isdigit() and len(text) <= 19:
            return _counted(int(text), where)
        return _no_count(text, where)
    if value is None:
        return NotKnown(f"{where}: unknown there too")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return _no_count(value, where)
    finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, int) or isfinite(value)
    if not finite or not -LARGEST <= value <= LARGEST or value != int(value):
        return _no_count(value, where)
    return NotKnown(f"{where}: unknown there too") if value == UNKNOWN else _counted(int(value), where)


def _counted(events: int, where: str) -> Answer:
    return Counted(events) if 0 <= events <= LARGEST else _no_count(events, where)


def _no_count(value: object, where: str) -> Trouble:
    shown = "a very long number" if isinstance(value, int) and abs(value) >> 100 else str(value)[:40]
    return Trouble(f"{where}: '{shown}' is no number of events", "bad_count", Retry.LATER)


def agreed(answers: list[Answer], where: str) -> Answer:
    """One answer of several lines for a file: equal counts agree, different ones are Trouble."""
    counts = sorted({answer.events for answer in answers if isinstance(answer, Counted)})
    if len(counts) > 1:
        said = " and ".join(map(str, counts[:3]))
        return Trouble(f"{where}: stands there more than once, with {said} events", "bad_count")
    if counts:
        return Counted(counts[0])
    troubles = [answer for answer in answers if isinstance(answer, Trouble)]
    return (troubles or answers)[0]
