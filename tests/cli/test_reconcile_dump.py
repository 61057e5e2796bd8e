"""ddm reconcile scan --dump: what a list says is taken, and a list that cannot be is refused."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from backports import zstd

from catalog.errors import ExitCode
from ddm.reconcile import engine as engines
from tests.cli.place import RAW, Place
from tests.cli.test_reconcile_scan import paths

NOW = datetime.now(UTC)
MADE = (NOW - timedelta(hours=2)).isoformat(timespec="seconds")
CHUNKS = 20
NAMES = [f"{RAW}/cdr11{n:03d}-275678.raw" for n in range(CHUNKS)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Twenty files are expected at an EOS."""
    place = Place(tmp_path_factory.mktemp("dumps"))
    toml = (place.root / "ddm.toml").read_text()
    other = (
        '\n[endpoint.eos]\nkind = "disk"\nbackend = "xrootd"\nprefix = "root://eos.example//eos/compass"\n'
    )
    (place.root / "ddm.toml").write_text(toml + other)
    place.good("db", "upgrade")
    raw = place.list(*(f"{name},{1000},0000000a,10" for name in NAMES))
    place.good("file", "register", raw, "--dataset", "2016/W14", "--endpoint", "eos")
    return place


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    made.dump = tmp_path / "dump"  # type: ignore[attr-defined]
    return made


def lines(names=NAMES, prefix="/eos/compass") -> list[str]:
    return [f"{prefix}{name}\n" for name in names]


def read(place: Place, content: bytes | str, *words: str, made: str = MADE) -> dict:
    """The scan of a dump with this content."""
    place.dump.write_bytes(content.encode() if isinstance(content, str) else content)
    told = place.run("reconcile", "scan", "eos", "--dump", place.dump, "--json", *words, "--made", made)
    assert "Traceback" not in told.output
    scan = json.loads(told.stdout)
    assert told.exit_code == (ExitCode.DONE if scan["state"] == "DONE" else ExitCode.HELD), told.output
    return scan


def test_a_list_of_names_becomes_a_scan(place):
    scan = read(place, "".join(lines()))
    assert (scan["state"], scan["source"], scan["format"], scan["entries"], scan["whole"]) == (
        "DONE", "dump", "names", CHUNKS, True,
    )  # fmt: skip
    assert paths(place.root, scan["id"]) == Counter(NAMES)
    assert scan["begun_at"] == MADE
    assert scan["ended_at"] >= MADE
    assert scan["catalogue_at"] > scan["begun_at"], "nobody asked the catalogue before that list was made"


EOS = [f'path="/eos/compass{name}" size=1000 checksum=0000000a\n' for name in NAMES]
XRDFS = [f"-rw-r--r-- u g 1000 2026-01-01 00:00:00 /eos/compass{name}\n" for name in NAMES]
URLS = [f"-rw-r--r-- u g 1000 2026-01-01 00:00:00 root://eos.example//eos/compass{name}\n" for name in NAMES]
CTA = json.dumps(
    [
        {"af": {"size": "1000", "checksum": [{"type": "ADLER32", "value": "0000000a"}]},
         "df": {"path": f"/eos/compass{name}"}, "tf": {"vid": f"V{copy}", "fSeq": "1", "copyNb": copy}}
        for name in NAMES for copy in ("1", "2")
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "format_", "words"),
    [
        ("".join(EOS), "eos", ()),
        ("".join(XRDFS), "xrdfs", ()),
        ("".join(URLS), "xrdfs", ()),
        (CTA, "cta", ()),
        ("path,size\n" + "".join(f"/eos/compass{name},1000\n" for name in NAMES), "csv", ()),
        ("".join(f"1000 /eos/compass{name}\0" for name in NAMES), "find", ()),
        ("".join(f"1000 {name}\0" for name in NAMES), "find", ()),  # '/%P', as its format is told everywhere
        ("".join(f"1000 {name}\n" for name in NAMES), "find", ()),
        ("".join(f"{name[1:]}\n" for name in NAMES), "rucio", ("--format", "rucio")),
        ("".join(lines()), "rucio", ("--format", "rucio")),
        (gzip.compress("".join(EOS).encode()), "eos", ()),
        (zstd.compress("".join(lines()).encode()), "names", ()),
        ("".join(lines(prefix="/other/place")), "names", ("--prefix", "/other/place")),
    ],
)
def test_every_format_is_read(place, content, format_, words):
    scan = read(place, content, *words)
    assert (scan["state"], scan["format"], scan["entries"]) == ("DONE", format_, CHUNKS), scan["reason"]
    assert paths(place.root, scan["id"]) == Counter(NAMES)
    if format_ in ("eos", "xrdfs", "cta", "csv", "find"):
        assert scan["bytes"] == 1000 * CHUNKS


