"""Evidence that a copy is on tape: the first piece, when it is compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from catalog.db import evidence
from catalog.db.engine import Connection
from catalog.evidence import Grade, Wanted
from catalog.model import Compared
from ddm.app import App
from transfers.model import Observation
from transfers.verify import evidence_of


def source(app: App, endpoint: str) -> str:
    """How the service of an endpoint is called in evidence."""
    known = app.settings.endpoints.get(endpoint)
    return f"{endpoint} ({known.backend})" if known else endpoint


def wanted(app: App, product: str) -> Wanted | None:
    """What is asked of copies of this product; None: it is none of ours (raw data)."""
    known = app.settings.products.get(product)
    return known.wanted if known else None


def first_evidence(
    app: App, conn: Connection, found: Sequence[Compared], seen: Mapping[str, Observation], at: datetime
) -> None:
    """Of copies on tape that become AVAILABLE in this transaction: what was seen, and when to look again.

    ``at``: since when they are AVAILABLE; a piece is never older than that.
    """
    taken = []
    later: dict[datetime, list[int]] = defaultdict(list)
    for one in found:
        answer = seen[one.path]
        piece = evidence_of(one.size, one.adler32, answer, at=at, source=source(app, one.endpoint))
        if piece is None:
            continue
        taken.append((one.id, piece))
        if (what := wanted(app, one.product)) and (what.settle or what.grade is Grade.C):
            later[at + what.settle].append(one.id)
    evidence.record(conn, taken)
    for when, ids in later.items():
        evidence.ask(conn, ids, when)
