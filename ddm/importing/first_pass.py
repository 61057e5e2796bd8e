"""Pass 1: the whole source is read, checked and compared with the catalogue. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from catalog.db import compare, meta, owners, versions
from catalog.db.engine import Catalog, Connection
from catalog.errors import BadInput, ConflictingRegistration
from catalog.meta import Value, encode
from catalog.model import Conflict
from catalog.states import DatasetState
from ddm.importing.checking import Checker, Good
from ddm.importing.metadata import Types
from ddm.importing.report import LISTED, Tally
from ddm.importing.source import Source
from ddm.importing.twins import Seen, Twins
from ddm.sources.rows import Entry, Refused, Row

BATCH = 5000
NO_RUN = 0
"""The run of a row that says none."""


@dataclass(slots=True)
class Findings:
    """What pass 1 found out. ``fresh``: one byte per batch, 1 where there is something to write."""

    tally: Tally
    types: Types
    fresh: bytearray = field(default_factory=bytearray)
    runs: set[int] = field(default_factory=set)
    bad_runs: dict[int, str] = field(default_factory=dict)
    bad_names: set[str] = field(default_factory=set)

    def spoil(self, run: int, why: str) -> None:
        """A row of this run was not taken: the first reason stays."""
        self.bad_runs.setdefault(run, why)


def batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries, ``BATCH`` at a time; both passes cut the source in the same places."""
    each = iter(entries)
    while batch := list(islice(each, BATCH)):
        yield batch


def checked(batch: list[Entry], checker: Checker) -> Iterator[Good | Refused | None]:
    """What becomes of each entry of a batch."""
    take = checker.take
    for entry in batch:
        yield entry if isinstance(entry, Refused) else take(entry)


