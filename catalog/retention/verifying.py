"""What still stands of a delete certificate, years later, by the catalogue alone. Pure.

Each line of a paper is compared with what the catalogue says today. ``STANDS``: the same; ``CHANGED``: it
was right, and something has happened since (an archive copy was lost, a waiver was made void); ``WRONG``: the
seal is broken, or the catalogue contradicts the paper.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from catalog.checksum import Adler32
from catalog.evidence import Piece
from catalog.retention.facts import Member, members_digest
from catalog.retention.papers import products_of, seal_of, table


class Standing(StrEnum):
    """How a line of a paper is today."""

    STANDS = "stands"
    CHANGED = "changed"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a paper says, and how it is today."""

    standing: Standing
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class CopyToday:
    """A replica as the catalogue has it, with all evidence ever taken of it and what happened to it."""

    lfn: str
    size: int | None
    adler32: int | None
    endpoint: str
    path: str
    state: str
    since: datetime
    pieces: tuple[Piece, ...] = ()
    past: tuple[tuple[str, datetime, str], ...] = ()  # (event, time, reason)


@dataclass(frozen=True, slots=True)
class GroupToday:
    """A merge group as the catalogue has it. ``past``: (event, time) of its cross-check."""

    state: str
    output: tuple[str, int | None, int | None] | None
    members: tuple[Member, ...]
    check: str
    past: tuple[tuple[str, datetime], ...] = ()
    waivers: tuple[tuple[str, datetime, datetime | None], ...] = ()  # (by, made, void)


@dataclass(frozen=True, slots=True)
class Today:
    """What the catalogue says now of all that some papers name, by id."""

    copies: Mapping[int, CopyToday] = field(default_factory=dict)
    groups: Mapping[int, GroupToday] = field(default_factory=dict)


def named(body: str) -> tuple[list[int], list[int]]:
    """The replicas and merge groups that a paper names; none if nobody can read it."""
    said = content(body)
    if said is None:
        return [], []
    if said.get("version") == 1:
        product = said["product"]
        return [int(copy["replica_id"]) for copy in said["replicas"]], [int(product["group_id"])]
    products = products_of(said)
    tapes = [int(tape["replica"]) for product in products for tape in product["tapes"]]
    kept = [int(copy["replica"]) for copies in said["kept"].values() for copy in copies]
    copies = [int(copy["replica"]) for copy in table(said["copies"])]
    return [*copies, *tapes, *kept], [int(product["group"]) for product in products]


