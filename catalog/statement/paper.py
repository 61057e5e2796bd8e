"""The statement as a sealed JSON document, and how one is read and checked without a catalogue.

The seal is the sha256 of the canonical JSON of everything else: keys sorted, no blanks, ASCII. So it does not
depend on how the document is laid out. A seal keeps nobody from writing another statement; it shows that this
one was not changed by accident, and is short enough to be written down elsewhere. What proves the statement
is its arithmetic (``problems``) and the catalogue (``ddm report check``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from catalog.checksum import Adler32
from catalog.errors import BadInput
from catalog.evidence import Grade
from catalog.statement.values import Facts, Part, said
from catalog.statement.verdicts import Judged, Totals, Verdict, judge, overall, totals
from catalog.states import CheckState, GroupState, ReplicaState

COUNTED = ("all", "subset", "none")
KIND, VERSION = "ddm period statement", 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement:
    """Facts, and what follows from them."""

    facts: Facts = said("what is stated")
    judged: tuple[Judged, ...] = said("the verdict on every run, in the order of the facts")
    totals: Totals = said("the sums")
    verdict: Verdict = said("the verdict on the period: the worst of its runs")


def stated(facts: Facts) -> Statement:
    """The statement that follows from the facts."""
    judged = judge(facts)
    return Statement(facts, judged, totals(facts, judged), overall(judged))


def document(statement: Statement) -> dict[str, Any]:
    """The statement as JSON has it, sealed."""
    body = {"kind": KIND, "version": VERSION, **_plain(statement)}
    return {**body, "seal": seal(body)}


def seal(body: Mapping[str, Any]) -> str:
    """The seal of a document, with or without one."""
    bare = {key: value for key, value in body.items() if key != "seal"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def read(text: str, subject: str) -> tuple[Statement, list[str], str]:
    """The statement of a document, what is wrong with it in itself (seal, arithmetic, verdicts), its seal.

    Raises BadInput for what is no statement of a version that this program reads.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"is not JSON: {error}", subject=subject) from None
    if not isinstance(data, dict) or data.get("kind") != KIND or data.get("version") != VERSION:
        raise BadInput(f"is no {KIND} of version {VERSION}", subject=subject)
    try:
        bare = {key: value for key, value in data.items() if key not in ("kind", "version", "seal")}
        found: Statement = _read(Statement, bare, "")
        _check_words(found.facts)
    except ValueError as error:
        raise BadInput(f"is no statement that can be read: {error}", subject=subject) from None
    return found, list(problems(found, data)), str(data.get("seal", ""))


def problems(found: Statement, data: Mapping[str, Any]) -> Iterator[str]:
    """What contradicts itself in a statement; nothing is what one wants to see."""
    if data.get("seal") != seal(data):
        yield "the seal is not that of what it says: it was changed after it was made"
    again = stated(found.facts)
    if len(found.judged) != len(again.judged):
        yield f"{len(found.judged)} verdicts on {len(again.judged)} runs"
    for said_, due in zip(found.judged, again.judged, strict=False):
        if said_ != due:
            yield f"run {due.run} of {due.task}: it says {said_.verdict}, its facts say {due.verdict}" + (
                "" if said_.verdict != due.verdict else ", for other reasons"
            )
    if found.totals != again.totals:
        differing = [
            entry.name
            for entry in fields(Totals)
            if getattr(found.totals, entry.name) != getattr(again.totals, entry.name)
        ]
        yield f"totals do not add up: {', '.join(differing)}"
    if found.verdict != again.verdict:
        yield f"it says that the period is {found.verdict}, its facts say {again.verdict}"


# -------------------------------------------------------------------------------------- plain values
def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name, _ in _shape(type(value))}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, StrEnum) else value


@cache
def _shape(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(cls)
    return tuple((entry.name, hints[entry.name]) for entry in fields(cls))


def _read(kind: Any, value: Any, where: str) -> Any:
    """A value of a type of ``values`` or ``verdicts``. Raises ValueError that says where it is none."""
    if is_dataclass(kind) and isinstance(kind, type):
        shape = _shape(kind)
        if not isinstance(value, dict) or value.keys() != {name for name, _ in shape}:
            odd = sorted({name for name, _ in shape} ^ (value.keys() if isinstance(value, dict) else set()))
            raise ValueError(
                f"{where or 'the document'}: these fields are missing or too many: {', '.join(odd)}"
            )
        return kind(**{name: _read(of, value[name], f"{where}.{name}".lstrip(".")) for name, of in shape})
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where}: expected a list")
        (of, _) = get_args(kind)
        return tuple(_read(of, entry, f"{where}[{n}]") for n, entry in enumerate(value))
    if get_origin(kind) is UnionType:
        (of,) = (one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _read(of, value, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if type(value) is not kind:
        raise ValueError(f"{where}: expected {kind.__name__}, not {value!r:.40}")
    return value


def _check_words(facts: Facts) -> None:
    """Times, checksums and grades are what they say. Raises ValueError."""
    _time(facts.made_at)
    for run in facts.runs:
        for product in run.products:
            Grade(product.grade)
            if product.counted not in COUNTED:
                raise ValueError(f"{product.counted!r} is not one of {', '.join(COUNTED)}")
            if product.check:
                CheckState(product.check)
            for part in product.parts:
                _check_part(part)


def _check_part(part: Part) -> None:
    GroupState(part.state)
    if part.adler32 is not None:
        Adler32.parse(part.adler32)
    for removed in part.removed:
        ReplicaState(removed.state)
    for copy in part.on_tape:
        ReplicaState(copy.state)
        _time(copy.since)
        for piece in copy.evidence:
            _time(piece.at)
            Grade(piece.grade)


def _time(text: str) -> None:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
