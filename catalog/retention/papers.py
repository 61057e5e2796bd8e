"""The delete certificate: what was known when a copy was let go, as canonical JSON under a seal.

One paper for each withdrawal and merge group (or ground), so that what is said of the product is said once.
Lists of many equal things are tables: ``columns`` and ``rows``. Version 1 is of before the facts were
complete; its papers stay what they were. Everything that is needed to read one is in it and in the catalogue.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.checksum import Adler32
from catalog.evidence import Piece
from catalog.retention.facts import Acceptance, Copy, Facts, Ground, Product, Statement

VERSION = 2
MEMBERS = ("position", "lfn", "size", "adler32", "events")
COPIES = ("replica", "lfn", "role", "size", "adler32", "endpoint", "path", "compared")


@dataclass(frozen=True, slots=True)
class Certificate:
    """That one copy may go: the facts that every guard was asked of. ``guards``: their names."""

    facts: Facts
    guards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate as it is stored: for these replicas. ``seal`` is the sha256 of the body."""

    seal: str
    body: str
    replicas: tuple[int, ...]


def papers(certificates: Iterable[Certificate]) -> list[Paper]:
    """One paper for the certificates that are on the strength of the same products and asked for alike."""
    sorted_: dict[tuple[Any, ...], list[Certificate]] = {}
    for one in certificates:
        facts = one.facts
        groups = tuple(product.group_id for _, product in facts.line)
        key = (facts.ground, groups, facts.person, facts.reason, facts.now, facts.acceptance, one.guards)
        sorted_.setdefault(key, []).append(one)
    return [paper(alike) for alike in sorted_.values()]


def paper(alike: Sequence[Certificate]) -> Paper:
    """The paper of certificates that say the same of everything but their copies."""
    facts = alike[0].facts
    word = facts.acceptance
    said = {
        "version": VERSION,
        "issued": facts.now.isoformat(),
        "ground": facts.ground.value,
        "by": facts.person,
        "reason": facts.reason,
        "accepted": None
        if word is None
        else {"by": word.by, "reason": word.reason, "typed": word.typed, "files": word.files},
        "guards": list(alike[0].guards),
        "products": [_product(product) for product in facts.products or ()],
        "copies": {"columns": list(COPIES), "rows": [_row(one.facts) for one in alike]},
        "kept": {str(one.facts.copy.replica_id): kept for one in alike if (kept := _kept(one.facts))},
    }
    body = canonical(said)
    return Paper(seal_of(body), body, tuple(one.facts.copy.replica_id for one in alike))


def canonical(said: dict[str, Any]) -> str:
    """JSON in the one form that is sealed: keys sorted, no spaces, ASCII."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def seal_of(body: str) -> str:
    """The seal of a certificate's body: anyone can compute it again."""
    return hashlib.sha256(body.encode()).hexdigest()


def _product(product: Product) -> dict[str, Any]:
    output = product.output
    return {
        "group": product.group_id,
        "task": product.task,
        "product": product.product,
        "run": product.run,
        "part": product.part,
        "state": product.state,
        "plan": product.plan,
        "planned_size": product.planned_size,
        "output": None
        if output is None
        else {"lfn": output.lfn, "size": output.size, "adler32": _hex(output.adler32)},
        "counted": product.counted,
        "events_in": product.events_in,
        "events_out": product.events_out,
        "check": product.check,
        "waivers": [
            {"part": waiver.part, "by": waiver.by, "reason": waiver.reason, "at": waiver.at.isoformat()}
            for waiver in product.waivers
        ],
        "wanted": {
            "grade": product.wanted.grade.value,
            "settle": product.wanted.settle.total_seconds(),
            "age": product.wanted.age.total_seconds(),
        },
        "tapes": [_copy(copy) for copy in product.tapes],
        "within": None if product.within is None else _product(product.within),
        "digest": product.digest,
        "members": {
            "columns": list(MEMBERS),
            "rows": [
                [member.position, member.lfn, member.size, _hex(member.adler32), member.n_events]
                for member in product.members
            ],
        },
    }


