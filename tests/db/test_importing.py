"""The import on both databases: nothing half-done whenever it is killed, and memory that does not grow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from catalog.db import files, meta, owners, tally
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.errors import BadInput, ConflictingRegistration, NotOwner
from catalog.states import EndpointKind
from ddm import config
from ddm.importing import first_pass, importer
from ddm.importing.checking import Checker
from ddm.importing.importer import Order
from ddm.importing.names import Names
from ddm.importing.source import open_file
from ddm.sources.columns import Columns
from ddm.templates import demo_toml
from ddm.testing.crash import Stopped, StoppingSeam, When

RAW = "/castor/cern.ch/compass/data/2016/raw/W14"
DATASET = "2016/W14"


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    (tmp_path / "ddm.toml").write_text(demo_toml(program=["true"]))
    settings = config.load(tmp_path / "ddm.toml", {})
    return Checker(Names(next(iter(settings.tasks.values())), settings))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 4 rows: then few rows are many commits."""
    monkeypatch.setattr(first_pass, "BATCH", 4)


def lines(runs: int, chunks: int = 5) -> Iterator[str]:
    yield "lfn,size,adler32,n_events,current"
    for run in range(275600, 275600 + runs):
        for chunk in range(11001, 11001 + chunks):
            yield f"{RAW}/cdr{chunk:05d}-{run}.raw,{chunk},{chunk:08x},{chunk},{run}.5"


def order(path: Path, checker: Checker, text: Iterator[str] | None = None, **other: object) -> Order:
    if text is not None:
        path.write_text("\n".join(text) + "\n")
    source = open_file(path, None, Columns())
    made = Order(source=source, checker=checker, dataset=DATASET, endpoint="tape", kind=EndpointKind.TAPE)
    return replace(made, **other)


def content(catalog: Catalog) -> tuple[object, ...]:
    """What is registered, in words that do not depend on ids."""
    with catalog.read() as conn:
        dataset = files.dataset_id(conn, DATASET)
        names = [
            f"{RAW}/cdr{chunk:05d}-{run}.raw"
            for run, _ in files.runs_of(conn, dataset)
            for chunk in range(11001, 11006)
        ]
        ids = files.ids_by_lfn(conn, names)
        said = files.counts(conn, list(ids.values()))
        values = meta.of(conn, meta.Noun.FILE, list(ids.values()))
        assert tally.check(conn) == []
        return (
            files.runs_of(conn, dataset),
            files.undefined_runs(conn, dataset),
            {name: (said[key], values[key]) for name, key in ids.items()},
        )


