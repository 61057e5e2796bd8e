"""The import: pass 1 decides, pass 2 writes in committed batches, the end defines the runs.

1. If anything is refused or contradicts the catalogue, nothing is written; with ``keep_going`` the good rows
   are, and the runs of the others stay undefined.
2. A run is undefined from the transaction of its first new file until all of the source is written. An
   import that was killed leaves it so; the same import, repeated, finds what is known and defines it.
3. A reason for which a run was undefined by something else is left alone.
4. A run that was asked for, and whose look-up failed or found nothing, is undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.db import compare, datasets, files, meta, owners, registering, tally
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why
from catalog.errors import BadInput, CatalogError, ConflictingRegistration
from catalog.model import Conflict, NewFile
from catalog.names import LFN, check_lfn
from catalog.states import DatasetState, EndpointKind
from ddm.importing.checking import Checker, Good
from ddm.importing.first_pass import Findings, FirstPass, batches, checked
from ddm.importing.report import LISTED, Imported, OpenRun
from ddm.importing.source import Source
from ddm.sources.rows import Entry

UNFINISHED = "import of {} not finished"
NOT_TAKEN = "import of {}: "
NOT_FOUND = "nothing of it was found in {}"
NO_ANSWER = "its look-up in {} failed: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to import, whereto, and how. ``runs``: those asked for; None means all that the source has."""

    source: Source
    checker: Checker
    dataset: str
    endpoint: str
    kind: EndpointKind
    runs: Sequence[int] | None = None
    plan: bool = False
    keep_going: bool = False


Advance = Callable[[str, int], None]
"""Told, after each batch, what is done (``reading`` or ``writing``) and how many rows were."""


def run(catalog: Catalog, order: Order, advance: Advance = lambda what, rows: None) -> Imported:
    """Do it, or say what would come of it. Repeat freely.

    Raises BadInput for a source that cannot be read, ConflictingRegistration for a closed dataset or an
    endpoint of another kind; then nothing was written by this call that was not complete.
    """
    check_lfn("/" + order.dataset)
    first = FirstPass(catalog, order.source, order.checker, order.dataset, order.endpoint)
    for rows in first.run():
        advance("reading", rows)
    found = first.found
    stopped = bool(found.tally.refused or found.tally.conflicting) and not order.keep_going
    second = _SecondPass(catalog, order, found)
    if order.plan or stopped:  # nothing is half-written
        return _report(order, found, second.would_be_open(), written=False)
    for rows in second.write():
        advance("writing", rows)
    left = second.finish()
    return _report(order, found, left, written=True)


def _report(order: Order, found: Findings, left: dict[int, str], *, written: bool) -> Imported:
    tally = found.tally
    return Imported(
        source=order.source.name,
        format=order.source.format,
        dataset=order.dataset,
        endpoint=order.endpoint,
        planned=order.plan,
        written=written,
        read=tally.read,
        added=tally.added,
        same=tally.same,
        conflicting=tally.conflicting,
        refused=tally.refused,
        other_runs=tally.other_runs,
        incomplete=tally.incomplete,
        conflicts=tuple(tally.conflicts),
        refusals=tuple(tally.refusals),
        undefined=tuple(OpenRun(run, why) for run, why in list(left.items())[:LISTED]),
    )