def _kept(facts: Facts) -> list[dict[str, Any]]:
    """The copies of the file itself that stay."""
    return [_copy(copy) for copy in facts.others or ()]


def _copy(copy: Copy) -> dict[str, Any]:
    return {
        "replica": copy.replica_id,
        "endpoint": copy.endpoint,
        "path": copy.path,
        "kind": copy.kind.value,
        "state": copy.state.value,
        "since": copy.since.isoformat(),
        "compared": copy.verified_at.isoformat() if copy.verified_at else None,
        "evidence": [_piece(piece) for piece in copy.evidence],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "grade": piece.grade.value,
        "at": piece.taken_at.isoformat(),
        "source": piece.source,
        "how": piece.how,
        "request": piece.request,
        "size": piece.size,
        "adler32": _hex(piece.adler32),
        "locality": piece.locality.value,
    }


def _row(facts: Facts) -> list[Any]:
    file, copy = facts.file, facts.copy
    compared = copy.verified_at.isoformat() if copy.verified_at else None
    place = [copy.endpoint, None if copy.path == file.lfn else copy.path]
    return [copy.replica_id, file.lfn, file.role.value, file.size, _hex(file.adler32), *place, compared]


def _hex(adler32: int | None) -> str | None:
    return None if adler32 is None else str(Adler32(adler32))


# ----------------------------------------------------------------------------------- reading
def read(seal: str, body: str, issued_at: datetime) -> dict[int, Statement]:
    """What a stored paper says of each of its copies, by replica id; {} if nobody can read it any more.

    ``issued_at``: as the catalogue has it; papers of version 1 do not say it themselves.
    """
    try:
        said = json.loads(body)
        return _first(seal, body, said, issued_at) if said["version"] == 1 else _second(seal, body, said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _first(seal: str, body: str, said: dict[str, Any], issued_at: datetime) -> dict[int, Statement]:
    product = said["product"]
    products = {int(product["group_id"]): (product["lfn"], product["size"], product["adler32"], None)}
    intact = seal_of(body) == seal
    return {
        int(copy["replica_id"]): Statement(
            seal=seal,
            intact=intact,
            version=1,
            issued=issued_at,
            ground=Ground.MERGED,
            lfn=copy["lfn"],
            size=copy["size"],
            adler32=copy["adler32"],
            endpoint=None,
            path=None,
            products=products,
        )
        for copy in said["replicas"]
    }


def _second(seal: str, body: str, said: dict[str, Any]) -> dict[int, Statement]:
    if said["version"] != VERSION:
        return {}
    products = {
        int(product["group"]): (
            product["output"]["lfn"],
            product["output"]["size"],
            _number(product["output"]["adler32"]),
            product["digest"],
        )
        for product in products_of(said)
    }
    word = said["accepted"]
    acceptance = (
        None if word is None else Acceptance(word["by"], word["reason"], word["typed"], word["files"])
    )
    intact, issued = seal_of(body) == seal, datetime.fromisoformat(said["issued"])
    found = {}
    for copy in table(said["copies"]):
        found[int(copy["replica"])] = Statement(
            seal=seal,
            intact=intact,
            version=VERSION,
            issued=issued,
            ground=Ground(said["ground"]),
            lfn=copy["lfn"],
            size=copy["size"],
            adler32=_number(copy["adler32"]),
            endpoint=copy["endpoint"],
            path=copy["lfn"] if copy["path"] is None else copy["path"],
            products=products,
            by=said["by"],
            reason=said["reason"],
            acceptance=acceptance,
        )
    return found


def products_of(said: dict[str, Any]) -> list[dict[str, Any]]:
    """Every product that a paper tells of: what was made of the files, and what that went into."""
    found = []
    for first in said["products"]:
        product = first
        while product is not None and product["output"] is not None:
            found.append(product)
            product = product["within"]
    return found


def table(said: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table of a paper, each by the names of its columns."""
    return [dict(zip(said["columns"], row, strict=True)) for row in said["rows"]]


def _number(adler32: str | None) -> int | None:
    return None if adler32 is None else int(adler32, 16)