def test_a_find_of_another_directory_is_refused_however_few_are_expected(place):
    """Names without their directory fit every endpoint: what is expected has to be among them."""
    for below in ("/a", "/eos/other"):
        scan = read(place, "".join(f"1000 {below}{name}\0" for name in NAMES))
        assert (scan["state"], scan["format"]) == ("REFUSED", "find")
        assert "of another endpoint" in scan["reason"]


@pytest.mark.parametrize(("kind", "size"), [("BIGINT", 7), ("DOUBLE", 7), ("VARCHAR", 7), ("DOUBLE", None)])
def test_parquet_is_read_by_the_engine(place, kind, size):
    rows = " UNION ALL ".join(f"SELECT '/eos/compass{name}' AS \"Path\"" for name in NAMES)
    value = "7.5" if size is None else str(size)
    with engines.opened(place.dump.parent) as engine:
        engine.do(
            f"COPY (SELECT *, CAST({value} AS {kind}) AS size, '0000000a' AS adler32 FROM ({rows})) "
            f"TO '{place.dump}' (FORMAT parquet)"
        )
    scan = read(place, place.dump.read_bytes())
    if size is None:
        assert scan["state"] == "REFUSED"
        assert "20 of 20 lines cannot be read" in scan["reason"]
    else:
        assert (scan["state"], scan["bytes"]) == ("DONE", 7 * CHUNKS)


GARBAGE = ["?\n", "%$\n"]


@pytest.mark.parametrize(
    ("content", "words", "reason"),
    [
        (
            lines(prefix="/eos/other"),
            (),
            f"the prefix of eos, /eos/compass/, such as that of '/eos/other{NAMES[0]}': it is of another",
        ),
        (lines([f"/other{name}" for name in NAMES]), (), f"'/other{NAMES[0]}' below /eos/compass/"),
        (
            lines(NAMES[:8]),
            (),
            "only 8 of the 20 files that the catalogue expects there are in it: it is half",
        ),
        (["#ddm endpoint=cta\n", *lines(), "#ddm end\n"], (), "it says that it is of cta, not of eos"),
        ([*EOS[:17], *GARBAGE], (), "2 of 19 lines cannot be read"),
        (
            ["path,size\n", *(f"/eos/compass{name},1000.0\n" for name in NAMES)],
            (),
            "20 of 20 lines cannot be",
        ),
        (lines(), ("/somewhere/else",), "not below the prefix"),
        (["#ddm endpoint=eos\n"], ("--format", "names"), "it is empty"),
    ],
)
def test_a_list_that_is_not_believed_is_kept_with_the_reason(place, content, words, reason):
    scan = read(place, "".join(content), *words)
    assert scan["state"] == "REFUSED"
    assert reason in scan["reason"]
    assert place.json("reconcile", "scans")[0]["reason"] == scan["reason"]
    shown = place.run("reconcile", "scans", "--show", scan["id"])
    assert shown.exit_code == 0


def test_one_that_is_too_old_is_refused(place):
    scan = read(
        place, "".join(lines()), made=f"{(NOW - timedelta(days=50)):%F}/{(NOW - timedelta(days=49)):%F}"
    )
    assert (scan["state"], scan["reason"]) == ("REFUSED", "it is older than 30 days")