def content(body: str) -> dict[str, Any] | None:
    """What a paper says; None if nobody can read it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and said.get("version") in (1, 2) else None


def verify(seal: str, body: str, issued_at: datetime, today: Today) -> list[Line]:
    """Every line of a paper, compared with today."""
    return list(_lines(seal, body, issued_at, today))


def worst(lines: Sequence[Line]) -> Standing:
    """The worst of the lines."""
    found = {line.standing for line in lines}
    return next((one for one in (Standing.WRONG, Standing.CHANGED) if one in found), Standing.STANDS)


def _line(good: bool, what: str, text: str, otherwise: Standing = Standing.WRONG) -> Line:
    return Line(Standing.STANDS if good else otherwise, what, text)


def _lines(seal: str, body: str, issued_at: datetime, today: Today) -> Iterator[Line]:
    intact = seal_of(body) == seal
    yield _line(
        intact, "seal", "is that of the body" if intact else "is not that of the body: it was changed"
    )
    said = content(body)
    if said is None:
        yield Line(Standing.WRONG, "body", "nobody can read it")
        return
    try:
        if said["version"] == 1:
            yield from _version_1(said, today)
        else:
            issued = datetime.fromisoformat(said["issued"])
            same = issued == issued_at
            yield _line(same, "issued", f"{issued:%F %T}" + ("" if same else f", stored {issued_at:%F %T}"))
            for product in products_of(said):
                yield from _product(product, issued, today)
            yield from _copies(seal, said, issued, today)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield Line(Standing.WRONG, "body", f"a field is missing or unreadable: {error}")


# ------------------------------------------------------------------------------------ products
def _product(said: Mapping[str, Any], issued: datetime, today: Today) -> Iterator[Line]:
    name = f"merge group {said['group']}"
    group = today.groups.get(int(said["group"]))
    if group is None:
        yield Line(Standing.WRONG, name, "the catalogue does not know it")
        return
    kept = group.state in ("ARCHIVED", "CLEANED")
    yield _line(kept, name, f"{said['state']} then, {group.state} today", Standing.CHANGED)
    output = said["output"]
    told = (output["lfn"], output["size"], _number(output["adler32"]))
    if group.output is None or group.output[0] != told[0]:
        yield Line(Standing.CHANGED, "output", f"was {told[0]}; today the group has another one")
    else:
        yield _line(
            group.output == told, "output", f"{told[0]}, {told[1]} bytes, adler32 {output['adler32']}"
        )
    yield from _members(said, group)
    yield from _events(said)
    yield from _check(said, group, issued)
    for tape in said["tapes"]:
        yield from _tape(tape, today)


def _members(said: Mapping[str, Any], group: GroupToday) -> Iterator[Line]:
    rows = table(said["members"])
    told = tuple(
        Member(row["position"], 0, row["lfn"], row["size"], _number(row["adler32"]), row["events"])
        for row in rows
    )
    right = members_digest(told) == said["digest"]
    yield _line(
        right, "members", f"{len(told)} listed; their digest {'agrees' if right else 'does not agree'}"
    )
    now = [(one.position, one.lfn, one.size, one.adler32) for one in group.members]
    then = [(one.position, one.lfn, one.size, one.adler32) for one in told]
    same = now == then
    text = "position, LFN, size and adler32 are those of the catalogue"
    yield _line(same, "members", text if same else f"the catalogue has {_differing(then, now)}")


def _differing(then: Sequence[Any], now: Sequence[Any]) -> str:
    odd = sorted({str(entry[1]) for entry in set(then) ^ set(now)})
    return f"others, or others' sizes or checksums, e.g. {', '.join(odd[:3])}"


def _events(said: Mapping[str, Any]) -> Iterator[Line]:
    if not said["counted"]:
        return
    counts = [row["events"] for row in table(said["members"])]
    total = None if None in counts else sum(counts)
    came, went = said["events_in"], said["events_out"]
    waived = said["check"] == "WAIVED"
    good = total == came and (came == went or waived)
    text = f"{came} went in, {went} came out" + (" (waived)" if waived and came != went else "")
    yield _line(good, "events", text if total == came else f"{text}; the members listed sum up to {total}")


def _check(said: Mapping[str, Any], group: GroupToday, issued: datetime) -> Iterator[Line]:
    last = [event for event, at in group.past if at <= issued]
    event = {"PASSED": "agree", "WAIVED": "waived"}.get(said["check"], "")
    known = bool(last) and last[-1] == event
    if not known:
        text = f"{said['check']} then; its history says '{last[-1] if last else 'nothing'}'"
        yield Line(Standing.WRONG, "cross-check", text)
    elif group.check == said["check"]:
        yield Line(Standing.STANDS, "cross-check", f"{said['check']} then and today")
    else:
        yield Line(Standing.CHANGED, "cross-check", f"{said['check']} then, {group.check or 'none'} today")
    for waiver in said["waivers"]:
        made = datetime.fromisoformat(waiver["at"])
        same = [void for by, at, void in group.waivers if (by, at) == (waiver["by"], made)]
        text = f"of {waiver['by']} at {made:%F %T}: {waiver['reason']}"
        if same and same[0] is not None:
            yield Line(Standing.CHANGED, "waiver", f"{text}; void since {same[0]:%F %T}")
        elif group.waivers:
            yield _line(bool(same), "waiver", text)


def _tape(said: Mapping[str, Any], today: Today) -> Iterator[Line]:
    where = f"{said['endpoint']}:{said['path']}"
    copy = today.copies.get(int(said["replica"]))
    if copy is None or (copy.endpoint, copy.path) != (said["endpoint"], said["path"]):
        yield Line(Standing.WRONG, "on tape", f"{where}: the catalogue does not have this copy")
        return
    stays = copy.state == "AVAILABLE"
    text = f"{where}: AVAILABLE since {copy.since:%F %T}" if stays else f"{where}: {copy.state} since"
    yield _line(stays, "on tape", text if stays else f"{text} {copy.since:%F %T}", Standing.CHANGED)
    known = {(piece.grade.value, piece.taken_at.isoformat()) for piece in copy.pieces}
    told = [(piece["grade"], piece["at"]) for piece in said["evidence"]]
    lacking = [entry for entry in told if entry not in known]
    newest = max((piece.taken_at for piece in copy.pieces), default=None)
    text = f"{len(told)} pieces, grades {'+'.join(grade for grade, _ in told)}"
    text += f"; newest today of {newest:%F %T}" if newest else ""
    yield _line(
        not lacking, "evidence", text if not lacking else f"{len(lacking)} pieces are not in the catalogue"
    )


# -------------------------------------------------------------------------------------- copies
def _copies(seal: str, said: Mapping[str, Any], issued: datetime, today: Today) -> Iterator[Line]:
    rows = table(said["copies"])
    strange = []
    for row in rows:
        copy = today.copies.get(int(row["replica"]))
        path = row["lfn"] if row["path"] is None else row["path"]
        told = (row["lfn"], row["size"], _number(row["adler32"]), row["endpoint"], path)
        if copy is None or told != (copy.lfn, copy.size, copy.adler32, copy.endpoint, copy.path):
            strange.append(row["lfn"])
    text = f"{len(rows)}, with the names, sizes, checksums and places of the catalogue"
    if strange:
        text = f"{len(strange)} of {len(rows)} are otherwise in the catalogue, e.g. {strange[0]}"
    yield _line(not strange, "copies", text)
    known = [today.copies[int(row["replica"])] for row in rows if int(row["replica"]) in today.copies]
    yield from _history(seal, issued, known)
    for copies in list(said["kept"].values())[:20]:
        for copy in copies:
            yield from _kept(copy, today)


def _history(seal: str, issued: datetime, copies: Sequence[CopyToday]) -> Iterator[Line]:
    mark = f"certificate {seal[:16]}"
    withdrawn = [
        copy
        for copy in copies
        if any(e == "trashed" and at == issued and mark in why for e, at, why in copy.past)
    ]
    whole = len(withdrawn) == len(copies)
    yield _line(
        whole, "withdrawn", f"{len(withdrawn)} of {len(copies)} at {issued:%F %T}, says their history"
    )
    back = [copy for copy in copies if any(e == "restored" and at >= issued for e, at, _ in copy.past)]
    if back:
        yield Line(Standing.CHANGED, "restored", f"{len(back)} of {len(copies)} were had back")
    removed = sorted(at for copy in copies for e, at, _ in copy.past if e == "removed" and at >= issued)
    if removed:
        span = f"{removed[0]:%F %T}" + ("" if removed[0] == removed[-1] else f" to {removed[-1]:%F %T}")
        yield Line(Standing.STANDS, "removed", f"{len(removed)} of {len(copies)}, {span}")
    states = Counter(copy.state for copy in copies)
    text = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    yield Line(Standing.STANDS, "today", text or "none")


def _kept(said: Mapping[str, Any], today: Today) -> Iterator[Line]:
    if said["state"] != "AVAILABLE":
        return
    copy = today.copies.get(int(said["replica"]))
    where = f"{said['endpoint']}:{said['path']}"
    state = "unknown" if copy is None else copy.state
    yield _line(state == "AVAILABLE", "kept", f"{where}: {state} today", Standing.CHANGED)


# ----------------------------------------------------------------------------------- version 1
def _version_1(said: Mapping[str, Any], today: Today) -> Iterator[Line]:
    product = said["product"]
    name = f"merge group {product['group_id']}"
    group = today.groups.get(int(product["group_id"]))
    if group is None:
        yield Line(Standing.WRONG, name, "the catalogue does not know it")
        return
    kept = group.state in ("ARCHIVED", "CLEANED")
    yield _line(kept, name, f"{product['state']} then, {group.state} today", Standing.CHANGED)
    told = (product["lfn"], product["size"], product["adler32"])
    text = f"{told[0]}, {told[1]} bytes, adler32 {Adler32(told[2])}"
    yield _line(group.output == told, "output", text, Standing.CHANGED)
    yield _line(group.check == product["check"], "cross-check", f"{group.check} today", Standing.CHANGED)
    strange = [
        row["lfn"]
        for row in said["replicas"]
        if (copy := today.copies.get(int(row["replica_id"]))) is None
        or (copy.lfn, copy.size, copy.adler32) != (row["lfn"], row["size"], row["adler32"])
    ]
    yield _line(not strange, "copies", f"{len(said['replicas'])}, {len(strange)} of them otherwise today")


def _number(adler32: str | None) -> int | None:
    return None if adler32 is None else int(adler32, 16)
