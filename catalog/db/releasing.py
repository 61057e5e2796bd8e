"""The one door through which copies go: withdrawn under a certificate, asked about once more, removed.

Nothing else writes ``trashed`` or ``removal_sent``. Both askings are of ``catalog.retention.may_go``, with
facts that are read in the same transaction, on locked rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, exists, literal, select

from catalog.db import certificates, freezes, going, going_products, schema, schema_evidence
from catalog.db.engine import among, for_update, ids_of, listed, unindexed
from catalog.db.going import Rules, Wish
from catalog.db.move import Why, move
from catalog.retention import Allowed, Certificate, Copy, Ground, Paper, Refused, may_go, papers
from catalog.retention.strength import good_on_disk, on_tape
from catalog.states import ITEM, REPLICA, GroupState, ReplicaState, RequestKind

F, R, G, M, I = schema.file, schema.replica, schema.group, schema.member, schema.item  # noqa: E741


# -------------------------------------------------------------------------------- withdrawing
def trashable(
    conn: Connection, product: str | Collection[str], limit: int, *, but: Collection[int] = ()
) -> dict[int, list[int]]:
    """Question of hop 9: ARCHIVED groups of the product(s) with inputs still AVAILABLE: these, by group.

    Only of runs whose every product is archived: while a person looks at one of them, all that the run's
    jobs made is kept. Not those of which evidence is still to be taken, nor those in ``but``. Locks the
    groups until the transaction ends (invariant 3).
    """
    still = (
        select(literal(1))
        .select_from(M)
        .join(R, R.c.file_id == M.c.file_id)
        .where(M.c.group_id == G.c.id, unindexed(R.c.state) == ReplicaState.AVAILABLE)
    )
    query = (
        select(G.c.id)
        .where(
            G.c.state == GroupState.ARCHIVED,
            G.c.product.in_([product] if isinstance(product, str) else product),
            exists(still),
            ~exists(_unsettled()),
            ~exists(going_products.unfinished_siblings(conn, select(literal(1)))),
            G.c.id.not_in(listed(conn, sorted(but))),
        )
        .order_by(G.c.id)
        .limit(limit)
    )
    groups = ids_of(conn, for_update(conn, query, G, skip_locked=True))
    return inputs_of(conn, groups)


@cache
def _unsettled() -> Select[Any]:
    """Copies of the output of which evidence is to be taken: a hint that spares the full question."""
    due = schema_evidence.evidence_due
    return (
        select(literal(1))
        .select_from(R)
        .join(due, due.c.replica_id == R.c.id)
        .where(R.c.file_id == G.c.output_id)
        .correlate(G)
    )


def inputs_of(conn: Connection, groups: Sequence[int]) -> dict[int, list[int]]:
    """The AVAILABLE copies of the inputs of these groups, in order, by group."""
    if not groups:
        return {}
    query = (
        select(M.c.group_id, R.c.id)
        .join(R, R.c.file_id == M.c.file_id)
        .where(among(conn, M.c.group_id, groups), M.c.live)
        .where(unindexed(R.c.state) == ReplicaState.AVAILABLE)
        .order_by(M.c.group_id, M.c.position, R.c.id)
    )
    found: dict[int, list[int]] = {}
    for group, replica in conn.execute(query).all():
        found.setdefault(group, []).append(replica)
    return found


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What came of a wish: copies withdrawn, and under which papers; refused ones with every reason.

    ``busy``: copies that another session has in hand, or that do not exist.
    """

    replicas: tuple[int, ...] = ()
    papers: tuple[Paper, ...] = ()
    refused: Mapping[int, Refused] = field(default_factory=dict)
    busy: tuple[int, ...] = ()


def withdraw(conn: Connection, replicas: Sequence[int], wish: Wish, rules: Rules, why: Why) -> Withdrawn:
    """Withdraw these copies from their readers, each under a certificate, or say why not: the one door.

    All that may go goes, the others stay. Bytes stay until the grace time is over; ``restored`` undoes it.
    """
    found = going.facts(conn, replicas, wish, rules, why)
    good: list[Certificate] = []
    refused: dict[int, Refused] = {}
    for key, facts in found.items():
        match may_go(facts):
            case Allowed(certificate):
                good.append(certificate)
            case Refused() as verdict:
                refused[key] = verdict
    made = papers(good)
    certificates.certify(conn, made, why)
    reasons = {key: _reason(paper, wish) for paper in made for key in paper.replicas}
    graces = {one.facts.copy.replica_id: one.facts.grace for one in good}
    moved: list[int] = []
    for grace in sorted(set(graces.values())):
        ids = sorted(key for key in reasons if graces[key] == grace)
        moved += move(conn, REPLICA, ids, "trashed", why, reasons, next_try_at=why.at + grace)
    _refuse_half(moved, reasons)
    return Withdrawn(tuple(moved), tuple(made), refused, tuple(key for key in replicas if key not in found))