def test_an_import_is_killed_at_every_commit_and_repeated(catalog_url, tmp_path, checker):
    path = tmp_path / "raw.csv"
    with Catalog(catalog_url, clock=SimulatedClock(), actor="tester") as catalog:
        whole = order(path, checker, lines(3))
        crossing = 0
        while True:
            crossing += 1
            when = When.BEFORE if crossing % 2 else When.AFTER
            catalog.seam = StoppingSeam((crossing + 1) // 2, when)
            try:
                importer.run(catalog, whole)
                break
            except Stopped:
                catalog.seam = StoppingSeam()
            _never_half(catalog)
        assert crossing > 4
        again = importer.run(catalog, whole)
        assert (again.added, again.same) == (0, 15)
        runs, undefined, said = content(catalog)
        assert runs == [(run, 5) for run in (275600, 275601, 275602)]
        assert undefined == {}
        assert said[f"{RAW}/cdr11002-275601.raw"] == ({"raw_catalogue": 11002}, {"current": 275601.5})


def _never_half(catalog: Catalog) -> None:
    """A run with files is whole, or undefined; and the dataset does not close over it."""
    with catalog.read() as conn:
        try:
            dataset = files.dataset_id(conn, DATASET)
        except LookupError:
            return
        undefined = files.undefined_runs(conn, dataset)
        assert all(n == 5 or run in undefined for run, n in files.runs_of(conn, dataset))
    if undefined:
        with catalog.begin() as conn, pytest.raises(ConflictingRegistration):
            files.close_dataset(conn, DATASET, Why(catalog.clock.now(), "tester"))


def test_a_killed_import_of_a_list_that_lost_a_run_leaves_that_run_undefined(catalog, tmp_path, checker):
    path = tmp_path / "raw.csv"
    catalog.seam = StoppingSeam(2, When.BEFORE)
    with pytest.raises(Stopped):
        importer.run(catalog, order(path, checker, lines(2, 3)))
    catalog.seam = StoppingSeam()
    text = [line for line in lines(2, 3) if "275600" not in line]
    done = importer.run(catalog, order(path, checker, iter(text)))
    assert done.added > 0
    runs, undefined, _ = content(catalog)
    assert dict(runs) == {275600: 3, 275601: 3}
    assert list(undefined) == [275600]


def test_reasons_of_others_are_left_alone(catalog, tmp_path, checker):
    with catalog.begin() as conn:
        why = Why(catalog.clock.now(), "tester")
        dataset = files.ensure_dataset(conn, DATASET, why)
        files.undefine(conn, dataset, {275600: "import of another list not finished"}, why)
    importer.run(catalog, order(tmp_path / "raw.csv", checker, lines(2)))
    assert content(catalog)[1] == {275600: "import of another list not finished"}


def test_a_run_that_is_found_at_last_is_defined(catalog, tmp_path, checker):
    path, runs = tmp_path / "raw.csv", (275600, 275601)
    done = importer.run(catalog, order(path, checker, lines(1), runs=runs))
    assert [entry.run for entry in done.undefined] == [275601]
    assert list(content(catalog)[1]) == [275601]
    done = importer.run(catalog, order(tmp_path / "other.csv", checker, lines(2), runs=runs))
    assert (done.added, done.undefined) == (5, ())
    assert content(catalog)[1] == {}


def test_a_plan_writes_nothing_and_says_what_would_come_of_it(catalog, tmp_path, checker):
    planned = importer.run(
        catalog, order(tmp_path / "raw.csv", checker, lines(2), plan=True, runs=(275600, 275601, 275602))
    )
    assert (planned.added, planned.written) == (10, False)
    assert [entry.run for entry in planned.undefined] == [275602]
    with catalog.read() as conn, pytest.raises(LookupError):
        files.dataset_id(conn, DATASET)


def test_a_list_that_changes_while_it_is_read_is_refused(catalog, tmp_path, checker):
    path = tmp_path / "raw.csv"
    made = order(path, checker, lines(3))

    def advance(what: str, rows: int) -> None:
        if what == "writing":
            path.write_text("lfn\n")

    with pytest.raises(BadInput, match="changed while it was read"):
        importer.run(catalog, made, advance)
    _never_half(catalog)


def test_what_somebody_registers_meanwhile_is_compared_again(catalog, tmp_path, checker):
    made = order(tmp_path / "raw.csv", checker, lines(2))
    other = order(tmp_path / "other.csv", checker, (line.replace(",11001,", ",7,") for line in lines(2)))

    def advance(what: str, rows: int) -> None:
        if what == "reading" and rows < 4:  # the last batch: everything was new
            importer.run(catalog, other)

    with pytest.raises(ConflictingRegistration, match="known with 7 bytes"):
        importer.run(catalog, made, advance)


def test_what_somebody_contradicts_meanwhile_keeps_its_run_undefined(catalog, tmp_path, checker):
    made = replace(order(tmp_path / "raw.csv", checker, lines(2)), keep_going=True)
    header, first = [*lines(2)][:2]
    other = order(tmp_path / "other.csv", checker, iter([header, first.replace(",11001,", ",7,", 1)]))

    def advance(what: str, rows: int) -> None:
        if what == "reading" and rows < 4:
            importer.run(catalog, other)

    done = importer.run(catalog, made, advance)
    assert (done.added + done.same + done.conflicting, done.conflicting) == (done.read, 1)
    assert "known with 7 bytes" in done.conflicts[0].text
    assert len(done.undefined) == 1
    with catalog.read() as conn:
        dataset = files.dataset_id(conn, DATASET)
        assert list(files.undefined_runs(conn, dataset)) == [done.undefined[0].run]


def test_a_dataset_of_another_group_takes_nothing(catalog, tmp_path, checker):
    with catalog.begin() as conn:
        why = Why(catalog.clock.now(), "tester", "ours")
        dataset = files.ensure_dataset(conn, DATASET, why)
        owners.add(conn, "calo", "", ["alice"], why)
        owners.own(conn, dataset, "calo", why)
    with pytest.raises(NotOwner):
        importer.run(catalog, order(tmp_path / "raw.csv", checker, lines(1)))


PEAK = """
import sys, tracemalloc
from pathlib import Path
from catalog.db.engine import Catalog
from catalog.states import EndpointKind
from ddm import config
from ddm.importing import importer
from ddm.importing.checking import Checker
from ddm.importing.names import Names
from ddm.importing.source import open_file
from ddm.sources.columns import Columns
root = Path(sys.argv[1])
settings = config.load(root / "ddm.toml", {})
checker = Checker(Names(next(iter(settings.tasks.values())), settings))
tracemalloc.start()
with Catalog(f"sqlite:///{root}/{sys.argv[2]}.db") as catalog:
    catalog.create()
    source = open_file(root / sys.argv[2], None, Columns())
    done = importer.run(catalog, importer.Order(
        source=source, checker=checker, dataset="x", endpoint="tape", kind=EndpointKind.TAPE))
    assert done.added == int(sys.argv[3]), done
print(tracemalloc.get_traced_memory()[1])
"""
"""Prints the peak of what Python holds; the cache of SQLite has a size of its own."""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_the_list(tmp_path, checker):
    peaks = {}
    for rows in (10_000, 100_000):
        path = tmp_path / f"list{rows}"
        with path.open("w") as stream:
            for n in range(rows):
                stream.write(f"{RAW}/cdr{10000 + n % 1000:05d}-{275000 + n // 1000}.raw\n")
        command = [sys.executable, "-c", PEAK, str(tmp_path), path.name, str(rows)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=280)
        assert told.returncode == 0, told.stderr
        peaks[rows] = int(told.stdout)
    assert peaks[100_000] < peaks[10_000] + 4_000_000, peaks