@pytest.mark.parametrize(
    ("content", "cut"),
    [
        ("".join(lines())[:-1], "its last line has no end"),
        ("#ddm endpoint=eos\n" + "".join(lines()), "its beginning is marked, and its end is not there"),
        ("#ddm endpoint=eos\n" + "".join(lines()) + "#ddm end lines=21\n", "it has 20"),
        (CTA[:-1], "its list is not closed"),
        (gzip.compress("".join(lines())[:-9].encode()), "its last line has no end"),
    ],
)
def test_one_whose_end_was_not_seen_is_not_whole(place, content, cut):
    scan = read(place, content)
    assert (scan["state"], scan["whole"]) == ("DONE", False), scan["reason"]
    assert cut in scan["reason"]


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_compressed_one_that_is_cut_off_is_refused(place, pack):
    whole = pack("".join(f"/eos/compass/x/{n * 7919 % 99991}\n" for n in range(30000)).encode())
    place.dump.write_bytes(whole[:-3000])
    said = place.refused(ExitCode.USAGE, "reconcile", "scan", "eos", "--dump", place.dump, "--made", MADE)
    assert "cut off" in said


def test_what_it_says_of_itself_is_taken(place):
    marked = [
        "#ddm endpoint=eos begun=2026-01-01T01:00:00+01:00\n",
        *EOS,
        f"#ddm end ended={MADE} lines=20\n",
    ]
    place.dump.write_text("".join(marked))
    told = place.run("reconcile", "scan", "eos", "--dump", place.dump, "--json")
    scan = json.loads(told.stdout)
    assert (scan["marker"], scan["begun_at"], scan["ended_at"]) == ("eos", "2026-01-01T00:00:00+00:00", MADE)
    assert (scan["whole"], scan["lines"]) == (True, CHUNKS)
    dated = place.dump.with_name(f"dump_{NOW:%Y%m%d}")
    dated.write_text("".join(lines()))
    scan = place.json("reconcile", "scan", "eos", "--dump", dated)
    assert scan["begun_at"] == f"{NOW:%F}T00:00:00+00:00"


def test_a_dump_is_not_younger_than_its_file(place):
    """The same list twice, under a new name or with another time, is no second look."""
    place.dump.write_text("".join(lines()))
    old = (NOW - timedelta(days=2)).timestamp()
    os.utime(place.dump, (old, old))
    dated = place.dump.with_name(f"dump_{NOW:%Y%m%d}")
    place.dump.rename(dated)
    for words in ([], ["--made", MADE]):
        said = place.refused(ExitCode.USAGE, "reconcile", "scan", "eos", "--dump", dated, *words)
        assert "its file was written last" in said
    made = (NOW - timedelta(days=2)).isoformat()
    assert place.json("reconcile", "scan", "eos", "--dump", dated, "--made", made)["state"] == "DONE"


def test_nobody_guesses_when_it_was_made(place):
    place.dump.write_text("".join(lines()))
    before = len(place.json("reconcile", "scans", "--limit", 1000))
    said = place.refused(ExitCode.USAGE, "reconcile", "scan", "eos", "--dump", place.dump)
    assert "when was it made" in said
    assert "--made" in said
    for words in (["--made", "yesterday"], ["--made", "2099-01-01"], ["--made", f"{MADE}/2020-01-01"]):
        place.refused(ExitCode.USAGE, "reconcile", "scan", "eos", "--dump", place.dump, *words)
    place.refused(
        ExitCode.USAGE, "reconcile", "scan", "eos", "--dump", place.dump.with_name("no"), "--made", MADE
    )
    assert len(place.json("reconcile", "scans", "--limit", 1000)) == before