def _reason(paper: Paper, wish: Wish) -> str:
    asked = f": {wish.reason}" if wish.reason else ""
    return f"certificate {paper.seal[:16]}: {_GROUNDS[wish.ground]}{asked}"


_GROUNDS = {
    Ground.MERGED: "merged and archived",
    Ground.ON_TAPE: "it is on tape",
    Ground.SPARE: "another copy stays",
    Ground.BAD: "its bytes are bad, a good copy stays",
    Ground.LOSS: "its loss was accepted",
}


def _refuse_half(moved: Sequence[int], wanted: Mapping[int, str]) -> None:
    """The rows were locked and in a state that has the event: nothing but a fault of ours can be left."""
    if len(moved) != len(wanted):
        raise AssertionError(f"{len(wanted) - len(moved)} copies did not move though they were locked")


# ----------------------------------------------------------------------------------- removing
def due(conn: Connection, now: datetime, limit: int | None, *, early: bool = False) -> list[int]:
    """Question of hop 10: withdrawn copies whose time has come, and of which no removal is asked for yet.

    Certified ones only, and none that a freeze lies over. Whether they may go is said by ``ask_again``.
    ``early``: all of them, whatever was thought of their grace time when they were withdrawn.
    """
    query = (
        select(R.c.id)
        .where(
            R.c.state == ReplicaState.TRASHED,
            exists(select(1).where(certificates.PR.c.replica_id == R.c.id)),
            ~freezes.lies_over(R),
            ~exists(_live_removal()),
        )
        .order_by(R.c.next_try_at, R.c.id)
        .limit(limit)
    )
    return ids_of(conn, query if early else query.where(R.c.next_try_at <= now))


@cache
def _live_removal() -> Select[Any]:
    return (
        select(literal(1))
        .where(I.c.kind == RequestKind.REMOVE, I.c.replica_id == R.c.id, I.c.state.in_(ITEM.live))
        .correlate(R)
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The second asking: copies that may be removed now, refused ones with every reason, and busy ones.

    ``early``: until when those may be had back whose grace time is not over. ``registered``: those whose
    bytes are to be the file's; of bad ones, and of those whose loss was accepted, nobody says so.
    ``stays``: of spare ones, and of bad ones of which none is settled on tape, the copies on disk on whose
    strength they go.
    """

    allowed: tuple[int, ...] = ()
    refused: Mapping[int, Refused] = field(default_factory=dict)
    busy: tuple[int, ...] = ()
    early: Mapping[int, datetime] = field(default_factory=dict)
    registered: Collection[int] = frozenset()
    stays: Mapping[int, Sequence[Copy]] = field(default_factory=dict)


def ask_again(
    conn: Connection, replicas: Sequence[int], rules: Rules, why: Why, *, lock: bool = True
) -> Asked:
    """May the bytes of these withdrawn copies go now? In the transaction that marks them DELETING.

    All facts are read anew, and must agree with the certificate. ``lock=False``: only for a look.
    """
    found = going.facts(conn, replicas, None, rules, why, lock=lock)
    verdicts = {key: may_go(facts) for key, facts in found.items()}
    until = {key: facts.paper.issued + facts.grace for key, facts in found.items() if facts.paper}
    return Asked(
        tuple(key for key, verdict in verdicts.items() if isinstance(verdict, Allowed)),
        {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, Refused)},
        tuple(key for key in replicas if key not in found),
        {key: time for key, time in until.items() if time > why.at},
        {key for key, facts in found.items() if facts.ground not in (Ground.BAD, Ground.LOSS)},
        {
            key: [copy for copy in facts.others or () if good_on_disk(facts, copy)]
            for key, facts in found.items()
            if facts.ground is Ground.SPARE or (facts.ground is Ground.BAD and not on_tape(facts))
        },
    )


def cleaned(conn: Connection, limit: int) -> list[int]:
    """ARCHIVED groups none of whose inputs has a replica left."""
    left = (
        select(literal(1))
        .select_from(M)
        .join(R, R.c.file_id == M.c.file_id)
        .where(M.c.group_id == G.c.id, R.c.state != ReplicaState.DELETED)
    )
    query = select(G.c.id).where(G.c.state == GroupState.ARCHIVED, ~exists(left)).limit(limit)
    return ids_of(conn, query)
