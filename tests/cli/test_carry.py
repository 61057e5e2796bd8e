"""``ddm carry`` with real files: what came whole, torn, changed, not at all, twice or unasked, and back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from catalog.checksum import adler32
from catalog.db import files, schema
from catalog.db.engine import Catalog
from catalog.db.move import Why, move
from catalog.states import REPLICA
from ddm.app import open_app
from ddm.cli.program import ddm
from ddm.config import load
from ddm.steps import verify
from tests.cli.place import RAW, Place

DATA = {f"{RAW}/cdr11{n:03d}-275678.raw": f"event {n} ".encode() * (1000 + n) for n in range(6)}
FIRST = f"{RAW}/cdr11000-275678.raw"
HPC = """
[endpoint.hpc]
kind = "disk"
backend = "carried"
prefix = "file:///scratch/compass"
"""


@pytest.fixture
def place(tmp_path: Path, home: Path) -> Place:
    """Six raw files, good on disk at home, and an endpoint that nobody reaches."""
    shutil.copytree(home, tmp_path / "home")
    return Place.again(tmp_path / "home")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(tmp_path_factory.mktemp("carry") / "home")
    config = place.root / "ddm.toml"
    patient = config.read_text().replace('interval = "0.2 s"', 'interval = "1 h"')  # no look is put off
    config.write_text(patient + HPC)
    for lfn, data in DATA.items():
        file = place.root / "disk" / lfn[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    place.good("db", "upgrade")
    lines = [f"{lfn},{len(data)},{adler32([data])}" for lfn, data in DATA.items()]
    path = place.list(*lines, header="lfn,size,adler32")
    place.good("file", "register", path, "--dataset", "2016/W14", "--endpoint", "disk")
    compare(place)
    return place.root


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def compare(place):
    """What the flow does with what has just come."""
    app = open_app(load(place.root / "ddm.toml", {}))
    try:
        while verify.compare(app):
            pass
    finally:
        app.close()


def bring(place, scratch, lfns=DATA):
    for lfn in lfns:
        (scratch / lfn[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(place.root / "disk" / lfn[1:], scratch / lfn[1:])


def planned(place, *more):
    path = place.root / "w14.list"
    place.good("carry", "plan", "--dataset", "2016/W14", "--to", "hpc", "-o", path, *more)
    return path


def check(listed, scratch, *more, code=0):
    """As at a site without configuration."""
    told = CliRunner().invoke(
        ddm, ["carry", "check", str(listed), "--root", str(scratch), *map(str, more), "--json"]
    )
    assert told.exit_code == code, told.output
    return json.loads(told.stdout)


def states(place, endpoint="hpc"):
    return {
        lfn: [r["state"] for r in place.json("file", "show", lfn)["replicas"] if r["endpoint"] == endpoint]
        for lfn in DATA
    }


def all_states(place):
    return [state for found in states(place).values() for state in found]


def report_of(listed):
    return listed.with_name(listed.name + ".report")


def test_files_are_carried_compared_and_known(place, scratch):
    listed = planned(place)
    bring(place, scratch)
    found = check(listed, scratch)
    assert (found["same"], found["files"], found["bad"]) == (6, 6, [])
    plan = place.json("carry", "arrived", report_of(listed), "--plan")
    assert (plan["registered"], plan["planned"]) == (6, True)
    assert set(map(tuple, states(place).values())) == {()}
    done = place.json("carry", "arrived", report_of(listed), "--list", listed)
    assert done["registered"] == 6
    assert set(map(tuple, states(place).values())) == {("AVAILABLE",)}
    again = place.json("carry", "arrived", report_of(listed))
    assert (again["registered"], again["verified"], again["same"]) == (0, 0, 6)
    told = place.json("carry", "plan", "--dataset", "2016/W14", "--to", "hpc", "-o", place.root / "no")
    assert (told["files"], told["already"]) == (0, 6)
    assert not (place.root / "no").exists()
    past = place.good("file", "history", FIRST)
    assert "carried by hand, read at" in past


def test_each_kind_of_bad_arrival_is_named_and_not_registered(place, scratch):
    listed = planned(place)
    bring(place, scratch)
    torn, spoiled, gone, pipe, *_ = [scratch / lfn[1:] for lfn in DATA]
    torn.write_bytes(torn.read_bytes()[:-7])
    spoiled.write_bytes(spoiled.read_bytes().replace(b"event", b"evemt", 1))
    gone.unlink()
    pipe.unlink()
    os.mkfifo(pipe)
    (torn.parent / "extra.raw").write_bytes(b"?")
    found = check(listed, scratch, code=3)
    kinds = {bad["path"]: bad["arrival"] for bad in found["bad"]}
    assert list(kinds.values()) == ["size_mismatch", "checksum_mismatch", "missing", "unreadable"]
    assert found["same"] == 2
    assert found["extra"] == [f"{RAW}/extra.raw"]
    told = place.run("carry", "arrived", report_of(listed), "--json")
    assert told.exit_code == 3
    done = json.loads(told.stdout)
    assert (done["registered"], len(done["bad"]), done["extra"], done["doubted"]) == (2, 4, 1, [])
    assert all_states(place) == ["AVAILABLE"] * 2
    bring(place, scratch, list(DATA)[:3])
    pipe.unlink()
    bring(place, scratch)
    assert check(listed, scratch)["same"] == 6
    assert place.json("carry", "arrived", report_of(listed))["registered"] == 4
    assert all_states(place) == ["AVAILABLE"] * 6


def test_a_second_check_reads_only_what_was_touched_since(place, scratch, monkeypatch):
    listed = planned(place)
    bring(place, scratch, list(DATA)[:4])
    check(listed, scratch, code=3)
    bring(place, scratch, list(DATA)[4:])
    touched = scratch / FIRST[1:]
    touched.write_bytes(b"x" * len(touched.read_bytes()))
    from transfers.carrying import checking

    read, real = [], checking.contents_of
    monkeypatch.setattr(checking, "contents_of", lambda file: read.append(file.name) or real(file))
    found = check(listed, scratch, code=3)
    assert sorted(read) == sorted(Path(lfn).name for lfn in [FIRST, *list(DATA)[4:]])
    assert [bad["arrival"] for bad in found["bad"]] == ["checksum_mismatch"]
    read.clear()
    check(listed, scratch, "--afresh", code=3)
    assert len(read) == 6


def test_a_file_with_other_bytes_and_its_old_time_is_read_again(place, scratch):
    """As 'rsync --times' or 'cp -p' leave one whose source has changed."""
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)
    file = scratch / FIRST[1:]
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_bytes(file.read_bytes().replace(b"event", b"evemt", 1))
    os.utime(file, ns=times)
    assert [bad["arrival"] for bad in check(listed, scratch, code=3)["bad"]] == ["checksum_mismatch"]


def test_a_check_that_is_killed_goes_on(place, scratch, monkeypatch):
    listed = planned(place)
    bring(place, scratch)
    from transfers.carrying import checking

    read, real = [], checking.contents_of

    def killed(file):
        read.append(file.name)
        if len(read) == 3:
            raise KeyboardInterrupt
        return real(file)

    monkeypatch.setattr(checking, "contents_of", killed)
    told = CliRunner().invoke(ddm, ["carry", "check", str(listed), "--root", str(scratch), "--threads", "1"])
    assert told.exit_code == 130
    assert not report_of(listed).exists()
    part = listed.with_name(f".{listed.name}.report.part")
    part.write_text(part.read_text()[:-9])  # and the last line is torn
    before = len(read)
    assert check(listed, scratch)["same"] == 6
    assert len(read) - before < 6
    assert not part.exists()


def test_a_copy_that_was_thought_good_and_is_not_is_doubted(place, scratch):
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)
    place.good("carry", "arrived", report_of(listed))
    first, gone, *_ = DATA
    (scratch / first[1:]).write_bytes(b"x")
    (scratch / gone[1:]).unlink()
    check(listed, scratch, code=3)
    told = place.run("carry", "arrived", report_of(listed), "--json")
    assert (json.loads(told.stdout)["doubted"], json.loads(told.stdout)["lost"]) == ([first], [gone])
    assert (states(place)[first], states(place)[gone]) == (["SUSPECT"], ["LOST"])
    bring(place, scratch)
    check(listed, scratch)
    assert place.json("carry", "arrived", report_of(listed))["verified"] == 2
    assert set(map(tuple, states(place).values())) == {("AVAILABLE",)}


def altered(path, how):
    lines = path.read_text().splitlines()
    other = path.with_name("altered")
    other.write_text("\n".join(how(lines)) + "\n")
    return other


def renamed(lines):
    words = json.loads(lines[-1])
    words["path"] = words["lfn"] = words["lfn"] + ".more"
    return [*lines, json.dumps(words)]


def praised(lines):
    """A line that says that another file is the same."""
    words = json.loads(lines[1])
    return [lines[0], json.dumps(words | {"arrival": "same", "found_size": 1}), *lines[2:]]


@pytest.mark.parametrize(
    "how",
    [renamed, praised, lambda lines: lines[:-1], lambda lines: lines[1:], lambda lines: [*lines, lines[-1]]],
    ids=["added", "praised", "lost", "without header", "twice"],
)
def test_an_altered_report_is_refused_as_a_whole(place, scratch, how):
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)
    place.refused(2, "carry", "arrived", altered(report_of(listed), how))
    assert all_states(place) == []


def test_an_altered_list_is_refused(place, scratch):
    listed = planned(place)
    assert check(altered(listed, renamed), scratch, code=2)["error"] == "bad_input"
    assert check(altered(listed, lambda lines: [*lines, lines[-1]]), scratch, code=2)["error"] == "bad_input"


def test_a_report_that_the_catalogue_contradicts_is_not_taken(place, scratch, tmp_path):
    """A list that somebody else wrote: another checksum, and a file that nobody registered."""
    lfn, data = FIRST, DATA[FIRST]
    other = b"y" * len(data)
    bare = tmp_path / "bare"
    lines = [(lfn, other), ("/nobody/knows.raw", b"z")]
    bare.write_text(
        "\n".join(
            json.dumps({"lfn": name, "size": len(what), "adler32": str(adler32([what]))})
            for name, what in lines
        )
    )
    for name, what in lines:
        (scratch / name[1:]).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name[1:]).write_bytes(what)
    check(bare, scratch)
    assert "does not say which endpoint" in place.refused(2, "carry", "arrived", report_of(bare))
    told = place.run("carry", "arrived", report_of(bare), "--endpoint", "hpc", "--json")
    assert told.exit_code == 3
    assert [refused["lfn"] for refused in json.loads(told.stdout)["refused"]] == [lfn, "/nobody/knows.raw"]
    assert all_states(place) == []
    assert "no disk endpoint" in place.refused(2, "carry", "arrived", report_of(bare), "--endpoint", "tape")


def test_lists_for_those_who_move_the_bytes(place, scratch):
    globus, rsync, pairs = (place.root / name for name in ("globus", "rsync", "pairs"))
    listed = planned(place, "--globus", globus, "--rsync", rsync, "--pairs", pairs)
    disk = place.root / "disk"
    assert globus.read_text().splitlines()[0].split() == [
        str(disk) + FIRST,
        "/scratch/compass" + FIRST,
    ]
    words = pairs.read_text().split("\0")
    assert words[1] == "file:///scratch/compass" + FIRST
    for source, target in zip(words[:-1:2], words[1::2], strict=True):
        place_there = scratch / target.removeprefix("file:///scratch/compass/")
        place_there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source.removeprefix("file://"), place_there)
    assert check(listed, scratch)["same"] == 6
    assert rsync.read_text().split("\0")[:-1] == [lfn[1:] for lfn in DATA]
    refused = place.refused(2, "carry", "plan", "--dataset", "2016/W14", "--to", "hpc", "-o", listed)
    assert "is there already" in refused


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--dataset", "2016/W14", "--to", "nowhere"], 2, "(--to)"),
        (["--dataset", "2016/W14", "--to", "hpc", "--from", "nowhere"], 2, "(--from)"),
        (["--dataset", "2016/W15", "--to", "hpc"], 1, "no file of the catalogue is meant"),
    ],
)
def test_a_plan_that_means_nothing_is_one_line_and_no_list(place, words, code, text):
    assert text in place.refused(code, "carry", "plan", *words, "-o", place.root / "l")
    assert not (place.root / "l").exists()


def test_files_on_tape_only_are_left_out(place):
    place.good(
        "file", "register", place.raw_list(1, run=275679), "--dataset", "2016/W14", "--endpoint", "tape"
    )
    told = place.run(
        "carry", "plan", "--query", "run=275679", "--to", "hpc", "-o", place.root / "l", "--json"
    )
    assert told.exit_code == 3
    assert json.loads(told.stdout)["left_out"][0]["why"].startswith("no good copy")
    assert not (place.root / "l").exists()


def test_the_way_back_of_what_is_known(place, scratch, tmp_path):
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)
    place.good("carry", "arrived", report_of(listed))
    back = tmp_path / "back.list"
    config = place.root / "ddm.toml"
    (tmp_path / "store").mkdir()
    config.write_text(
        config.read_text()
        + f'\n[endpoint.store]\nkind = "disk"\nbackend = "posix"\nprefix = "file://{tmp_path}/store"\n'
    )
    told = place.json("carry", "plan", "--dataset", "2016/W14", "--from", "hpc", "--to", "store", "-o", back)
    assert told["sources"] == {"hpc": 6}
    bring(place, tmp_path / "store")
    check(back, tmp_path / "store")
    assert place.json("carry", "arrived", report_of(back))["registered"] == 6
    assert set(map(tuple, states(place, "store").values())) == {("UNVERIFIED",)}
    compare(place)
    assert set(map(tuple, states(place, "store").values())) == {("AVAILABLE",)}


def test_what_ddm_reaches_is_not_believed_of_a_report(place, scratch, tmp_path):
    """A list for home was checked at the site, where the files still are: none of them is at home."""
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)
    place.good("carry", "arrived", report_of(listed))
    config, store = place.root / "ddm.toml", tmp_path / "store"
    store.mkdir()
    config.write_text(
        config.read_text()
        + f'\n[endpoint.store]\nkind = "disk"\nbackend = "posix"\nprefix = "file://{store}"\n'
    )
    back = tmp_path / "back.list"
    place.good("carry", "plan", "--dataset", "2016/W14", "--from", "hpc", "--to", "store", "-o", back)
    check(back, scratch)
    place.good("carry", "arrived", report_of(back))
    compare(place)
    assert set(map(tuple, states(place, "store").values())) == {("LOST",)}
    bring(place, store)
    check(back, store, "--afresh")
    place.good("carry", "arrived", report_of(back))
    compare(place)
    assert set(map(tuple, states(place, "store").values())) == {("AVAILABLE",)}
    shutil.rmtree(scratch)
    scratch.mkdir()
    check(back, scratch, "--report", tmp_path / "none", code=3)
    told = json.loads(place.run("carry", "arrived", tmp_path / "none", "--json").stdout)
    assert (len(told["doubted"]), told["lost"]) == (6, [])
    compare(place)  # they are there, whatever was read elsewhere
    assert set(map(tuple, states(place, "store").values())) == {("AVAILABLE",)}


def test_an_old_report_does_not_overrule_what_was_learned_since(place, scratch):
    listed = planned(place)
    bring(place, scratch, list(DATA)[1:])
    check(listed, scratch, "--report", place.root / "one missing", code=3)
    bring(place, scratch)
    check(listed, scratch, "--report", place.root / "all same")
    place.good("carry", "arrived", place.root / "all same")
    told = json.loads(place.run("carry", "arrived", place.root / "one missing", "--json").stdout)
    assert (told["lost"], states(place)[FIRST]) == ([], ["AVAILABLE"])
    (scratch / FIRST[1:]).unlink()
    check(listed, scratch, "--report", place.root / "gone", code=3)
    place.run("carry", "arrived", place.root / "gone")
    assert states(place)[FIRST] == ["LOST"]
    told = place.run("carry", "arrived", place.root / "all same", "--json")
    assert (told.exit_code, states(place)[FIRST]) == (3, ["LOST"])
    (refused,) = json.loads(told.stdout)["refused"]
    assert (refused["lfn"], "after this was read" in refused["why"]) == (FIRST, True)
    bring(place, scratch)
    check(listed, scratch)
    assert place.json("carry", "arrived", report_of(listed))["verified"] == 1


def test_a_copy_that_was_deleted_does_not_come_back_by_an_old_report(place, scratch):
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)
    place.good("carry", "arrived", report_of(listed))
    with Catalog(f"sqlite:///{place.root / 'ddm.db'}") as catalog, catalog.begin() as conn:
        here = schema.replica.c.endpoint_id == files.endpoints(conn)["hpc"]
        ids = list(conn.execute(select(schema.replica.c.id).where(here)).scalars())
        why = Why(catalog.clock.now(), "a test", "the site has cleaned up")
        for event in ("trashed", "removal_sent", "removed"):
            move(conn, REPLICA, ids, event, why)
    told = place.run("carry", "arrived", report_of(listed), "--json")
    assert (told.exit_code, len(json.loads(told.stdout)["refused"])) == (3, 6)
    assert set(map(tuple, states(place).values())) <= {(), ("DELETED",)}


def test_a_report_of_the_future_is_refused(place, scratch):
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)

    def dated(when):
        return lambda lines: [json.dumps(json.loads(lines[0]) | {"checked_at": when}), *lines[1:]]

    for when, why in (("2999-01-01T00:00:00+00:00", "the clock of"), ("2026-01-01T00:00:00", "no offset")):
        assert why in place.refused(2, "carry", "arrived", altered(report_of(listed), dated(when)))


def test_a_carried_copy_is_of_no_use_to_programs(place, scratch):
    listed = planned(place)
    bring(place, scratch)
    check(listed, scratch)
    place.good("carry", "arrived", report_of(listed))
    copies = place.json("file", "show", FIRST)["replicas"]
    assert [copy["locality"] for copy in copies if copy["endpoint"] == "hpc"] == ["UNAVAILABLE"]
    config = place.root / "ddm.toml"
    config.write_text(config.read_text().replace('backend = "carried"', 'backend = "carried"\nsite = "here"'))
    (got,) = place.json("get", FIRST, "--dir", scratch / "got", "--site", "here")["files"]
    assert (got["state"], len(got["attempts"])) == ("copied", 1)  # of the disk, though hpc is said to be near


def test_the_way_back_of_what_was_made_there(place, scratch, tmp_path):
    """Outputs get a list at the site; at home it is checked, registered, and compared by the flow."""
    made = scratch / "raw" / "cdr11099-275699.raw"
    made.parent.mkdir()
    made.write_bytes(b"made far away")
    outputs = tmp_path / "outputs.jsonl"
    arguments = [
        "carry",
        "outputs",
        str(scratch),
        "--root",
        str(scratch),
        "--lfn",
        "/far",
        "-o",
        str(outputs),
    ]
    told = CliRunner().invoke(ddm, arguments)
    assert told.exit_code == 0, told.output
    assert json.loads(outputs.read_text()) == {
        "lfn": "/far/raw/cdr11099-275699.raw",
        "path": "/raw/cdr11099-275699.raw",
        "size": 13,
        "adler32": str(adler32([b"made far away"])),
    }
    shutil.copytree(scratch, place.root / "disk", dirs_exist_ok=True)
    assert check(outputs, place.root / "disk")["same"] == 1
    place.good("file", "register", outputs, "--dataset", "2016/W14", "--endpoint", "disk")
    compare(place)
    (replica,) = place.json("file", "show", "/far/raw/cdr11099-275699.raw")["replicas"]
    assert (replica["state"], replica["path"]) == ("AVAILABLE", "/raw/cdr11099-275699.raw")


def test_a_root_that_is_not_mounted_says_nothing_about_files(place, tmp_path):
    assert check(planned(place), tmp_path / "not mounted", code=5)["error"] == "endpoint_unreachable"


def test_what_runs_at_the_site_imports_no_database():
    program = "import sys, ddm.cli.carry, transfers.carrying.checking; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "alembic", "rich", "catalog.db", "XRootD"} & set(told.stdout.split())


def test_nobody_asks_the_endpoint_itself(place):
    listed = place.json("doctor")
    (found,) = [one for one in listed if one["what"] == "endpoint hpc"]
    assert found["health"] == "good"
