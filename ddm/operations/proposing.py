"""Plans of repair are proposed from a comparison: kept beside the catalogue, written as a text to read.

None of it is in memory: findings, proposals and the text are streams.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from catalog.checksum import Adler32
from catalog.db import comparisons, repairs
from catalog.db.repairs import NewRepair, Repair
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from ddm.app import App
from ddm.naming import named
from ddm.operations.common import why
from ddm.operations.compared import of_it
from ddm.operations.repairtext import PROPOSED, Sum, Sums, facts
from ddm.reconcile import actions, findings, plantext
from ddm.reconcile.actions import Circumstances, Proposal
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import Kind
from ddm.reconcile.verdicts import Standing
from ddm.steps.probing import seen
from transfers.model import Observed

OLDER = timedelta(days=14)
AT_ONCE = 1000
SKIPPED = frozenset({Kind.IN_FLIGHT, Kind.CONSISTENT})
Told = Callable[[int], None]


def _nobody(lines: int) -> None:
    """Is told of progress where nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which differences a plan is of (empty: all), and how old debris must be. ``dataset``, ``task``: whereto
    files that nobody knows may be adopted, and by whose names. ``checksums``: ask the storages for the
    adler32 of files that nobody knows, where the scan did not tell it."""

    comparison: int | None = None
    endpoint: str | None = None
    under: str = ""
    older: timedelta = OLDER
    dataset: str = ""
    task: str = ""
    checksums: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A plan that was written. ``text``: where; None: on standard output."""

    plan: Repair
    text: str | None
    sums: tuple[Sum, ...]


def plan(app: App, wish: Wish, out: Path | IO[str], told: Told = _nobody) -> Proposed:
    """Propose what may be done about the differences of a comparison (the newest, if none is named).

    ``told``: of so many lines more. Raises NotRegistered, BadInput (a file is there already),
    IllegalTransition (the comparison is not to be used).
    """
    with app.catalog.read() as conn:
        newest = comparisons.newest(conn) if wish.comparison is None else None
        if wish.comparison is None and newest is None:
            raise NotRegistered("there is no comparison; run 'ddm reconcile compare'", subject="COMPARISON")
        found = newest or comparisons.one(conn, wish.comparison or 0)
        if said := comparisons.usable(conn, found.id):
            raise IllegalTransition("; ".join(said), subject=f"comparison {found.id}")
        of_it(found.id, comparisons.compared(conn, [found.id]), wish.endpoint)
    if wish.dataset and not wish.task:
        raise BadInput("to adopt files, name a task of ddm.toml whose names they have", subject="--task")
    if wish.task:
        named(wish.task, app.settings.tasks, "--task", "task")
    if isinstance(out, Path) and out.exists():
        raise BadInput("is there already; nothing is overwritten", subject=str(out))
    directory = app.settings.reconcile.directory / found.directory
    places = findings.read(directory, endpoint=wish.endpoint, under=wish.under)
    return write(app, found.id, wish, places, out, told)


def write(
    app: App,
    comparison: int,
    wish: Wish,
    places: Iterator[Finding],
    out: Path | IO[str],
    told: Told = _nobody,
) -> Proposed:
    """The same, of these findings."""
    given = Circumstances(app.now - wish.older, bool(wish.dataset))
    with ExitStack() as until:
        until.enter_context(app.catalog.exclusive("reconcile-plan"))
        with app.catalog.read() as conn:
            number = repairs.next_number(conn)
        name = f"plan-{number:06d}"
        kept = app.settings.reconcile.directory / name / PROPOSED
        kept.parent.mkdir(parents=True, exist_ok=True)  # one without a row in the catalogue is nobody's
        places = _with_checksums(app, places) if wish.checksums else places
        # the head of the text tells the sum of all of it: the lines wait for it in a file without a name
        lines = until.enter_context(
            TemporaryFile("w+", dir=kept.parent, prefix="lines", encoding="utf-8", newline="\n")
        )
        proposals = (proposal(n, p, given) for n, p in enumerate(_proposable(places), 1))
        keeping = _Keeping(told)
        _keep(kept, lines, keeping, proposals)
        with app.catalog.begin("operation") as conn:
            new = NewRepair(
                comparison, name, keeping.digest.hexdigest(), keeping.total, wish.dataset, wish.task
            )
            made = repairs.save(conn, number, new, why(app.catalog))
        lines.seek(0)
        _write_text(plantext.head(facts(app.catalog, made)), lines, out)
    order = sorted(keeping.sums.items(), key=lambda one: (one[0][0], one[0][1] or ""))
    sums = tuple(Sum(kind, act, *amount) for (kind, act), amount in order)
    return Proposed(made, str(out) if isinstance(out, Path) else None, sums)


