"""The end-of-campaign statement: what it says, that it refuses what does not add up, and its checks later."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from catalog.db.engine import Catalog
from catalog.errors import ExitCode
from catalog.statement import paper
from ddm import periodfacts
from ddm.operations import jobs, periods, waiving
from tests.cli.periods import RUN, Period, driven

HISTOGRAM = f"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-{RUN}-0-7.root"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A period that came to its good end."""
    return driven(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def period(tmp_path, whole):
    return Period(tmp_path / "place", whole)


def told(period, code, *more):
    """The statement, of a command that must end with this code."""
    done = period.run("report", "period", "P08", "--json", *more)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def matters(document):
    return [entry for judged in document["judged"] for entry in judged["open"]]


# ------------------------------------------------------------------------------------ what it says
def test_a_complete_period_is_archived_run_by_run(period):
    document = told(period, ExitCode.DONE)
    assert document["verdict"] == "archived"
    assert [(run["run"], run["verdict"]) for run in document["judged"]] == [
        (RUN, "archived"),
        (RUN + 1, "archived"),
    ]
    totals = document["totals"]
    assert (totals["chunks"], totals["gaps"], totals["open"]) == (6, 0, 0)
    mdst = next(one for one in totals["products"] if one["product"] == "mDST")
    assert (mdst["archived"], mdst["parts"], mdst["events"]) == (2, 2, totals["events"])
    assert (mdst["removed"], mdst["kept"]) == (6, 0)
    (part,) = document["facts"]["runs"][0]["products"][-1]["parts"]
    assert part["lfn"].endswith("mDST-275678-0-7.root")
    assert part["on_tape"][0]["evidence"][0]["size"] == part["size"]
    assert part["removed"][0]["files"] == part["removed"][0]["named"] == 3


def test_a_task_can_be_named_and_another_name_is_refused_with_those_known(period):
    assert told(period, ExitCode.DONE, "--task", "P08", "--year", 2016)["facts"]["tasks"] == ["P08"]
    assert "known: P08" in period.refused(ExitCode.FAILED, "report", "period", "P07")
    assert "P08" in period.refused(ExitCode.FAILED, "report", "period", "P08", "--year", 2017)


def lost(*numbers):
    """A world of which these raw chunks of the first run cannot be recalled, and the shift that says so."""

    def spoil(world):
        for number in numbers:
            world.tape.inject(world.raw[number].lfn, "fail")

    def decide(app):
        lfns = [f"/castor/cern.ch/compass/data/2016/raw/W14/cdr{11001 + n}-{RUN}.raw" for n in numbers]
        events = 7 if 0 in numbers else None  # nobody knows of the first one
        for lfn, n in zip(lfns, numbers, strict=True):
            jobs.add_gaps(
                app, [lfn], task="P08", reason="tape torn", approver="A. Smith", act=True,
                events=events if n == 0 else None,
            )  # fmt: skip

    return spoil, decide


def test_a_gap_excuses_its_run_with_reason_and_name(tmp_path):
    spoil, decide = lost(1)
    period = Period(tmp_path / "place", driven(tmp_path / "world", spoil, decide))
    document = told(period, ExitCode.DONE)
    assert document["verdict"] == "excused"
    (run, other) = document["judged"]
    assert (run["verdict"], other["verdict"]) == ("excused", "archived")
    (words,) = run["excuses"]
    assert words.startswith("chunk 11002: tape torn (approved by A. Smith, ")
    (gap,) = document["facts"]["runs"][0]["gaps"]
    assert document["totals"]["events_lost"] == gap["events"] > 0


def test_before_the_shift_says_so_it_is_open(tmp_path):
    spoil, _ = lost(1)
    period = Period(tmp_path / "place", driven(tmp_path / "world", spoil, runs=1))
    (matter,) = matters(told(period, ExitCode.SOME_FAILED))
    assert (matter["kind"], matter["why"]) == ("under way", "1 of 3 chunks are not processed")


def test_a_run_that_is_all_gaps_is_excused(tmp_path):
    spoil, decide = lost(0, 1, 2)
    period = Period(tmp_path / "place", driven(tmp_path / "world", spoil, decide))
    document = told(period, ExitCode.DONE)
    assert [run["verdict"] for run in document["judged"]] == ["excused", "archived"]
    assert (document["totals"]["gaps"], document["totals"]["excused"]) == (3, 1)


def test_a_waiver_excuses_its_part_and_no_other(tmp_path):
    def spoil(world):
        world.mischief.loses_events.add(HISTOGRAM)

    def decide(app):
        waiving.waive(app.catalog, app.settings, RUN, "hist", "a bin of no use", act=True)

    period = Period(tmp_path / "place", driven(tmp_path / "world", spoil, decide))
    document = told(period, ExitCode.DONE)
    (run, other) = document["judged"]
    assert (run["verdict"], other["verdict"]) == ("excused", "archived")
    assert "1 lost" in run["excuses"][0]
    assert "a bin of no use" in run["excuses"][0]
    file = tmp_path / "P08.json"
    period.good("report", "period", "P08", "--output", file)
    period.good("report", "check", file)
    period.sql("UPDATE waiver SET part = 1 WHERE part = 0")
    wrong = [entry["why"] for entry in matters(told(period, ExitCode.HELD))]
    assert any("events went in" in why for why in wrong)
    period.sql("UPDATE waiver SET part = 0, void_at = made_at")
    assert any("no waiver is in force" in e["why"] for e in matters(told(period, ExitCode.HELD)))
    assert "in force no more" in period.run("report", "check", file).stdout


def test_held_jobs_are_for_a_person_with_the_command(tmp_path):
    def die(world):
        world.mischief.dies = 1.0

    period = Period(tmp_path / "place", driven(tmp_path / "world", die, runs=1))
    document = told(period, ExitCode.HELD)
    (matter,) = matters(document)
    assert (matter["kind"], matter["command"]) == ("a person", f"ddm job list --state held --run {RUN}")
    assert period.json(*matter["command"].split()[1:]), "the command is one"


def test_what_is_not_settled_is_under_way(period):
    text = (period.root / "ddm.toml").read_text().replace('settle = "0 s"', 'settle = "30 d"')
    (period.root / "ddm.toml").write_text(text)
    document = told(period, ExitCode.SOME_FAILED)
    assert {entry["kind"] for entry in matters(document)} == {"under way"}
    assert all("not settled" in entry["why"] for entry in matters(document))


# ---------------------------------------------------------------------------- it refuses what is wrong
GROUP = f"run = {RUN} AND product = 'mDST'"
MDST = f"(SELECT output_id FROM merge_group WHERE {GROUP})"
ON_TAPE = "endpoint_id = (SELECT id FROM endpoint WHERE name = 'tape')"
TAPE = f"(SELECT id FROM replica WHERE file_id = {MDST} AND {ON_TAPE})"
CHUNK = f"(SELECT file_id FROM member JOIN merge_group g ON g.id = group_id WHERE {GROUP})"
FIRST = f"(SELECT min(file_id) FROM member WHERE file_id IN {CHUNK})"
COPY = f"(SELECT id FROM replica WHERE file_id IN {CHUNK})"
PAPER = f"(SELECT certificate_id FROM certified WHERE replica_id IN {COPY})"
RAW = f"(SELECT min(id) FROM file WHERE role = 'raw' AND run = {RUN} AND chunk = '11002')"
MORE = "UPDATE event_count SET n_events = n_events + 1 WHERE"
NEW_GAP = (
    "INSERT INTO gap (id, task_id, file_id, reason, approver, n_events, registered_at) "
    f"SELECT 99, min(id), {RAW}, ?, ?, 1, '2016-08-01T00:00:00.000000+00:00' FROM task"
)
WRONG = {
    f"{MORE} witness = 'read' AND file_id = {MDST}": "events went in",
    f"DELETE FROM event_count WHERE file_id = {MDST}": "unknown are in it",
    f"{MORE} witness = 'read' AND file_id = {FIRST}": "sums of events differ",
    f"{MORE} witness = 'raw_catalogue' AND file_id = {RAW}": "sums of events differ",
    f"DELETE FROM evidence WHERE replica_id = {TAPE}": "without any evidence",
    f"UPDATE evidence SET size = size + 1 WHERE replica_id = {TAPE}": "bytes, adler32",
    f"UPDATE evidence SET adler32 = 1 WHERE replica_id = {TAPE}": "adler32 00000001",
    f"UPDATE file SET size = size + 1 WHERE id = {MDST}": "the file ",
    f"UPDATE replica SET state = 'LOST' WHERE id = {TAPE}": "no copy on tape is AVAILABLE",
    f"DELETE FROM certified WHERE replica_id IN {COPY}": "without a certificate",
    f"UPDATE certificate SET body = replace(body, 'mDST', 'm') WHERE id IN {PAPER}": "not what was sealed",
    f"UPDATE certificate SET body = '' WHERE id IN {PAPER}": "not what was sealed",
    f"UPDATE file SET adler32 = 7 WHERE id = {FIRST}": "names 2 of 3",
    f"UPDATE cross_check SET state = 'WAIVED' WHERE {GROUP}": "no waiver is in force",
    NEW_GAP.replace("?", "'r'"): "are more than",
    f"UPDATE member SET live = false WHERE file_id = {FIRST}": "events went in",
}
"""What is done to the database behind the back of the program, and what the statement says of it."""


@pytest.fixture(scope="module")
def said(tmp_path_factory, whole):
    """The statement of the good end, as a file."""
    root = tmp_path_factory.mktemp("said")
    Period(root / "place", whole).good("report", "period", "P08", "--output", root / "P08.json")
    return root / "P08.json"


@pytest.mark.parametrize(("statement", "words"), WRONG.items())
def test_facts_that_do_not_add_up_are_said_to_and_an_earlier_statement_is_contradicted(
    period, said, statement, words
):
    assert period.sql(statement) > 0
    document = told(period, ExitCode.HELD)
    wrong = [entry["why"] for entry in matters(document) if entry["kind"] == "does not add up"]
    assert any(words in why for why in wrong), wrong
    assert document["totals"]["wrong"] == 1
    done = period.run("report", "check", said, "--json")
    assert done.exit_code == ExitCode.HELD, done.output
    answer = json.loads(done.stdout)
    assert answer["problems"] == []
    assert answer["differences"]


OF_RAW = f"FROM file WHERE id = {RAW}"
STATE = "UPDATE merge_group SET state ="
OPEN = [
    ("UPDATE dataset SET state = 'OPEN' WHERE name = '2016/W14'", "dataset is open", "a person"),
    (f"{STATE} 'CHECKED' WHERE {GROUP}", "not archived", "under way"),
    (f"{STATE} 'VOID' WHERE {GROUP}", "in no part", "under way"),
    (f"{STATE} 'MISMATCHED' WHERE {GROUP}", "what went in", "a person"),
    (f"UPDATE cross_check SET state = 'FAILED' WHERE {GROUP}", "check failed", "a person"),
    (f"UPDATE cross_check SET state = 'PENDING' WHERE {GROUP}", "not passed", "under way"),
    (f"UPDATE file SET size = NULL WHERE id = {RAW}", "without size or checksum", "a person"),
    (
        f"INSERT INTO undefined_run SELECT dataset_id, run, 'no answer', registered_at {OF_RAW}",
        "no answer",
        "a person",
    ),
]


@pytest.mark.parametrize(("statement", "words", "kind"), OPEN)
def test_what_is_open_is_named(period, statement, words, kind):
    assert period.sql(statement) > 0
    document = told(period, ExitCode.HELD if kind == "a person" else ExitCode.SOME_FAILED)
    found = [entry["kind"] for entry in matters(document) if words in entry["why"]]
    assert found
    assert set(found) == {kind}
    assert all(entry["command"].startswith("ddm ") for entry in matters(document))


# -------------------------------------------------------------------------------------------- its checks
def test_a_statement_holds_by_itself_and_beside_the_catalogue(period, said):
    assert "says the same" in period.good("report", "check", said)
    (period.root / "ddm.db").unlink()
    assert "adds up" in period.good("report", "check", said, "--alone")


def test_more_evidence_and_removals_of_later_are_no_difference(tmp_path):
    from datetime import timedelta

    database = driven(tmp_path / "world", runs=1, grace=timedelta(days=14))
    period = Period(tmp_path / "place", database)
    file = tmp_path / "P08.json"
    period.good("report", "period", "P08", "--output", file)
    period.sql(
        "INSERT INTO evidence (replica_id, grade, taken_at, source, how, request, size, adler32, locality) "
        f"SELECT replica_id, grade, '2016-09-01T00:00:00.000000+00:00', source, how, request, size, adler32, "
        f"locality FROM evidence WHERE replica_id = {TAPE}"
    )
    assert period.sql("UPDATE replica SET state = 'DELETED' WHERE state = 'TRASHED'") > 0
    assert "says the same" in period.good("report", "check", file)


def leaves(value, way=()):
    """Every value of a document that is neither a list nor an object, with its way."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*way, key))
    elif isinstance(value, list):
        for key, inner in enumerate(value):
            yield from leaves(inner, (*way, key))
    else:
        yield way, value


def changed(document, way, value):
    copy = json.loads(json.dumps(document))
    at = copy
    for key in way[:-1]:
        at = at[key]
    at[way[-1]] = value
    return copy


def other(value):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return None if value is None else value[:-1] + ("x" if value[-1:] != "x" else "y")


def test_no_value_of_a_statement_can_be_changed_unseen(said):
    document = json.loads(said.read_text())
    tried = 0
    for way, value in leaves(document):
        new = other(value) if value is not None else 1
        text = json.dumps(changed(document, way, new))
        try:
            _, problems, _ = paper.read(text, "x")
        except ValueError:
            continue  # it can be read no more
        tried += 1
        assert problems, way
    assert tried > 200


FREE = {"period", "made_at", "made_by", "catalogue", "kept", "on_disk", "issued_at", "unreadable", "since"}
"""What may differ from the catalogue of today, or says nothing about the data."""


def test_whoever_changes_a_fact_and_seals_it_anew_is_contradicted_by_the_arithmetic_or_the_catalogue(
    period, said, monkeypatch
):
    """Every fact, one at a time: the verdicts are drawn anew from the forged facts, and it is sealed."""
    from ddm.app import open_catalog
    from ddm.config import load
    from ddm.operations import periodcheck

    settings = load(period.root / "ddm.toml")
    document = json.loads(said.read_text())
    unseen = []
    with open_catalog(settings) as catalog, catalog.read() as conn:
        truth = periodfacts.facts(conn, catalog, settings, "P08", periodcheck.periods.tasks(conn))
        monkeypatch.setattr(periodcheck, "facts", lambda *_: truth)
        mine = {"facts": {"runs": document["facts"]["runs"][:1]}}
        for way, value in leaves(mine):
            if FREE & set(way) or way[-2:] == ("runs", 0) or "parts_elsewhere" in way:
                continue
            forged = changed(document, way, other(value) if value is not None else 1)
            try:
                found = paper.stated(paper.read(json.dumps(forged), "x")[0].facts)
            except (ValueError, StopIteration):
                continue
            if found.verdict == "open":
                continue  # it contradicts itself
            if not periodcheck.against(conn, catalog, settings, found):
                unseen.append(way)
    assert [".".join(map(str, way)) for way in unseen] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[]", "is no ddm period statement"),
        ('{"kind": "ddm period statement", "version": 2}', "of version 1"),
        ('{"kind": "ddm period statement", "version": 1, "seal": ""}', "missing or too many"),
    ],
)
def test_what_is_no_statement_is_refused(period, text, words):
    (period.root / "x.json").write_text(text)
    assert words in period.refused(ExitCode.USAGE, "report", "check", period.root / "x.json", "--alone")


def test_a_statement_that_is_not_there_is_refused(period):
    assert "No such file" in period.refused(ExitCode.USAGE, "report", "check", period.root / "none.json")


# --------------------------------------------------------------------------------------------- its forms
class Page(HTMLParser):
    """A page: its tags must close, and it must need nothing else."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.needs = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.needs += [value for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_the_page_for_printing_is_whole_by_itself_and_escapes_what_people_wrote(period):
    period.sql(NEW_GAP, "<b>| torn *", "a & b")
    for name in ("P08.html", "P08.md", "P08.txt"):
        done = period.run("report", "period", "P08", "--output", period.root / name)
        assert done.exit_code == ExitCode.HELD
    page = Page((period.root / "P08.html").read_text())
    assert page.needs == []
    assert "<b>| torn *" in page.texts
    assert any("mDST-275679-0-7.root" in text for text in page.texts)
    markdown = (period.root / "P08.md").read_text()
    assert "&lt;b&gt;\\| torn \\*" in markdown
    assert "<b>| torn *" in (period.root / "P08.txt").read_text()


def test_the_form_follows_the_name_of_the_file(period):
    assert "give --format" in period.refused(ExitCode.USAGE, "report", "period", "P08", "--output", "x.pdf")
    told = period.good("report", "period", "P08", "--output", period.root / "x", "--format", "markdown")
    assert "P08 is archived; 2 runs" in told
    assert (period.root / "x").read_text().startswith("# End-of-campaign statement: P08")


def test_the_questions_do_not_grow_with_the_period(tmp_path, whole):
    """A period of any number of runs takes the same number of statements to the database."""
    from sqlalchemy import event

    from ddm.app import open_catalog
    from ddm.config import load

    asked = {}
    small = driven(tmp_path / "small", runs=1)
    for name, database in (("small", small), ("large", whole)):
        place = Period(tmp_path / name / "place", database)
        settings = load(place.root / "ddm.toml")
        with open_catalog(settings) as catalog:
            count = []
            event.listen(catalog.engine, "before_cursor_execute", lambda *_, to=count: to.append(1))
            periods.statement(catalog, settings, "P08")
            asked[name] = len(count)
    assert asked["small"] == asked["large"]


def chain(world):
    """Products of a world that go into one archive of the period each; the run's own are not on tape."""
    products = dict(world.settings.products)
    for name in ("mDST", "logs"):
        below = products[name]
        above = {
            "name": f"{name}s", "made_of": name, "payload": "", "chunk_dir": "", "chunk_name": "",
            "merged_dir": below.merged_dir + "all/", "archive_dir": below.archive_dir + "all/",
            "unit": "period",
        }  # fmt: skip
        products[f"{name}s"] = replace(below, **above)
        products[name] = replace(below, archive_to="")
    tasks = {name: replace(task, products=tuple(products)) for name, task in world.settings.tasks.items()}
    world.settings = replace(world.settings, products=products, tasks=tasks)


def test_parts_that_are_kept_within_another_are_as_safe_as_that(tmp_path):
    worlds = []

    def spoil(world):
        chain(world)
        worlds.append(world)

    database = driven(tmp_path, spoil)
    (world,) = worlds
    with Catalog(f"sqlite:///{database}", clock=world.clock) as catalog:
        found = periods.statement(catalog, world.settings, "P08")
        assert found.verdict == "archived", [one.open for one in found.judged]
        first, second = found.facts.runs
        (mdst,) = [one for one in first.products if one.product == "mDST"]
        assert mdst.parts[0].on_tape == ()
        assert mdst.parts[0].within == f"mDSTs {RUN}/0"
        (above,) = [one for one in second.products if one.product == "mDSTs"]
        assert (above.files, above.parts, above.parts_elsewhere) == (1, (), (f"{RUN}/0",))
        with catalog.begin() as conn:
            assert conn.exec_driver_sql(
                "UPDATE evidence SET size = 1 WHERE replica_id IN (SELECT r.id FROM replica r "
                "JOIN merge_group g ON g.output_id = r.file_id WHERE g.product = 'mDSTs')"
            ).rowcount
        wrong = periods.statement(catalog, world.settings, "P08")
    assert [one.verdict for one in wrong.judged] == ["open", "open"]
    places = {matter.where for matter in wrong.judged[1].open if matter.kind == "does not add up"}
    assert f"mDSTs part 0 of run {RUN}" in places
