"""Merges in levels: manifests that read reports of earlier jobs make what one job makes, or nothing."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from catalog.errors import BadInput, ExitCode
from ddm.jobs import earlier, worker
from ddm.jobs.levels import IN_LEVELS
from ddm.jobs.manifest import ManifestUnreadable, read_manifest
from ddm.operations import manifests
from merging.errors import UnplannableInputs
from merging.model import Same
from merging.registry import find_format
from tests.cli.nodes import Site, date_events

N = 7


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *words: None)  # the tests' own handlers stay
    return Site(tmp_path)


def date(path: Path, number: int) -> None:
    path.write_bytes(date_events(5 + number))


def lines(path: Path, number: int) -> None:
    path.write_bytes(b'{"n": %d}\n' % number * (number + 1))


def tree_and_histogram(path: Path, number: int) -> None:
    uproot, numpy = pytest.importorskip("uproot"), pytest.importorskip("numpy")
    values = numpy.arange(10 * number, 10 * number + 10, dtype="f8")
    with uproot.recreate(path) as out:
        out.mktree("T", {"x": "f8"})
        out["T"].extend({"x": values})
        out["d/h"] = numpy.histogram(values, 20, (0, 100))


def table(path: Path, number: int) -> None:
    arrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(arrow.table({"x": [number] * 4}), path)


MAKERS = {"date": date, "concat": date, "jsonl": lines, "root": tree_and_histogram, "parquet": table}


def group(site: Site, tool: str = "date", **fields):
    """The manifest of a merge in one job, as of a merge group, and its inputs."""
    paths = [site.store / f"f{number}.raw" for number in range(N)]
    for number, path in enumerate(paths):
        MAKERS[tool](path, number)
    counted = {} if tool == "concat" else {"counter": tool}
    inputs = [site.input(path.name, path.read_bytes()) for path in paths]
    promise = site.promise("merged", tool, product="P", **counted, **fields)
    return read_manifest(site.manifest(inputs, [promise], verify="same-content").read_text()), paths


def ran(site: Site, directory: Path) -> list[int]:
    """Exit codes of the manifests, in their order."""
    names = (directory / "order.txt").read_text().split()
    return [site.run(directory / name, "--quiet") for name in names]


@pytest.mark.parametrize("tool", IN_LEVELS)
@pytest.mark.parametrize("per_job", [2, 3, N])
def test_levels_make_what_one_job_makes(site, tool, per_job):
    whole, paths = group(site, tool)
    chain = site.root / "chain"
    told = manifests.write_chain(whole, per_job, chain)
    assert told.levels == {2: 3, 3: 2, N: 1}[per_job]
    assert set(ran(site, chain)) == {0}
    format_, merged = find_format(tool), site.store / "merged"
    assert format_.same_content(paths, merged) == Same()
    if tool in ("date", "concat", "jsonl"):
        assert merged.read_bytes() == b"".join(path.read_bytes() for path in paths)
    one = site.store / "one"
    result = format_.merge(paths, one)
    report = json.loads((chain / f"{told.manifests[-1]}.report.json").read_text())
    assert report["outputs"][0]["n_events"] == result.n_events
    assert report["outputs"][0]["by_type"] == result.by_type
    for name in told.manifests:
        assert len(json.loads((chain / name).read_text())["inputs"]) <= per_job

    there = {f"{site.prefix}/{path.name}" for path in site.store.iterdir()}
    mine = {f"{site.prefix}/{name}" for name in ("merged", "one", *(path.name for path in paths))}
    assert there - mine == set(told.intermediate), "what is listed for removal is what is there"
    assert (chain / "intermediate.txt").read_text().split() == list(told.intermediate)
    papers = [json.loads((chain / name).read_text()) for name in told.manifests]
    assert [paper["promises"][0]["lfn"] for paper in papers][-1] == "/out/merged"
    assert [paper["promises"][0]["product"] for paper in papers] == [*([""] * (len(papers) - 1)), "P"]


def test_records_of_ends_are_those_of_one_job(site):
    from merging.date import EventType, build_event

    def with_records(n: int) -> bytes:
        start = build_event(EventType.START_OF_RUN, 1, 1, n, bytes(8))
        return start + date_events(3) + build_event(EventType.END_OF_RUN, 1, 1, n, bytes(8))

    inputs = [site.input(f"f{n}.raw", with_records(n)) for n in range(5)]
    promise = site.promise("merged", counter="date", options={"records": "ends"})
    manifests.write_chain(read_manifest(site.manifest(inputs, [promise]).read_text()), 2, site.root / "chain")
    assert set(ran(site, site.root / "chain")) == {0}
    one = site.root / "one"
    find_format("date", {"records": "ends"}).merge([site.store / f"f{n}.raw" for n in range(5)], one)
    assert site.merged() == one.read_bytes()


def test_a_later_job_needs_the_reports_of_earlier_ones(site, capsys):
    told = manifests.write_chain(group(site)[0], 4, site.root / "chain")
    *firsts, last = [site.root / "chain" / name for name in told.manifests]
    assert site.run(last) == ExitCode.USAGE
    assert "is not made yet: there is no 1-0000.json.report.json" in capsys.readouterr().err
    assert [site.run(first, "--quiet") for first in firsts] == [0, 0]
    report = Path(f"{firsts[0]}.report.json")
    good = json.loads(report.read_text())
    elsewhere = {**good["outputs"][0], "url": f"{site.prefix}/f0.raw"}
    twice = [good["outputs"][0]] * 2
    for change in ({"label": "another"}, {"code": "x"}, {"outputs": []}, {"outputs": [elsewhere]},
                   {"outputs": twice}):  # fmt: skip
        report.write_text(json.dumps({**good, **change}))
        assert site.run(last, "--quiet") == ExitCode.USAGE
        with pytest.raises(ManifestUnreadable):
            earlier.read(last)
    assert site.merged() is None
    report.write_text(json.dumps(good))
    assert worker.main([str(last), str(site.root / "r.json")]) == 0, "runners start it as well"


def test_an_intermediate_file_that_changed_is_not_merged(site):
    told = manifests.write_chain(group(site)[0], 4, site.root / "chain")
    *firsts, last = [site.root / "chain" / name for name in told.manifests]
    assert [site.run(first, "--quiet") for first in firsts] == [0, 0]
    spoiled = site.store / told.intermediate[0].rpartition("/")[2]
    data = bytearray(spoiled.read_bytes())
    data[-1] ^= 1
    spoiled.write_bytes(data)
    assert site.run(last, "--quiet") == ExitCode.STORAGE
    assert site.merged() is None


def test_a_missing_member_ends_the_chain(site):
    whole, paths = group(site)
    manifests.write_chain(whole, 4, site.root / "chain")
    paths[0].unlink()
    first, second, last = ran(site, site.root / "chain")
    assert (first, second, last) == (ExitCode.STORAGE, 0, ExitCode.USAGE)
    assert site.merged() is None


def test_fallbacks_are_kept_and_the_real_place_is_read(site):
    other = site.root / "other"
    other.mkdir()
    whole, _ = group(site, fallbacks=[f"file://{other}/merged"])
    told = manifests.write_chain(whole, 4, site.root / "chain")
    assert f"file://{other}" in {place.rpartition("/")[0] for place in told.intermediate}
    first = told.intermediate[0].rpartition("/")[2]
    (site.store / first).write_bytes(b"somebody else's")
    assert ran(site, site.root / "chain") == [0, 0, 0]
    assert (other / first).exists()
    assert site.merged() == site.expected(N)


def test_what_cannot_go_in_levels_is_refused_and_nothing_is_written(site):
    whole, _ = group(site)
    inputs = [site.input("f0.raw", b"x"), site.input("f1.raw", b"y")]
    archive = read_manifest(site.manifest(inputs, [site.promise("merged", "zip")]).read_text())
    with pytest.raises(BadInput, match="'zip'"):
        manifests.write_chain(archive, 2, site.root / "chain")
    with pytest.raises(UnplannableInputs):
        manifests.write_chain(whole, 1, site.root / "chain")
    assert not (site.root / "chain").exists()
    (site.root / "chain").mkdir()
    with pytest.raises(FileExistsError):
        manifests.write_chain(whole, 2, site.root / "chain")
    assert list((site.root / "chain").iterdir()) == []
