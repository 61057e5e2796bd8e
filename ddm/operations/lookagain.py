"""Lines of a plan of repair are looked at again before they are done: the catalogue, then the storages.

One question to each storage for all places of a page, outside of any transaction. Unknown files that are to
be adopted are registered here, by the ordinary import, which has transactions of its own and may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.checksum import Adler32
from catalog.db import attempts, mending
from catalog.db.attempts import Place
from catalog.db.engine import Connection
from catalog.db.repairs import Repair
from catalog.errors import DataManagementError
from catalog.model import KnownCopy, RepairLine
from catalog.states import RepairAct, RepairOutcome
from ddm.app import App
from ddm.importing import importer
from ddm.importing.checking import Checker
from ddm.importing.importer import Order
from ddm.importing.names import Names
from ddm.reconcile import actions
from ddm.reconcile.actions import Do, Leave
from ddm.reconcile.kinds import Kind
from ddm.sources.rows import Entry, Row
from ddm.steps import debris
from ddm.steps.probing import seen
from transfers.model import SILENT, Observation

A = RepairAct
Found = dict[int, tuple[RepairOutcome | None, str]]
"""What came of lines, by position; None: open."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A page, and what was seen of it. ``verdicts``: what to do, by position, for those not in ``found``.

    ``places``: what storages said, by endpoint and path. ``left``: who left debris.
    """

    verdicts: Mapping[int, Do]
    found: Found
    places: Mapping[tuple[str, str], Observation] = field(default_factory=dict)
    left: debris.LeftBy = field(default_factory=lambda: debris.LeftBy({}, {}))


# ------------------------------------------------------------------------------------------- looking
def looked(app: App, page: Sequence[RepairLine]) -> Looked:
    """What the catalogue and the storages say of these lines now."""
    known = [line.replica_id for line in page if line.replica_id is not None]
    with app.catalog.read() as conn:
        now = mending.copies(conn, known)
        sources = _sources(conn, page, now)
    found: Found = {}
    for line in page:
        if (left := actions.unchanged(line, now.get(line.replica_id or 0))) is not None:
            found[line.position] = (left.outcome, left.reason)
    asked = [line for line in page if line.position not in found]
    answers = seen(app, _places(asked, sources))
    verdicts: dict[int, Do] = {}
    for line in asked:
        place = answers.get((line.endpoint, line.path), SILENT)
        other = answers.get((line.endpoint, line.other or ""), SILENT)
        match actions.seen_again(line, now.get(line.replica_id or 0), place, other):
            case Leave(outcome, reason):
                found[line.position] = (outcome, reason)
            case Do() as verdict:
                verdicts[line.position] = verdict
    places = [Place(app.endpoint_ids[one.endpoint], one.path) for one in asked if is_left(one)]
    left_by = debris.left_by(app, places) if places else debris.LeftBy({}, {})
    return Looked(verdicts, found, answers, left_by)


def is_left(line: RepairLine) -> bool:
    """Whether it is to be trashed as what an attempt left; else a person names it."""
    return line.act is A.TRASH and line.kind == Kind.DEBRIS and attempts.attempt_at(line.path) is not None


def _sources(
    conn: Connection, page: Sequence[RepairLine], now: Mapping[int, KnownCopy]
) -> dict[int, list[KnownCopy]]:
    """The copies on disk of what is to be archived again, by file: they are looked at as well."""
    files = [
        now[line.replica_id].file_id
        for line in page
        if line.act is A.REARCHIVE and line.replica_id is not None and line.replica_id in now
    ]
    return mending.on_disk(conn, files)


def _places(
    page: Iterable[RepairLine], sources: Mapping[int, Sequence[KnownCopy]]
) -> Iterator[tuple[str, str]]:
    for line in page:
        yield line.endpoint, line.path
        if line.other is not None and line.act is A.ADOPT:
            yield line.endpoint, line.other
    for copies in sources.values():
        for copy in copies:
            yield copy.endpoint, copy.path


# --------------------------------------------------------------------------------------- registering
@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of a plan as a source of files to register."""

    name: str
    lines: Sequence[RepairLine]
    format: str = "plan of repair"
    failed: Mapping[int, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.name

    def rows(self) -> Iterator[Entry]:
        for line in self.lines:
            adler32 = None if line.adler32 is None else Adler32(line.adler32)
            yield Row(self.name, line.position, line.path, line.size, adler32)

    def steady(self) -> None:
        pass


def register(app: App, plan: Repair, page: Sequence[RepairLine], seen: Looked) -> Looked:
    """Register files that nobody knew by what their names and sizes tell, as every list is. Repeat freely.

    Returns the same with the reason why a line was not taken.
    """
    lines = [line for line in page if line.replica_id is None and line.position in seen.verdicts]
    verdicts: dict[int, Do] = dict(seen.verdicts)
    for endpoint in sorted({line.endpoint for line in lines}):
        here = [line for line in lines if line.endpoint == endpoint]
        verdicts |= {
            position: Do(reason=text) for position, text in _register(app, plan, endpoint, here).items()
        }
    return Looked(verdicts, seen.found, seen.places, seen.left)


def _register(app: App, plan: Repair, endpoint: str, lines: Sequence[RepairLine]) -> dict[int, str]:
    """Why lines were not taken, by position."""
    task, settings = app.settings.tasks.get(plan.task), app.settings.endpoints.get(endpoint)
    if task is None or settings is None:
        text = f"task {plan.task} or endpoint {endpoint} is not in ddm.toml"
        return {line.position: text for line in lines}
    source = _Lines(f"plan of repair {plan.id}", lines)
    order = Order(
        source=source,
        checker=Checker(Names(task, app.settings), prefix=settings.prefix),
        dataset=plan.dataset,
        endpoint=endpoint,
        kind=settings.kind,
        keep_going=True,
    )
    try:
        done = importer.run(app.catalog, order)
    except DataManagementError as error:
        return {line.position: str(error) for line in lines}
    where = {f"{source.name}:{line.position}": line.position for line in lines}
    told = [(one.where, one.why) for one in done.refusals] + [(one.where, one.text) for one in done.conflicts]
    return {where[place]: text for place, text in told if place in where}


def needs_registering(page: Sequence[RepairLine]) -> bool:
    """Whether lines are to be registered first."""
    return any(line.act is A.ADOPT and line.replica_id is None for line in page)