class FirstPass:
    """Reads a source for a dataset and an endpoint, by name."""

    def __init__(
        self, catalog: Catalog, source: Source, checker: Checker, dataset: str, endpoint: str
    ) -> None:
        self._catalog, self._source, self._checker = catalog, source, checker
        with catalog.read() as conn:
            known = {name: key.type for name, key in meta.keys(conn).items()}
            self._dataset, state = compare.dataset_of(conn, dataset)
            self._endpoint = compare.endpoint_id(conn, endpoint)
            if state:
                owners.guard(conn, self._dataset, catalog.actor)
            else:
                versions.check_new_name(dataset)
        self._closed = state == DatasetState.CLOSED
        self.found = Findings(Tally(), Types(known))

    def run(self) -> Iterator[int]:
        """Does it; gives the number of entries read, after each batch. Raises BadInput."""
        with Twins() as twins:
            for batch in batches(self._source.rows()):
                self._one(batch, twins)
                yield len(batch)
            self._twins(twins)
        self._source.steady()

    def _one(self, batch: list[Entry], twins: Twins) -> None:
        tally, found = self.found.tally, self.found
        good: list[Good] = []
        tally.read += len(batch)
        for entry in checked(batch, self._checker):
            if entry is None:
                tally.other_runs += 1
            elif isinstance(entry, Refused):
                self._refuse(entry)
            elif self._sees(entry):
                good.append(entry)
        if tally.refused == tally.read >= BATCH:
            first = tally.refusals[0]
            raise BadInput(
                f"not one of the first {tally.read} lines can be taken; {first.value!r}: {first.why}",
                subject=first.where,
            )
        with self._catalog.read() as conn:
            found.fresh.append(self._compare(conn, good, twins))

    def _refuse(self, entry: Refused, run: int | None = None) -> None:
        self.found.tally.refuse(entry.where, entry.value, entry.why)
        run = _run_of(entry, self._checker) if run is None else run
        self.found.spoil(run, f"{entry.where} was not taken: {entry.why}")

    def _sees(self, entry: Good) -> bool:
        if entry.row.meta:
            try:
                self.found.types.see(entry.row.meta)
            except BadInput as error:
                self._refuse(Refused(entry.row.source, entry.row.line, entry.lfn, str(error)), entry.run)
                return False
        return True

    def _compare(self, conn: Connection, good: list[Good], twins: Twins) -> bool:
        """Whether there is something to write."""
        tally, found = self.found.tally, self.found
        seen = compare.compare(conn, good, dataset=self._dataset, endpoint=self._endpoint)
        tally.added += seen.new
        tally.same += seen.same
        found.runs.update({one.run for one in good})
        tally.incomplete += sum(one.size is None or one.adler32 is None for one in good)
        for place, conflict in seen.conflicts:
            tally.differ(conflict)
            found.spoil(good[place].run, f"{conflict.where} was not taken: {conflict.text}")
        fresh = self._compare_meta(conn, good, seen.ids) or seen.fresh
        if fresh:  # where all is known, twins were compared with the same
            self._remember(good, seen, twins)
        return fresh

    def _remember(self, good: list[Good], seen: compare.Compared, twins: Twins) -> None:
        """Keep the names for the search of twins. Raises ConflictingRegistration for a closed dataset."""
        differing = {place for place, _ in seen.conflicts}
        for place, one in enumerate(good):
            new = one.lfn not in seen.ids and place not in differing
            if new and self._closed:
                raise ConflictingRegistration(
                    "the dataset is closed; reopen it with a reason to add files", subject=one.where
                )
            said = hash(tuple(sorted(one.row.meta.items(), key=_first))) if one.row.meta else 0
            twins.add(one.lfn, _words(one), said, one.row.line, new)

    def _compare_meta(self, conn: Connection, good: list[Good], ids: Mapping[str, int]) -> bool:
        """Whether there is metadata to write; what contradicts that of known files is a conflict."""
        with_meta = [one for one in good if one.row.meta]
        said = [(ids[one.lfn], one) for one in with_meta if one.lfn in ids]
        fresh = len(said) < len(with_meta)
        known = meta.of(conn, meta.Noun.FILE, [key for key, _ in said]) if said else {}
        for key, one in said:
            was = known.get(key, {})
            fresh = fresh or not one.row.meta.keys() <= was.keys()
            if problem := self._difference(was, one.row.meta):
                self.found.tally.differ(Conflict(one.lfn, problem, one.where))
                self.found.tally.same -= 1
                self.found.spoil(one.run, f"{one.where} was not taken: {problem}")
        return fresh

    def _difference(self, was: Mapping[str, Value], values: Mapping[str, Value]) -> str:
        known = self.found.types.known
        for name, value in self.found.types.settled({k: v for k, v in values.items() if k in was}).items():
            if encode(known[name], was[name]) != encode(known[name], value):
                return f"{name} is known as {was[name]}, here {value}"
        return ""

    # ------------------------------------------------------------------------------ twins
    def _twins(self, twins: Twins) -> None:
        """Names that stand twice with other words: both rows are read again, to be sure and to be named."""
        pairs = list(twins.pairs())
        self.found.tally.added -= twins.repeated
        self.found.tally.same += twins.repeated
        rows = self._again({line for pair in pairs for line, _ in pair}) if pairs else {}
        for (first, first_new), (other, other_new) in sorted(pairs, key=_other):
            one, two = rows[first], rows[other]
            if one.lfn == two.lfn:  # else two names had the same hash
                self._twice(one, two, first_new, other_new)

    def _again(self, lines: set[int]) -> dict[int, Good]:
        """The rows of these lines, read once more."""
        found: dict[int, Good] = {}
        for entry in self._source.rows():
            if entry.line in lines and isinstance(entry, Row):
                taken = self._checker.take(entry)
                if isinstance(taken, Good):
                    found[entry.line] = taken
        return found

    def _twice(self, one: Good, two: Good, first_new: bool, other_new: bool) -> None:
        found = self.found
        first = two.lfn not in found.bad_names
        found.tally.added -= other_new + (first and first_new)
        found.tally.same -= (not other_new) + (first and not first_new)
        problem = f"stands twice, first at {one.where}, with other values"
        found.tally.differ(Conflict(two.lfn, problem, two.where))
        found.spoil(two.run, f"{two.where} was not taken: it {problem}")
        if len(found.bad_names) == LISTED:
            raise BadInput(f"more than {LISTED} files stand twice with other values", subject=two.where)
        found.bad_names.add(two.lfn)


def _other(pair: tuple[Seen, Seen]) -> int:
    return pair[1][0]


def _first(item: tuple[str, Value]) -> str:
    return item[0]


def _words(one: Good) -> int:
    return hash((one.size, one.adler32, one.path, one.run, *one.events.values()))


def _run_of(entry: Refused, checker: Checker) -> int:
    """The run of a row that was refused, if its name says it."""
    try:
        return checker.names.of(entry.value).run
    except ValueError:
        return NO_RUN
