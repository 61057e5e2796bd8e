"""What retention must know of what was made from files: groups with members, outputs, checks, evidence.

A group is described once, however many copies ask; on PostgreSQL its row, its check and its copies on tape
are held until the end of the transaction, so that nobody voids, waives or loses in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from catalog.db import going_copies, plans, schema, schema_checks, schema_merge
from catalog.db.engine import among
from catalog.evidence import Wanted
from catalog.prefixes import Prefixes
from catalog.retention import FileFacts, Member, Product, Waiver
from catalog.states import CheckState, GroupState, Role

F, G, M, C, T = schema.file, schema.group, schema.member, schema.check, schema.task
_SIBLING = G.alias("sibling")
W = schema_checks.waiver
MORE = schema_merge.group_run
OVER = (GroupState.ARCHIVED, GroupState.CLEANED, GroupState.VOID)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings ask for a product. ``counted``: it holds events; ``release``: what it was merged from
    goes once it is archived."""

    wanted: Wanted = field(default_factory=Wanted)
    grace: timedelta = timedelta(days=14)
    counted: bool = True
    release: bool = False


@dataclass(frozen=True, slots=True)
class _Check:
    id: int
    state: str
    waivers: tuple[Waiver, ...]


def holding(conn: Connection, files: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The live groups that hold each of these files."""
    query = select(*M.c["file_id", "group_id"]).where(among(conn, M.c.file_id, files), M.c.live)
    found: dict[int, list[int]] = {file: [] for file in files}
    for file, group in conn.execute(query.order_by(M.c.group_id)).all():
        found[file].append(group)
    return {file: tuple(groups) for file, groups in found.items()}


def making(conn: Connection, files: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The live groups whose output each of these files is."""
    query = select(*G.c["output_id", "id"]).where(
        among(conn, G.c.output_id, files), G.c.state != GroupState.VOID
    )
    found: dict[int, list[int]] = {file: [] for file in files}
    for file, group in conn.execute(query.order_by(G.c.id)).all():
        found[file].append(group)
    return {file: tuple(groups) for file, groups in found.items()}


def products(
    conn: Connection,
    groups: Sequence[int],
    terms: Mapping[str, Terms],
    prefixes: Prefixes,
    *,
    lock: bool,
) -> dict[int, Product]:
    """These groups, each with what its output went into, if that is where it is kept."""
    found = _products(conn, groups, terms, prefixes, lock=lock)
    inner = {
        product.output.file_id: group
        for group, product in found.items()
        if product.output is not None and product.output.role is Role.INTERMEDIATE
    }
    if not inner:
        return found
    further = {file: held[0] for file, held in holding(conn, sorted(inner)).items() if held}
    outer = products(conn, sorted(set(further.values())), terms, prefixes, lock=lock) if further else {}
    for file, group in inner.items():
        within = outer.get(further.get(file, 0))
        found[group] = replace(found[group], within=within)
    return found


def _products(
    conn: Connection, groups: Sequence[int], terms: Mapping[str, Terms], prefixes: Prefixes, *, lock: bool
) -> dict[int, Product]:
    rows = _groups(conn, groups, lock=lock)
    outputs = _outputs(conn, [row.output_id for row in rows if row.output_id is not None])
    tapes = going_copies.of_files(conn, list(outputs), prefixes, tape=True, share=lock) if outputs else {}
    inputs = _inputs(conn, list(outputs))
    members = _members(conn, groups)
    checks = _checks(conn, rows, lock=lock)
    missing = _missing(conn, groups)
    found = {}
    for row in rows:
        its = terms.get(row.product, Terms())
        check = checks.get((row.task_id, row.run, row.product))
        found[row.id] = Product(
            group_id=row.id,
            task=row.task,
            product=row.product,
            run=row.run,
            part=row.part,
            state=row.state,
            plan=row.plan,
            planned_size=row.expected_size,
            members=members.get(row.id, ()),
            output=outputs.get(row.output_id),
            inputs=inputs.get(row.output_id),
            tapes=tapes.get(row.output_id, ()),
            check="" if check is None else check.state,
            waivers=() if check is None else check.waivers,
            siblings=row.siblings,
            missing=missing.get(row.id, 0),
            wanted=its.wanted,
            counted=its.counted,
        )
    return found


def _groups(conn: Connection, groups: Sequence[int], *, lock: bool) -> list[Any]:
    query = (
        select(
            *G.c["id", "task_id", "run", "product", "part", "state", "plan", "expected_size", "output_id"],
            T.c.name.label("task"),
            unfinished_siblings(conn, select(func.count())).scalar_subquery().label("siblings"),
        )
        .join(T, T.c.id == G.c.task_id)
        .where(among(conn, G.c.id, groups))
        .order_by(G.c.id)
    )
    return list(conn.execute(_shared(conn, query, G, lock=lock)).all())


def _shared(conn: Connection, query: Select[Any], of: Any, *, lock: bool) -> Select[Any]:
    """Nobody changes the rows of ``of`` until the end of the transaction. (SQLite: the write lock.)"""
    return query.with_for_update(of=of, read=True) if lock and conn.dialect.name != "sqlite" else query


def unfinished_siblings(conn: Connection, query: Select[Any]) -> Select[Any]:
    """Live groups of the same task that hold files of one of its runs and are not archived."""
    sibling = _SIBLING
    several = plans.any_of_several_runs(conn)
    return (
        query.select_from(sibling)
        .where(
            sibling.c.task_id == G.c.task_id,
            sibling.c.id != G.c.id,
            plans.shares_a_run(G, sibling) if several else sibling.c.run == G.c.run,
            sibling.c.state.notin_(OVER),
        )
        .correlate(G)
    )


def _outputs(conn: Connection, files: Sequence[int]) -> dict[int, FileFacts]:
    columns = F.c["id", "role", "product", "run", "size", "adler32"]
    query = select(*columns, schema.lfn(), going_copies.n_events()).where(among(conn, F.c.id, files))
    return {row[0]: going_copies.file_of(row) for row in conn.execute(query).all()}


def _inputs(conn: Connection, outputs: Sequence[int]) -> dict[int, frozenset[int]]:
    """What each output was made from, as its job told; outputs of which nobody told are left out."""
    query = select(*schema.parent.c["file_id", "parent_id"]).where(
        among(conn, schema.parent.c.file_id, outputs)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for file, parent in conn.execute(query).all():
        found[file].add(parent)
    return {file: frozenset(parents) for file, parents in found.items()}


def _members(conn: Connection, groups: Sequence[int]) -> dict[int, tuple[Member, ...]]:
    query = (
        select(
            *M.c["group_id", "position", "file_id"],
            schema.lfn(),
            *F.c["size", "adler32"],
            going_copies.n_events(),
        )
        .join(F, F.c.id == M.c.file_id)
        .where(among(conn, M.c.group_id, groups))
        .order_by(M.c.group_id, M.c.position)
    )
    found: dict[int, list[Member]] = defaultdict(list)
    rows: Sequence[Any] = conn.execute(query).all()
    for group, *member in rows:
        found[group].append(Member(*member))
    return {group: tuple(members) for group, members in found.items()}


# ------------------------------------------------------------------------------------ checks
def _checks(conn: Connection, rows: Sequence[Any], *, lock: bool) -> dict[tuple[int, int, str], _Check]:
    """The cross-checks of these groups, by task, run and product, with the waivers in force."""
    query = (
        select(C)
        .where(among(conn, C.c.task_id, sorted({row.task_id for row in rows})))
        .where(among(conn, C.c.run, sorted({row.run for row in rows})))
    )
    found = list(conn.execute(_shared(conn, query, C, lock=lock)).all())
    waived = [row.id for row in found if row.state == CheckState.WAIVED]
    waivers = _waivers(conn, waived) if waived else {}
    return {
        (row.task_id, row.run, row.product): _Check(row.id, row.state, waivers.get(row.id, ()))
        for row in found
    }


def _waivers(conn: Connection, checks: Sequence[int]) -> dict[int, tuple[Waiver, ...]]:
    """Those in force. A check that was waived before waivers were written down has what its history says."""
    query = select(*W.c["check_id", "part", "made_by", "reason", "made_at", "void_at"])
    rows = conn.execute(query.where(among(conn, W.c.check_id, checks)).order_by(W.c.id)).all()
    found: dict[int, list[Waiver]] = {row.check_id: [] for row in rows}
    for row in rows:
        if row.void_at is None:
            found[row.check_id].append(Waiver(row.part, row.made_by, row.reason, row.made_at))
    for check in set(checks) - found.keys():
        found[check] = _waived_long_ago(conn, check)
    return {check: tuple(waivers) for check, waivers in found.items()}


def _waived_long_ago(conn: Connection, check: int) -> list[Waiver]:
    H = schema.history  # noqa: N806
    query = select(H.c.actor, H.c.reason, H.c.at).where(
        schema.tells_of("check", check), H.c.event == "waived"
    )
    last = conn.execute(query.order_by(H.c.id.desc()).limit(1)).first()
    return [] if last is None else [Waiver(None, *last)]


# -------------------------------------------------------------------------------------- gaps
def _missing(conn: Connection, groups: Sequence[int]) -> dict[int, int]:
    """Raw chunks of the runs of a group that have no file of its product and are no registered gap.

    Of a product that is made of merged files its other parts tell that they are not archived (siblings).
    """
    runs = _runs(conn, groups)
    raw = F.alias("raw")
    expected = (
        select(runs.c.task_id, runs.c.product, raw.c.run, raw.c.chunk)
        .select_from(runs)
        .join(T, T.c.id == runs.c.task_id)
        .join(raw, and_(raw.c.dataset_id == T.c.dataset_id, raw.c.run == runs.c.run))
        .where(raw.c.role == Role.RAW, raw.c.retired_at.is_(None))
    )
    gap = schema.gap
    registered = (
        select(runs.c.task_id, runs.c.product, raw.c.run, raw.c.chunk)
        .select_from(runs)
        .join(gap, gap.c.task_id == runs.c.task_id)
        .join(raw, and_(raw.c.id == gap.c.file_id, raw.c.run == runs.c.run))
    )
    made = (
        select(runs.c.task_id, runs.c.product, F.c.run, F.c.chunk)
        .select_from(runs)
        .join(F, and_(F.c.dataset_id == runs.c.dataset_id, F.c.run == runs.c.run))
        .where(F.c.product == runs.c.product, F.c.retired_at.is_(None))
    )
    lacking = expected.except_(made, registered).subquery("lacking")
    query = (
        select(runs.c.group_id, func.count())
        .select_from(runs)
        .join(
            lacking,
            and_(
                lacking.c.task_id == runs.c.task_id,
                lacking.c.product == runs.c.product,
                lacking.c.run == runs.c.run,
            ),
        )
        .group_by(runs.c.group_id)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query).all()}


def _runs(conn: Connection, groups: Sequence[int]) -> Any:
    """(group, task, product, run, dataset of the members) for every run of groups of per-chunk files."""
    first = select(M.c.group_id, F.c.dataset_id, F.c.run).select_from(M).join(F, F.c.id == M.c.file_id)
    first = first.where(among(conn, M.c.group_id, groups), F.c.role == Role.INTERMEDIATE, F.c.chunk != "")
    of = first.distinct().subquery("of")
    return (
        select(G.c.id.label("group_id"), *G.c["task_id", "product"], *of.c["run", "dataset_id"])
        .join(of, of.c.group_id == G.c.id)
        .cte("runs")
    )