def _proposable(places: Iterator[Finding]) -> Iterator[Finding]:
    return (place for place in places if place.kind not in SKIPPED)


def _with_checksums(app: App, places: Iterator[Finding]) -> Iterator[Finding]:
    """The same; strangers with the adler32 that their storage tells now, if their size is as scanned."""
    while page := list(islice(places, AT_ONCE)):
        asked = [(p.endpoint, p.path) for p in page if _lacks_checksum(p)]
        told = seen(app, asked)
        for place in page:
            match told.get((place.endpoint, place.path)):
                case Observed(size=size, adler32=Adler32() as adler32) if size == place.seen_size:
                    yield replace(place, seen_adler32=int(adler32))
                case _:
                    yield place


def _lacks_checksum(place: Finding) -> bool:
    stranger = place.replica_id is None and place.kind in (Kind.DARK, Kind.STALE, Kind.DUPLICATE)
    return stranger and place.seen_adler32 is None and place.standing is Standing.CONFIRMED


@dataclass
class _Keeping:
    """Proposals are written down as they pass: their sums, how many there are, and the sha256."""

    told: Told
    sums: Sums = field(default_factory=dict)
    total: int = 0
    digest: Any = field(default_factory=plantext.sha256)

    def each(self, proposals: Iterator[Proposal], to: IO[bytes]) -> Iterator[Proposal]:
        for one in proposals:
            amount = self.sums.setdefault((one.kind, one.act), [0, 0])
            amount[0], amount[1] = amount[0] + 1, amount[1] + (one.size or 0)
            written = plantext.record(one).encode()
            self.digest.update(written)
            to.write(written)
            self.total += 1
            if self.total % AT_ONCE == 0:
                self.told(AT_ONCE)
            yield one
        self.told(self.total % AT_ONCE)


def _keep(kept: Path, lines: IO[str], keeping: _Keeping, proposals: Iterator[Proposal]) -> None:
    """Write down what is proposed, and the lines of the text."""
    part = kept.with_suffix(".part")
    with open(part, "wb") as stream:
        lines.writelines(plantext.body(keeping.each(proposals, stream)))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, kept)


def proposal(number: int, place: Finding, given: Circumstances) -> Proposal:
    """What may be done about a finding, and what is proposed."""
    state = place.state if place.replica_id is not None else None
    seen = (place.seen_size, place.seen_adler32)
    may, lacking = actions.possible(
        place.kind, place.standing, state, seen, place.path, adoptable=given.adoptable
    )
    act, young = actions.proposed(place.kind, may, place.first_seen, given)
    size, adler32 = (place.size, place.adler32) if place.replica_id is not None else seen
    other = None if not place.other else place.other.partition(":")[2]
    words = (place.said, other and f"belongs to {place.other}", state and f"it is {state}", lacking, young)
    return Proposal(
        number, place.kind, place.endpoint, place.path, act, may, "; ".join(filter(None, words)),
        place.replica_id, state, place.since, size, adler32, other,
    )  # fmt: skip


def _write_text(head: str, lines: IO[str], out: Path | IO[str]) -> None:
    if not isinstance(out, Path):
        out.write(head)
        shutil.copyfileobj(lines, out, 1 << 20)
        return
    part = out.with_name(f".{out.name}.part")
    with open(part, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(head)
        shutil.copyfileobj(lines, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, out)