class _SecondPass:
    def __init__(self, catalog: Catalog, order: Order, found: Findings) -> None:
        self._catalog, self._order, self._found = catalog, order, found
        title = order.source.title
        self._unfinished, self._not_taken = UNFINISHED.format(title), NOT_TAKEN.format(title)
        self._marked: set[int] = set()
        self._added = 0
        self._keys_made = False

    def would_be_open(self) -> dict[int, str]:
        """The runs that would stay undefined."""
        return dict(sorted({**self._missing(), **self._bad()}.items()))

    def _bad(self) -> dict[int, str]:
        return {run: self._not_taken + why for run, why in self._found.bad_runs.items()}

    def _missing(self) -> dict[int, str]:
        source = self._order.source
        failed = {run: NO_ANSWER.format(source.title) + why for run, why in source.failed.items()}
        there = self._found.runs | self._found.bad_runs.keys()
        absent = [run for run in self._order.runs or () if run not in there and run not in failed]
        return failed | {run: NOT_FOUND.format(source.title) for run in absent}

    def _why(self) -> Why:
        catalog = self._catalog
        return Why(catalog.clock.now(), catalog.actor, f"registered from {self._order.source.title}")

    # ------------------------------------------------------------------------- write
    def write(self) -> Iterator[int]:
        """Every batch in which there is something to write; gives how many rows are done."""
        if not any(self._found.fresh):
            return
        for number, batch in enumerate(batches(self._order.source.rows())):
            if self._found.fresh[number : number + 1] == b"\1":
                self._order.source.steady()
                self._batch(list(self._good(batch)))
            yield len(batch)

    def _good(self, batch: list[Entry]) -> Iterator[Good]:
        """The entries that are registered. Who stands twice with other values is none of them."""
        for entry in checked(batch, self._order.checker):
            single = isinstance(entry, Good) and entry.lfn not in self._found.bad_names
            if isinstance(entry, Good) and single and (not entry.row.meta or self._takes(entry)):
                yield entry

    def _takes(self, entry: Good) -> bool:
        try:
            self._found.types.settled(entry.row.meta)
        except BadInput:  # it was refused in pass 1
            return False
        return True

    def _batch(self, good: list[Good]) -> None:
        order, why = self._order, self._why()
        with self._catalog.begin("import") as conn:
            dataset = files.ensure_dataset(conn, order.dataset, why)
            owners.guard(conn, dataset, self._catalog.actor)
            endpoint = files.ensure_endpoint(conn, order.endpoint, order.kind)
            entries = [entry.file() for entry in good]
            done = registering.register(conn, entries, dataset=dataset, endpoint=endpoint, why=why)
            if done.conflicts and not order.keep_going:  # somebody registered since we looked
                conflict = done.conflicts[0]
                raise ConflictingRegistration(f"{conflict.lfn}: {conflict.text}", subject=conflict.where)
            self._differ(done.conflicts, entries)
            self._say(conn, good, done.ids, why)
            if done.added:
                runs = {entry.run for entry in entries} - self._marked
                self._mark(conn, dataset, dict.fromkeys(sorted(runs), self._unfinished), why)
        self._added += done.added
        self._marked |= {entry.run for entry in entries} if done.added else set()
        self._keys_made = self._keys_made or any(entry.row.meta for entry in good)

    def _differ(self, conflicts: Sequence[Conflict], entries: Sequence[NewFile]) -> None:
        """Rows that somebody contradicted since we looked: their runs stay undefined."""
        runs = {entry.lfn: entry.run for entry in entries} if conflicts else {}
        for conflict in conflicts:
            self._found.tally.differ_after_all(conflict)
            self._found.spoil(runs[LFN(conflict.lfn)], conflict.text)

    def _say(self, conn: Connection, good: list[Good], ids: Mapping[str, int], why: Why) -> None:
        """The metadata of the batch; keys that are new get the type that fits the whole source."""
        types = self._found.types
        said = {ids[one.lfn]: types.settled(one.row.meta) for one in good if one.row.meta and one.lfn in ids}
        if not said:
            return
        if not self._keys_made:
            for key, kind in types.new().items():
                meta.define(conn, key, kind, "", why)
        differs = meta.say_of_files(conn, said, why)
        if differs and not self._order.keep_going:
            raise ConflictingRegistration(
                f"file {differs[0].id}: {differs[0]}", subject=self._order.source.name
            )

    def _mark(self, conn: Connection, dataset: int, runs: Mapping[int, str], why: Why) -> None:
        """Undefine the runs, unless they are already: the older reason stays."""
        known = files.undefined_runs(conn, dataset)
        files.undefine(conn, dataset, {run: text for run, text in runs.items() if run not in known}, why)

    # --------------------------------------------------------------------------- end
    def finish(self) -> dict[int, str]:
        """Define the runs that are through, undefine the others; returns those that this import leaves."""
        self._found.tally.known_meanwhile(self._found.tally.added - self._added)
        why = self._why()
        left = self.would_be_open()
        with self._catalog.begin("import") as conn:
            dataset = files.ensure_dataset(conn, self._order.dataset, why)
            known = files.undefined_runs(conn, dataset)
            through = [run for run in known if self._is_through(conn, dataset, run, known)]
            files.defined(conn, dataset, through, why)
            if compare.dataset_of(conn, self._order.dataset)[1] == DatasetState.OPEN:
                self._mark(conn, dataset, left, why)
            tally.fold_if_long(conn)
        return left

    def _is_through(self, conn: Connection, dataset: int, run: int, known: Mapping[int, str]) -> bool:
        """Whether this import answers the reason for which the run was undefined."""
        reason = known[run]
        asked = run in (self._order.runs or ())
        if run in self._found.runs:
            looked_up = reason.startswith((NOT_FOUND.split("{")[0], NO_ANSWER.split("{")[0]))
            return reason == self._unfinished or reason.startswith(self._not_taken) or (asked and looked_up)
        # A row that was mended may be of another run now: then nothing is left of the one it seemed to be.
        return reason.startswith(self._not_taken) and run not in dict(files.runs_of(conn, dataset))


def close(catalog: Catalog, order: Order, done: Imported) -> Imported:
    """Close the dataset after the import; the report says whether that was done, and if not, why."""
    why = Why(catalog.clock.now(), catalog.actor, f"registered from {order.source.title}")
    try:
        with catalog.begin("import") as conn:
            datasets.close(conn, order.dataset, why)
    except CatalogError as error:  # the files stay registered: a person decides about the rest
        return replace(done, why_open=str(error))
    return replace(done, closed=True)