def test_names_in_other_encodings_and_with_anything_in_them(place):
    odd = [b"/eos/compass/caf\xe9\n", b"/eos/compass/a b\n", b"/eos/compass/x\x01y\n", b"/eos/compass/r\rs\n"]
    scan = read(place, b"".join([*odd, *(one.encode() for one in lines())]))
    assert scan["state"] == "DONE"
    assert set(paths(place.root, scan["id"])) - set(NAMES) == {"/caf\x1aE9", "/a b", "/x\x1a01y", "/r\x1a0Ds"}
    latin = [one.encode() for one in EOS] + [b'path="/eos/compass/caf\xe9" size=1 checksum=0000000a\n']
    scan = read(place, b"".join(latin))
    assert (scan["state"], scan["garbled"]) == ("DONE", 0)
    assert set(paths(place.root, scan["id"])) - set(NAMES) == {"/caf\x1aE9"}
    twice = read(place, "".join([*lines(), *lines(NAMES[:1])]))
    assert paths(place.root, twice["id"])[NAMES[0]] == 2


def test_a_dump_whose_reading_was_killed_is_read_again(place, monkeypatch):
    from ddm.operations import scandumps

    place.dump.write_text("".join(lines()))
    monkeypatch.setattr(scandumps, "settle", lambda *_: 1 / 0)
    assert place.run("reconcile", "scan", "eos", "--dump", place.dump, "--made", MADE).exit_code != 0
    monkeypatch.undo()
    number = place.json("reconcile", "scans")[0]["id"]
    said = place.refused(ExitCode.USAGE, "reconcile", "scan", "eos", "--dump", place.dump, "--made", MADE)
    assert f"--resume {number}" in said
    scan = place.json("reconcile", "scan", "--resume", number)
    assert (scan["state"], scan["begun_at"], scan["entries"]) == ("DONE", MADE, CHUNKS)
    assert paths(place.root, number) == Counter(NAMES)


def killed(place, monkeypatch, step: str, *words: object) -> int:
    """The number of a scan of ``place.dump`` whose process broke off at this step of ``scandumps``."""
    from ddm.operations import scandumps

    def breaks(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(scandumps, step, breaks)
        assert place.run("reconcile", "scan", "eos", "--dump", place.dump, *words).exit_code != 0
    return place.json("reconcile", "scans")[0]["id"]


def test_the_prefix_of_a_dump_is_kept_with_its_scan(place, monkeypatch):
    place.dump.write_text("".join(lines(prefix="/other/place")))
    number = killed(place, monkeypatch, "settle", "--prefix", "/other/place", "--made", MADE)
    said = place.refused(ExitCode.USAGE, "reconcile", "scan", "--resume", number, "--prefix", "/eos/compass")
    assert f"scan {number} was begun with the prefix /other/place/, not /eos/compass/ (--prefix)" in said
    assert place.json("reconcile", "scans")[0]["state"] == "GOING", "nothing was changed"
    scan = place.json("reconcile", "scan", "--resume", number)
    assert (scan["state"], scan["entries"]) == ("DONE", CHUNKS), scan["reason"]
    assert paths(place.root, number) == Counter(NAMES)


def test_the_same_prefix_may_be_given_again(place, monkeypatch):
    place.dump.write_text("".join(lines(prefix="/other/place")))
    number = killed(place, monkeypatch, "settle", "--prefix", "/other/place/", "--made", MADE)
    assert place.json("reconcile", "scan", "--resume", number, "--prefix", "/other/place")["state"] == "DONE"


def test_a_prefix_that_was_not_written_down_is_not_guessed(place, monkeypatch):
    place.dump.write_text("".join(lines(prefix="/other/place")))
    number = killed(place, monkeypatch, "read", "--prefix", "/other/place", "--made", MADE)
    assert "was not written down" in place.refused(ExitCode.USAGE, "reconcile", "scan", "--resume", number)
    assert place.json("reconcile", "scan", "--resume", number, "--prefix", "/other/place")["state"] == "DONE"


def test_a_prefix_is_of_a_dump(place):
    said = place.run("reconcile", "scan", "eos", "--prefix", "/other").output
    assert "--prefix say something of a --dump" in said
