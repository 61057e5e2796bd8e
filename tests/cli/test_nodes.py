"""``ddm merge run`` and ``ddm check run``: a manifest in, a report out, no merge with a member missing."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from catalog.checksum import adler32
from ddm.cli import nodes_run
from ddm.jobs import doing, merges, scratch
from ddm.jobs.manifest import unread
from ddm.jobs.progress import Teller
from merging.formats.date import DateEvents
from merging.model import Different
from tests.cli.nodes import Site, date_events
from tests.cli.test_staging import modules, strangers

PYTHON = sys.executable


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *words: None)  # the tests' own handlers stay
    return Site(tmp_path)


# ------------------------------------------------------------------------------------- a good merge
def test_a_merge_by_hand_is_put_counted_and_reported(site, capsys):
    manifest = site.merge()
    assert site.run(manifest) == 0
    assert site.merged() == site.expected()
    (output,) = site.report["outputs"]
    assert (output["n_events"], output["n_read"], output["by_type"]) == (86, 86, {"physics": 86})
    assert output["adler32"] == str(adler32([site.expected()]))
    assert [(one["lfn"], one["n_events"]) for one in site.report["inputs"]] == [
        (f"/x/f{n}.raw", 20 + n) for n in range(4)
    ]
    assert site.debris() == set()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "ddm merge run: /out/merged: 4 files merged, 40.2 kB, 86 events\n"
    assert site.run(manifest, "--json") == 0  # again: the equal output is adopted
    assert json.loads(capsys.readouterr().out) == site.report


def test_inputs_come_one_by_one_so_that_little_scratch_is_needed(site, monkeypatch):
    seen = []

    class Watching(DateEvents):
        def merge(self, inputs, output):
            def watched():
                for path in inputs:
                    here = [one for one in path.parent.iterdir() if one.suffix == ".raw"]
                    seen.append(len(here))
                    yield path

            return super().merge(watched(), output)

    monkeypatch.setattr(merges, "find_format", lambda name, options: Watching())
    assert site.run(site.merge(8), "--ahead", "0") == 0
    assert seen == [1] * 8
    assert site.report["scratch"] < sum(one["size"] for one in site.report["inputs"]) * 2 + scratch.MARGIN


def test_too_little_scratch_is_told_before_anything_moves(site, capsys, monkeypatch):
    assert site.run(site.merge(), "--space", "1 MB") == 21
    assert (site.report["code"], site.report["fault"]) == ("scratch_space", "site")
    assert "of scratch space at a time, 1 MB may be used" in capsys.readouterr().err
    assert site.debris() == set()
    monkeypatch.setattr(scratch, "free", lambda work, limit=None: 0)
    assert site.run(site.merge(room=1)) == 21


def test_a_disk_that_is_full_all_the_same_is_the_sites_fault(site, monkeypatch):
    class Full(DateEvents):
        def merge(self, inputs, output):
            from merging.errors import MergeToolFailed

            list(inputs)
            raise MergeToolFailed("cannot be written") from OSError(28, "No space left on device")

    monkeypatch.setattr(merges, "find_format", lambda name, options: Full())
    assert site.run(site.merge()) == 21
    assert site.report["code"] == "scratch_space"
    assert site.merged() is None


# ------------------------------------------------------------------------------------- never with a hole
@pytest.mark.parametrize("spoil", ["gone", "shorter", "other"])
@pytest.mark.parametrize("options", [(), ("--in-place",), ("--same-content",)])
def test_an_input_that_is_not_the_manifests_ends_the_merge(site, spoil, options):
    manifest = site.merge()
    third = site.store / "f2.raw"
    data = third.read_bytes()
    third.unlink()
    if spoil != "gone":
        third.write_bytes(data[:-4] if spoil == "shorter" else data[:-1] + b"x")
    assert site.run(manifest, *options) == 23
    codes = {"gone": "file_missing", "shorter": "size_mismatch", "other": "checksum_mismatch"}
    assert (site.report["code"], site.report["outputs"]) == (codes[spoil], [])
    assert "f2.raw" in site.report["text"]
    assert site.merged() is None
    assert site.debris() == set()


class Swallowing(DateEvents):
    """Takes what it gets, and thinks nothing of what it does not get."""

    def merge(self, inputs, output):
        taken, several = [], iter(inputs)
        while True:
            try:
                taken.append(next(several))
            except Exception:
                break
        return super().merge([path for path in taken if path.exists()] or taken, output)


class Leaving(DateEvents):
    """Leaves the last input out."""

    def merge(self, inputs, output):
        several = iter(inputs)
        return super().merge((next(several) for _ in range(3)), output)


class Lying(DateEvents):
    """Takes all and writes all but one."""

    one_by_one = False

    def merge(self, inputs, output):
        return super().merge(list(inputs)[:-1], output)


@pytest.mark.parametrize("tool", [Swallowing, Leaving, Lying])
def test_a_format_cannot_mask_a_member_that_is_missing(site, tool, monkeypatch):
    monkeypatch.setattr(merges, "find_format", lambda name, options: tool())
    manifest = site.merge()
    if tool is Swallowing:
        (site.store / "f2.raw").unlink()
    assert site.run(manifest) == (23 if tool is Swallowing else 20)
    assert site.report["code"] == ("file_missing" if tool is Swallowing else "inputs_left_out")
    assert site.merged() is None


def test_another_file_at_the_destination_stays(site):
    manifest = site.merge()
    (site.store / "merged").write_bytes(b"older")
    assert site.run(manifest) == 23
    assert (site.report["code"], site.merged()) == ("file_exists", b"older")


# ------------------------------------------------------------------------------------- verification
@pytest.mark.parametrize(("verify", "read"), [("none", None), ("count", 86), ("same-content", 86)])
def test_what_is_read_again_is_what_was_asked_for(site, verify, read, monkeypatch):
    compared = []
    honest = DateEvents.same_content
    monkeypatch.setattr(
        DateEvents, "same_content", lambda self, i, m: compared.append(len(i)) or honest(self, i, m)
    )
    assert site.run(site.merge(verify=verify)) == 0
    (output,) = site.report["outputs"]
    assert (output["n_events"], output["n_read"]) == (86, read)
    assert compared == ([4] if verify == "same-content" else [])


def test_a_merged_file_that_is_not_its_inputs_is_not_put(site, monkeypatch):
    monkeypatch.setattr(DateEvents, "same_content", lambda *words: Different(("at byte 7",)))
    assert site.run(site.merge(), "--same-content") == 20
    assert (site.report["code"], "at byte 7" in site.report["text"]) == ("content_differs", True)
    assert site.merged() is None


# ------------------------------------------------------------------------------------- in place
def test_inputs_in_place_are_read_where_they_lie_and_stay(site, monkeypatch):
    from transfers.backends.posix import PosixStorage

    def fetch(self, orders, watch):
        raise AssertionError("something was copied")

    monkeypatch.setattr(PosixStorage, "fetch", fetch)
    expected_from = site.merge()
    assert site.run(expected_from, "--in-place") == 0
    assert site.merged() == site.expected()
    assert [one["adler32"] for one in site.report["inputs"]] == [
        str(adler32([(site.store / f"f{n}.raw").read_bytes()])) for n in range(4)
    ]


def test_a_program_of_others_gets_copies_whatever_is_asked(site):
    options = {"command": "/bin/sh -c 'for f; do cat $f; rm -f $f; done > {output}' sh {inputs}"}
    inputs = [site.input("a.raw", b"first"), site.input("b.raw", b"second")]
    site.run(site.manifest(inputs, [site.promise("merged", "command", options=options)]), "--in-place")
    assert (site.store / "a.raw").read_bytes() == b"first"
    assert (site.store / "b.raw").read_bytes() == b"second"


def test_bad_bytes_in_place_are_the_storages_fault_not_the_programs(site):
    manifest = site.merge()
    path = site.store / "f1.raw"
    path.write_bytes(b"x" * path.stat().st_size)
    assert site.run(manifest, "--in-place") == 23
    assert (site.report["code"], site.report["fault"]) == ("checksum_mismatch", "storage")


# ------------------------------------------------------------------------------------- trains
def test_a_train_makes_several_products_of_the_same_and_of_other_inputs(site, capsys):
    raw = [site.input(f"r{n}.raw", date_events(5 + n), product="dump") for n in range(3)]
    logs = [site.input(f"l{n}.raw", f"log {n}\n".encode(), product="logs") for n in range(3)]
    promises = [
        site.promise("merged", counter="date", of="dump", product="dump"),
        site.promise("dump.zip", "zip", of="dump", product="dump-zip"),
        site.promise("logs.zip", "zip", of="logs", product="logs"),
        {"lfn": "/out/log", "url": f"{site.prefix}/log.raw", "payload": "job.log"},
    ]
    assert site.run(site.manifest([*raw, *logs], promises), "--ahead", "1 kB") == 0
    assert [output["lfn"] for output in site.report["outputs"]] == [p["lfn"] for p in promises]
    assert "/out/dump.zip: 3 files merged, " in capsys.readouterr().err  # not the six of the job
    assert site.merged() == b"".join((site.store / f"r{n}.raw").read_bytes() for n in range(3))
    assert b"date merged 3 files" in (site.store / "log.raw").read_bytes()
    assert {one["lfn"] for one in site.report["inputs"]} == {one["lfn"] for one in [*raw, *logs]}


def test_of_a_train_all_products_are_announced_or_none(site):
    raw = [site.input("r.raw", date_events(5))]
    (site.store / "second.zip").write_bytes(b"older")
    promises = [site.promise("merged", counter="date"), site.promise("second.zip", "zip")]
    assert site.run(site.manifest(raw, promises)) == 23
    assert (site.report["outputs"], site.report["code"]) == ([], "file_exists")
    assert set(site.report["left"]) == {f"{site.prefix}/merged", f"{site.prefix}/second.zip"}


def _of(papers, product: str, wrong: str) -> None:
    """Every input is of the product that the output is made of, but for the last."""
    papers["promises"][0]["of"] = product
    for entry in papers["inputs"]:
        entry["product"] = product
    papers["inputs"][-1]["product"] = wrong


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m["promises"].append({**m["promises"][0], "lfn": "/y/merged2"}), "two outputs would go"),
        (lambda m: m["promises"].append({**m["promises"][0], "url": "file:///z"}), "have the name"),
        (lambda m: m["inputs"].append({**m["inputs"][0], "lfn": "/y/again"}), "two inputs are"),
        (lambda m: m["promises"][0].update(tool=""), "either a command or a merge tool"),
        (lambda m: m["promises"][0].update(of="hist"), "no output is made of that"),
        (
            lambda m: m["promises"].append(
                {**m["promises"][0], "lfn": "/h", "url": "file:///h", "payload": "h", "of": "hist"}
            ),
            "no input is for",
        ),
        (lambda m: _of(m, "DATE", "DATES"), "is of 'DATES', and no output is made of that"),
        (lambda m: m["promises"][0].update(payload="job.log"), "would be the job's log"),
        (lambda m: m["promises"][0].update(payload=".ddm-job"), "like the job's notes"),
        (lambda m: m["promises"].append({"lfn": "/y/a", "url": "file:///y"}), "it has no tool"),
        (lambda m: m.update(promises=[]), "there are no promises"),
        (lambda m: m.update(inputs=[]), "there are no inputs"),
        (lambda m: m["inputs"][2].pop("size"), "inputs[2]: the field 'size' is missing"),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_kept_is_refused(site, change, words):
    manifest = site.merge()
    papers = json.loads(manifest.read_text())
    change(papers)
    manifest.write_text(json.dumps(papers))
    assert site.run(manifest) == 2
    assert words in site.report["text"]
    assert site.merged() is None
    assert site.debris() == set()


def test_fields_that_nobody_reads_are_told(site, capsys):
    papers = json.loads(site.merge(2).read_text())
    papers["inputs"][1]["n_evnts"] = 7
    manifest = site.manifest(papers.pop("inputs"), papers.pop("promises"), verfy="same-content")
    assert site.run(manifest) == 0
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f"ddm merge run: this ddm does not know verfy, inputs[1].n_evnts of {manifest}: not read"
    assert site.run(manifest, "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_fields_of_an_input_that_an_earlier_job_makes_are_known():
    made = {"lfn": "/x/a", "urls": ["file:///a"], "from_report": "r.json", "from_job": "one"}
    assert unread(json.dumps({"version": 1, "inputs": [made], "promises": [{"of": "", "conter": ""}]})) == [
        "promises[0].conter"
    ]


def test_options_that_a_format_does_not_take_are_named_with_those_it_has(site):
    promise = site.promise("merged", options={"recrods": "ends"})
    assert site.run(site.manifest([site.input("a.raw", date_events(3))], [promise])) == 2
    assert site.report["text"] == "format 'date' has no option 'recrods'; it has: records"
    assert site.run(site.manifest([site.input("a.raw", b"x")], [site.promise("merged", "command")])) == 2
    assert site.report["text"] == "format 'command' needs the option 'command'"


def test_what_a_person_reads_has_no_path_that_is_gone_and_no_number_of_an_error(site, capsys):
    bad = site.manifest([site.input("a.raw", b"nonsense" * 30)], [site.promise("merged")])
    assert site.run(bad) == 20
    assert "unreadable_input: a.raw: at offset 0" in capsys.readouterr().err
    assert site.run(site.node / "none.json") == 2
    assert "none.json cannot be read: No such file or directory (request)" in capsys.readouterr().err
    here = site.manifest([site.input("a.raw", b"x")], [{**site.promise("merged"), "url": "/data/merged"}])
    assert site.run(here) == 20  # no DATE file
    here = site.manifest([site.input("a.raw", date_events(1))], [{**site.promise("merged"), "url": "/d/m"}])
    assert site.run(here) == 21
    assert "a path of this machine is file:///d/m" in capsys.readouterr().err


# ------------------------------------------------------------------------------------- again
def killed(*words):
    raise KeyboardInterrupt  # nothing of the job catches it, as nothing catches kill -9


def killed_before_stage_out(site: Site, manifest, monkeypatch) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(doing, "_stage_out", killed)
        with pytest.raises(KeyboardInterrupt):
            site.run(manifest)


def test_the_next_try_goes_on_where_the_killed_one_was(site, monkeypatch):
    manifest = site.merge()

    killed_before_stage_out(site, manifest, monkeypatch)
    work = site.node / "m.json.work"
    assert (work / "merged").exists()
    (work / "debris").write_text("x")
    monkeypatch.setattr(merges.Merger, "_combine", killed)  # merged it is already
    assert site.run(manifest) == 0
    assert site.merged() == site.expected()
    assert site.report["outputs"][0]["n_read"] == 86
    assert len(site.report["inputs"]) == 4
    assert site.debris() == set()


def test_a_spoiled_file_of_an_earlier_try_is_not_put(site, monkeypatch):
    manifest = site.merge()
    killed_before_stage_out(site, manifest, monkeypatch)
    merged = site.node / "m.json.work" / "merged"
    merged.write_bytes(merged.read_bytes()[:-1] + b"x")
    assert site.run(manifest) == 23
    assert site.merged() is None
    assert site.run(manifest) == 0  # the directory is gone, and it is made anew
    assert site.merged() == site.expected()


def test_a_directory_of_others_is_left_alone(site):
    manifest = site.merge()
    work = site.node / "work"
    work.mkdir()
    (work / "precious.raw").write_text("x")
    assert site.run(manifest, "--dir", str(work)) == 21
    assert site.report["code"] == "work_directory_in_use"
    assert (work / "precious.raw").read_text() == "x"
    (work / "precious.raw").unlink()
    (work / ".ddm-job").write_text("0" * 64)  # of another manifest
    (work / "precious.raw").write_text("x")
    assert site.run(manifest, "--dir", str(work)) == 21
    assert (work / "precious.raw").read_text() == "x"


# ------------------------------------------------------------------------------------- the program
def test_a_signal_ends_it_with_a_report_and_nothing_left(tmp_path):
    site = Site(tmp_path)
    sleep = {"command": "/bin/sh -c 'touch {output}.begun; sleep 60' sh {inputs}"}
    manifest = site.manifest([site.input("a.raw", b"x")], [site.promise("merged", "command", options=sleep)])
    argv = [PYTHON, "-m", "ddm", "merge", "run", str(manifest)]
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        process = subprocess.Popen(argv, stderr=subprocess.PIPE)
        end = time.monotonic() + 30
        while not list(site.node.glob("m.json.work/.merge-*/*.begun")):
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(timeout=30) == code
        assert (site.report["code"], site.report["exit_code"]) == ("terminated", code)
        assert site.debris() == set()
        process.stderr.close()


def test_what_was_put_before_a_signal_came_is_told(site, monkeypatch):
    from transfers.backends.posix import PosixStorage

    tellers, copy = [], PosixStorage._copy
    real = nodes_run.Teller
    monkeypatch.setattr(nodes_run, "Teller", lambda name: tellers.append(real(name)) or tellers[-1])

    def copied(self, order, names, watch):
        if order.path.endswith(".zip"):
            while not (site.store / "merged").exists():
                time.sleep(0.01)
            tellers[-1].stopping = True
        return copy(self, order, names, watch)

    monkeypatch.setattr(PosixStorage, "_copy", copied)
    promises = [site.promise("merged", counter="date"), site.promise("second.zip", "zip")]
    assert site.run(site.manifest([site.input("r.raw", date_events(5))], promises)) == 143
    assert (site.report["code"], site.report["outputs"]) == ("terminated", [])
    assert site.report["left"] == [f"{site.prefix}/merged"]


def test_a_credential_that_does_not_last_is_told_before_anything_moves(site, monkeypatch, tmp_path):
    monkeypatch.setenv("X509_USER_PROXY", str(tmp_path / "none"))
    papers = json.loads(site.merge().read_text())
    papers["inputs"][0]["url"] = "root://127.0.0.1:1//a"
    manifest = site.manifest(papers["inputs"], papers["promises"])
    assert site.run(manifest) == 24
    assert site.report["fault"] == "credential"


def test_progress_on_a_terminal_is_one_line_that_changes():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    teller = Teller("ddm merge run", out)
    teller._every = 0.0
    teller.begin("/out/merged", [("/x/a", 1000), ("/x/b", 1000)])
    teller.took("/x/a")
    teller.took("/x/b")
    teller.say("done")
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().endswith("\r\x1b[Kddm merge run: done\n")
    assert "2 of 2 files, 2 kB of 2 kB read" in out.getvalue()


@pytest.mark.parametrize("verb", ["merge", "check"])
def test_the_programs_load_little_and_no_database(tmp_path, verb):
    helped = modules(verb, "run", "--help")
    assert strangers(helped) == set()
    assert helped.isdisjoint({"ddm.jobs", "merging", "transfers", "asyncio", "ssl", "subprocess"})
    site = Site(tmp_path)
    loaded = modules(verb, "run", str(site.merge()), "--quiet")
    assert strangers(loaded) - {"zlib_ng", "merging"} == {"tenacity"}
    assert "catalog.db" not in loaded


def test_what_is_no_report_is_not_replaced(site, capsys):
    manifest = site.merge()
    assert site.run(manifest, "--report", str(site.store / "f0.raw")) == 2
    assert site.merged() is None
    assert site.run(manifest, "--report", str(site.node / "m.json.work" / "r.json")) == 2


def test_progress_is_a_line_now_and_then(site, capsys, monkeypatch):
    real = nodes_run.Teller
    monkeypatch.setattr(nodes_run, "Teller", lambda name: real(name, every=0.0))
    assert site.run(site.merge(2), "--ahead", "0") == 0
    lines = capsys.readouterr().err.splitlines()
    assert any("/out/merged: 2 of 2 files, " in line for line in lines)
    assert all(line.startswith("ddm merge run: ") for line in lines)


# ------------------------------------------------------------------------------------- check
def test_files_are_counted_again_and_bad_ones_named_while_the_others_are_read(site, capsys):
    manifest = site.merge(4)
    data = (site.store / "f1.raw").read_bytes()
    (site.store / "f1.raw").write_bytes(data[:-1] + b"x")
    (site.store / "f2.raw").unlink()
    (site.store / "f3.raw").write_bytes(b"x" * (site.store / "f3.raw").stat().st_size)
    for options in ((), ("--in-place",)):
        assert site.run(manifest, *options, verb="check") == 23
        found = site.report["files"]
        assert [one["code"] for one in found] == [
            "",
            *["checksum_mismatch", "file_missing"],
            "checksum_mismatch",
        ]
        assert (found[0]["n_events"], found[0]["by_type"], found[1]["n_events"]) == (
            20,
            {"physics": 20},
            None,
        )
        assert "3 of 4 files are bad" in site.report["text"]
        assert site.debris() == set()
    assert site.merged() is None


def test_a_merged_file_is_compared_with_its_inputs(site):
    assert site.run(site.merge()) == 0
    (output,) = site.report["outputs"]
    promise = site.promise("merged", counter="date", size=output["size"], adler32=output["adler32"])
    papers = json.loads((site.node / "m.json").read_text())
    manifest = site.manifest(papers["inputs"], [promise])
    for options in (("--same-content",), ("--same-content", "--in-place")):
        assert site.run(manifest, *options, verb="check") == 0
        assert [one["n_events"] for one in site.report["files"]] == [20, 21, 22, 23, 86]
        assert site.report["compared"] == [{"lfn": "/out/merged", "same": True, "where": []}]
    swapped = [*papers["inputs"][1:], papers["inputs"][0]]
    assert site.run(site.manifest(swapped, [promise]), "--same-content", verb="check") == 20
    assert site.report["code"] == "content_differs"
    assert os.listdir(site.node / "m.json.work") if (site.node / "m.json.work").exists() else True


def test_what_a_check_did_not_look_at_is_said(site, capsys):
    manifest = site.merge(2)
    assert site.run(manifest) == 0
    capsys.readouterr()
    assert site.run(manifest, verb="check") == 0
    assert capsys.readouterr().err == (
        "ddm check run: 2 inputs, 19.2 kB, 41 events; 1 promise not looked at: without size and adler32\n"
    )
    assert site.run(manifest, "--same-content", verb="check") == 2
    assert "nothing to compare with the inputs" in site.report["text"]
    assert site.run(manifest) == 0
    (output,) = site.report["outputs"]
    papers = json.loads(manifest.read_text())
    papers["promises"][0].update(size=output["size"], adler32=output["adler32"])
    capsys.readouterr()
    assert site.run(site.manifest(papers["inputs"], papers["promises"]), verb="check") == 0
    told = "2 inputs, 19.2 kB, 41 events; 1 merged file, 19.2 kB, 41 events"
    assert capsys.readouterr().err == f"ddm check run: {told}\n"
    assert site.run(site.manifest(papers["inputs"], []), verb="check") == 0
    assert capsys.readouterr().err == "ddm check run: 2 inputs, 19.2 kB, events not counted\n"


def test_a_file_that_is_no_such_file_is_its_makers_fault(site):
    good, bad = site.input("a.raw", date_events(3)), site.input("b.raw", b"nonsense" * 30)
    assert site.run(site.manifest([good, bad], [], tool="date", kind="check"), verb="check") == 20
    assert [one["code"] for one in site.report["files"]] == ["", "unreadable_input"]


def test_killed_at_any_touch_of_a_name_nothing_wrong_is_there_and_the_next_try_is_whole(tmp_path):
    words = [PYTHON, "-m", "tests.cli.killing_merges", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert all(int(kills) > 20 for kills in done.stdout.split())
