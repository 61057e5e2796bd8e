"""ProdSys: what single rows mean, how dumps are refused, what the report and the command say."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import BadInput, ExitCode
from catalog.states import JobState, Role, Witness
from ddm.sources.prodsys import dump, mapping
from ddm.sources.prodsys.filelist import read_filelist
from ddm.sources.prodsys.mapping import CAUSES, BadTask, Mapped, Mapper, note_deletions, production
from ddm.sources.prodsys.names import RawNames, constants_of, task_name
from ddm.sources.prodsys.report import Report
from ddm.sources.prodsys.rows import BadRow, JobRow, TaskRow, job_row, task_row
from tests.cli.place import Place
from tests.prodsys_world import JOB_TABLE, STATUSES, World, experience, merged

HOMES = ("/castor/cern.ch/compass/",)


def task(**over: Any) -> TaskRow:
    world = World()
    world.task(1, over.pop("name", "dvcs2016P08t1"), **over)
    return TaskRow(*(world.tasks[0][name] for name in TaskRow._fields))


def mapped(task_over: dict[str, Any] | None = None, **over: Any) -> Mapped:
    """What a job of a task becomes."""
    world = World()
    chunk = over.pop("chunk", 11001)
    row = world.job(1, 275603, chunk, **over)
    one = production(task(**(task_over or {})), "prodsys", constants_of({}))
    note_deletions([one])
    return Mapper({1: one}, RawNames(HOMES)).map(job_row([row.get(name) for name in JobRow._fields]))


def causes(found: Mapped) -> set[str]:
    return {trouble.cause for trouble in found.troubles}


# --------------------------------------------------------------------------------------- rows
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("closed", ["running", "archived", "cancelled"])
def test_a_job_becomes_a_past_job_only_when_it_is_over(status: str, closed: str) -> None:
    found = mapped({"status": closed}, status=status)
    if status == "finished":
        assert found.state is JobState.DONE
    elif status == "cancelled" or closed != "running":
        assert found.state is JobState.CANCELED
    else:
        assert found.state is None
    assert found.gap == (status == "manual check is needed" and closed == "archived")
    left = closed == "archived" and status not in ("finished", "cancelled", "manual check is needed")
    assert ("left_behind" in causes(found)) == left


@pytest.mark.parametrize("kind", sorted(mapping.MADE))
def test_each_type_of_task_makes_its_products(kind: str) -> None:
    one = production(task(type=kind, filelist=""), "prodsys", constants_of({}))
    made = set(one.products) | ({"mcgen"} if one.generated else set())
    assert made == set(mapping.MADE[kind])
    with pytest.raises(BadTask, match="unknown type"):
        production(task(type="Mass Production"), "prodsys", constants_of({}))
    with pytest.raises(BadTask, match="unknown status"):
        production(task(status="deleted"), "prodsys", constants_of({}))


def test_a_finished_job_has_its_files_on_disk() -> None:
    found = mapped(number_of_events=5)
    assert [output.product for output in found.outputs] == ["mDST", "hist", "evtdump"]
    names = [output.chunk.lfn for output in found.outputs if output.chunk]
    home = "/eos/experiment/compass/data/2016/dvcs2016P08t1/"
    assert names == [
        home + "mDST.chunks/mDST-275603-11001-0-7.root",
        home + "TRAFDIC/275603-11001-0.root",
        home + "evtdump/slot0/evtdump0-11001-275603.raw",
    ]
    assert all(output.merged is None for output in found.outputs)
    assert found.source is not None
    assert found.source.role is Role.RAW
    assert found.source.events == (Witness.RAW_CATALOGUE, 5)


@pytest.mark.parametrize(("part", "ending"), [(0, ""), (1, ".001"), (12, ".012"), (1000, ".1000")])
def test_a_merged_part_has_its_number_behind_the_name(part: int, ending: str) -> None:
    found = mapped(**merged("mdst", part))
    (file,) = [output.merged for output in found.outputs if output.merged]
    home = "/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1/mDST/"
    assert file.lfn == f"{home}mDST-275603-0-7.root{ending}"
    assert file.part == part


@pytest.mark.parametrize("castor", [None, "ready", "sent", "finished"])
def test_a_copy_on_tape_is_one_that_prodsys_saw_there(castor: str | None) -> None:
    found = mapped(**merged("mdst", 0, castor))
    (file,) = [output.merged for output in found.outputs if output.merged]
    assert file.tape == (castor == "finished")
    assert file.disk is not None


def test_an_empty_dump_is_no_file() -> None:
    found = mapped(**merged("evntdmp", -1))
    assert found.empty_dump
    assert "evtdump" not in [output.product for output in found.outputs]
    assert not found.troubles


def test_deletion_is_by_directory_and_hits_who_shares_it() -> None:
    rows = [
        task(name="a", soft="shared", status="archived", status_files_deleted="yes"),
        task(name="b", soft="shared", prodslt=3)._replace(id=2),
        task(name="c", soft="own")._replace(id=3),
    ]
    made = [production(row, "prodsys", constants_of({})) for row in rows]
    note_deletions(made)
    assert [sorted(one.gone) for one in made] == [["evtdump", "hist", "mDST"]] * 2 + [[]]
    assert [sorted(one.gone_merged) for one in made] == [["evtdump"]] * 2 + [[]]
    assert made[1].gone_with["mDST"] == 1
    assert made[0].gone_with == {}


def test_names_of_tasks_cannot_be_those_of_the_configuration() -> None:
    assert task_name("prodsys", task(name="bpc_stage3_mu-")) == "prodsys/1/bpc_stage3_mu-"
    assert task_name("prodsys", task(name="../a b\n/ü")) == "prodsys/1/.._a_b___"


def test_a_null_takes_the_value_older_versions_meant() -> None:
    values: list[Any] = [None] * len(JobRow._fields)
    for name, value in (("id", 1), ("task_id", 1), ("file", "/x"), ("status", "sent")):
        values[JobRow._fields.index(name)] = value
    with pytest.raises(BadRow, match="run_number: a number is expected, not NULL"):
        job_row(values)
    values[JobRow._fields.index("run_number")] = values[JobRow._fields.index("chunk_number")] = 5
    assert job_row(values).number_of_events == -1
    with pytest.raises(BadRow, match="name: text is expected"):
        task_row([1, 5] + [None] * (len(TaskRow._fields) - 2))


@pytest.mark.parametrize(
    ("over", "files", "runs", "bad"),
    [
        ({"filelist": "/a\n/b\n\n/a\r\n"}, 2, {}, ()),
        ({"filelist": "275603\n 275604 \nx", "files_source": "runs list"}, 0, {275603: 1, 275604: 1}, ("x",)),
        (
            {"filelist": "274495, 3\n274496,2\n274495,1", "type": "MC generation"},
            0,
            {274495: 4, 274496: 2},
            (),
        ),
        ({"filelist": "274495", "type": "MC generation"}, 0, {}, ("274495",)),
        ({"filelist": None}, 0, {}, ()),
        ({"filelist": "x", "type": "MC reconstruction"}, 0, {}, ()),
    ],
)
def test_lists_of_tasks_are_read(over: dict[str, Any], files: int, runs: dict[int, int], bad: Any) -> None:
    found = read_filelist(task(**over))
    assert (found.files, found.runs, found.bad) == (files, runs, bad)


def test_every_cause_has_its_sentence_and_its_row_in_the_howto() -> None:
    page = (Path(__file__).parents[2] / "docs/howto/from-prodsys.md").read_text()
    for cause in CAUSES:
        assert f"`{cause}`" in page, cause


# -------------------------------------------------------------------------------------- dumps
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lfn,size\n/a,1\n", "not a dump in SQL"),
        ("", "not a dump in SQL"),
        ("\x00" * 5000, "not a dump in SQL"),
        ("<?xml version='1.0'?><mysqldump/>", "not a dump in SQL"),
        (
            "-- MySQL dump\nCREATE TABLE `auth` (\n  `id` int\n);\n-- Dump completed\n",
            "holds no table prodsys_job",
        ),
        ("-- x\nINSERT INTO `prodsys_job` VALUES (1,2);\n", "names no columns"),
        (JOB_TABLE + ";\nINSERT INTO prodsys_job VALUES (1,2,3);", "has 3 values, the table has 28 columns"),
        (JOB_TABLE + ";\nINSERT INTO prodsys_job VALUES (1,2", "cut in the middle of a row"),
        (JOB_TABLE + ";\nINSERT INTO prodsys_job SELECT 1;", "not of the form INSERT"),
        ("-- x\nCREATE TABLE prodsys_job (\n  `id` int,\n  `file` int\n);\n", "lacks the column task_id"),
        ("-- x\n/* a comment", "cut in the middle of a comment"),
        ("-- x\nSET x = 'a;\n", "cut in the middle of a statement"),
        ("DELIMITER ;;\nCREATE TRIGGER x\n", "cut in the middle of a trigger"),
        ("-- MySQL dump\n" + JOB_TABLE + ";\n", "its last line"),
    ],
)
def test_what_is_no_dump_of_prodsys_is_one_clear_error(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(text)
    needed = ("id", "task_id", "file", "status", "run_number", "chunk_number")
    with pytest.raises(BadInput, match=words) as caught:
        list(dump.rows(path, "prodsys_job", ("id", "file"), needed))
    assert str(path) in caught.value.subject


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        list(dump.rows(tmp_path / "none.sql", "t", ("id",)))


def test_a_row_without_an_end_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "LONGEST", 1 << 16)
    monkeypatch.setattr(dump, "BLOCK", 1 << 12)
    path = tmp_path / "dump.sql"
    path.write_text("CREATE TABLE t (\n  `id` int\n);\nINSERT INTO t VALUES ('" + "x" * (1 << 20))
    with pytest.raises(BadInput, match="without the end of a row"):
        list(dump.rows(path, "t", ("id",)))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NULL", None), ("null", None), ("-12", -12), ("0", 0), ("007", 7), ("'a''b'", "a'b"),
        (r"'a\'b\\c\nd\0\Z\%\q'", "a'b\\c\nd\0\x1a\\%q"), ("_binary 'ab'", "ab"), ("_utf8mb4'é'", "é"),
        ("0x616263", "abc"), ("x'6162'", "ab"), ("b'101'", 5), ("1.5", "1.5"), ("'5'", "5"), ("''", ""),
    ],
)  # fmt: skip
def test_literals_are_read_as_the_server_reads_them(tmp_path: Path, written: str, value: Any) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(f"CREATE TABLE t (\n  `id` int\n);\nINSERT INTO t VALUES ({written}),\n({written});\n")
    assert list(dump.rows(path, "t", ("id", "none"))) == [(value, None)] * 2


def test_the_encoding_of_the_dump_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    text = "CREATE TABLE t (\n  `id` int\n);\nINSERT INTO t VALUES ('¡é');\n"
    path.write_bytes(b"/*!40101 SET NAMES latin1 */;\n" + text.encode("latin1"))
    assert list(dump.rows(path, "t", ("id",))) == [("¡é",)]
    path.write_bytes(b"/*!40101 SET NAMES utf8mb4 */;\n" + text.encode("latin1"))
    assert list(dump.rows(path, "t", ("id",))) == [("\udca1\udce9",)]  # which no name may hold


def test_triggers_and_other_tables_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(
        "mysqldump: [Warning] Using a password on the command line interface can be insecure.\n"
        "-- MySQL dump\nDELIMITER ;;\nCREATE TRIGGER x BEGIN INSERT INTO t VALUES (9); END ;;\nDELIMITER ;\n"
        "INSERT INTO u VALUES ('INSERT INTO t VALUES (8);'),(\";\");\n"
        "CREATE TABLE t (\n  `id` int\n);\nINSERT INTO db.t (`id`) VALUES (1);\n-- Dump completed\n"
    )
    assert list(dump.rows(path, "t", ("id",))) == [(1,)]


# ---------------------------------------------------------------------------- report, command
def test_a_report_may_be_csv(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    with Report(path) as report:
        about = {"table": "prodsys_job", "id": 1, "task": 2, "run": 3, "chunk": "4", "file": "/a,b"}
        report.take(report.sums.jobs, about, [mapping.Trouble("name", "x"), mapping.Trouble("place", 'y"')])
        report.take(report.sums.jobs, about, [])
        assert not path.exists()
    (row,) = list(csv.DictReader(path.read_text().splitlines()))
    assert (row["outcome"], row["causes"], row["text"], row["file"]) == (
        "refused",
        "name place",
        'x; y"',
        "/a,b",
    )
    assert report.sums.jobs.balanced
    with pytest.raises(BadInput, match=r"\.jsonl or \.csv"):
        Report(tmp_path / "r.txt")
    with pytest.raises(BadInput, match="No such file"):
        Report(tmp_path / "none" / "r.csv")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "here")
    place.good("db", "create")
    return place


def test_the_command_imports_says_and_reports(place: Place, tmp_path: Path) -> None:
    source = experience().dump(tmp_path / "dump.sql.gz")
    arguments = (
        "db",
        "import-prodsys",
        source,
        "--tape",
        "tape",
        "--disk",
        "disk",
        "--report",
        tmp_path / "r.jsonl",
    )
    plan = place.run(*arguments, "--plan", "--json")
    assert plan.exit_code == ExitCode.SOME_FAILED, plan.output
    told = place.run(*arguments)
    assert told.exit_code == ExitCode.SOME_FAILED, told.output
    assert "prodsys_job     64      33      25        6" in told.stdout
    again = json.loads(place.run(*arguments, "--json").stdout)
    assert again["files"] == {}
    assert again["jobs"] == json.loads(plan.stdout)["jobs"]
    assert place.json("db", "check")["faults"] == []


def test_a_source_without_trouble_ends_with_0(place: Place, tmp_path: Path) -> None:
    world = World()
    world.task(1, "fine")
    world.job(1, 275700, 11001)
    source = world.dump(tmp_path / "dump.sql")
    arguments = (
        "db",
        "import-prodsys",
        source,
        "--tape",
        "tape",
        "--disk",
        "disk",
        "--report",
        tmp_path / "r.csv",
    )
    place.good(*arguments)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"--tape": "cta"}, "no endpoint 'cta'"),
        ({"--tape": "disk"}, "'disk' is a disk endpoint"),
        ({"--label": "a//b"}, "has '//' in it"),
        ({"--moved": "/a=/b/"}, "expected /OLD/=/NEW/"),
        ({"--report": "r.txt"}, "a report is .jsonl or .csv"),
        ({"--password-file": "none"}, "cannot be read"),
        ({"SOURCE": "none.sql"}, "No such file"),
        ({"SOURCE": "nosuch://u:secret@h/x"}, "MySQL or MariaDB"),
    ],
)
def test_wrong_words_are_refused_in_one_line(
    place: Place, tmp_path: Path, over: dict[str, str], words: str
) -> None:
    source = experience().dump(tmp_path / "dump.sql")
    options = {"--tape": "tape", "--disk": "disk", "--report": str(tmp_path / "r.csv"), **over}
    source = options.pop("SOURCE", source)
    told = place.refused(
        ExitCode.USAGE, "db", "import-prodsys", source, *[word for pair in options.items() for word in pair]
    )
    assert words in told
    assert "secret" not in told
