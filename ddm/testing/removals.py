"""Was this removal right? Judged where the bytes are, at the moment they go, from what is committed by then.

1. It was asked for by name: a request for this very replica is written down.
2. Its certificate is intact, names this copy at this place, and what it says of the product is so in the
   world: the merged file of that size and adler32 is on tape, or the library has lost it by itself.
3. When the removal was decided, the evidence of that file was sufficient, settled and fresh, each by the
   settings of its product, from the stored pieces alone.
4. No freeze, no hold, no job, no lease, no pin stood against it then.

That no more was removed in an hour than the budget allows is counted by ``ddm.testing.safety``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from catalog.checksum import Adler32
from catalog.testing.removal import Proof, Removal, Tape
from ddm.settings import ProductSettings
from ddm.testing.world import World

TAPE_GROUNDS = ("merged", "on tape")


def unlawful(removal: Removal, world: World) -> Iterator[str]:
    """Every rule that this removal broke."""
    if not removal.asked_for:
        yield "nobody had asked for it by name"
    yield from (f"{text} when it was decided" for text in removal.against)
    body = _paper(removal)
    if body is None:
        yield "its certificate is not intact"
        return
    problem = _of_another(removal, body)
    if problem:
        yield f"its certificate {problem}"
    if body.get("ground", "merged") in TAPE_GROUNDS:
        yield from _without_tape(removal, world)


def _paper(removal: Removal) -> Mapping[str, Any] | None:
    """The certificate's body, if its seal is right."""
    if not removal.body or hashlib.sha256(removal.body.encode()).hexdigest() != removal.seal:
        return None
    said = json.loads(removal.body)
    return said if isinstance(said, dict) else None


def _of_another(removal: Removal, body: Mapping[str, Any]) -> str:
    """Why the paper is not of this copy; empty: it is."""
    for copy in _copies(body):
        if copy["replica"] != removal.replica_id:
            continue
        told = (copy["lfn"], copy["size"], _number(copy["adler32"]))
        if told != (removal.lfn, removal.size, removal.adler32):
            return f"tells of {told}"
        place = (copy.get("endpoint", removal.endpoint), copy.get("path") or removal.lfn)
        if "endpoint" in copy and place != (removal.endpoint, removal.path):
            return f"is for a copy at {place}"
        return ""
    return "is not for this copy"


def _copies(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if body["version"] == 1:
        for copy in body["replicas"]:
            yield {**copy, "replica": copy["replica_id"]}
        return
    table = body["copies"]
    for row in table["rows"]:
        yield dict(zip(table["columns"], row, strict=True))


def _number(adler32: str | int | None) -> int | None:
    return int(adler32, 16) if isinstance(adler32, str) else adler32


def _without_tape(removal: Removal, world: World) -> Iterator[str]:
    """What stood for the copy on tape when it went: one is enough."""
    reasons = []
    for tape in removal.tapes:
        product = world.settings.products.get(tape.product)
        problem = "it is no product of ours" if product is None else _weak(tape, product, removal, world)
        if not problem:
            return
        reasons.append(f"{tape.lfn} on tape: {problem}")
    yield "; ".join(reasons) or "nothing made from it is on tape"


def _weak(tape: Tape, product: ProductSettings, removal: Removal, world: World) -> str:
    """Why that copy on tape did not stand for what was removed; empty: it did."""
    if tape.state != "AVAILABLE" and tape.since <= removal.decided_at:
        return f"it was {tape.state}"
    proofs = [proof for proof in tape.evidence if proof.taken_at <= removal.decided_at]
    if tape.state == "AVAILABLE":
        proofs = [proof for proof in proofs if proof.taken_at >= tape.since]
    if problem := _unproven(proofs, tape, product, removal.decided_at):
        return problem
    struck = world.struck.get((tape.endpoint, tape.path))
    if struck is not None and struck >= proofs[-1].taken_at:
        return ""  # nobody could know
    record = world.stores[tape.endpoint].library.files.get(tape.path)
    if record is None:
        return "there is no such file"
    if (record.size, int(record.adler32)) != (tape.size, tape.adler32):
        return "it has other bytes"
    if not (record.lost or record.on_tape(world.clock.now().timestamp())):
        return "it is in the buffer only"
    return ""


def _unproven(proofs: list[Proof], tape: Tape, product: ProductSettings, at: datetime) -> str:
    repeated = "b" if product.evidence.value == "c" else product.evidence.value
    good = [proof for proof in proofs if proof.grade >= repeated]
    odd = [p for p in good if p.grade > "a" and (p.size, p.adler32) != (tape.size, Adler32(tape.adler32))]
    if odd:
        return f"evidence of {odd[0].taken_at} tells another file"
    if not any(proof.grade >= product.evidence.value for proof in good):
        return f"there is no evidence of grade {product.evidence.value}"
    if good[-1].taken_at - good[0].taken_at < product.settle:
        return f"its evidence of {good[0].taken_at} and {good[-1].taken_at} is not settled"
    if at - good[-1].taken_at > product.evidence_age:
        return f"its newest evidence is of {good[-1].taken_at}"
    return ""
