"""``ddm events``: asked, shown, asked again; files cut into ranges; one clear error for what cannot be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from catalog.clock import SimulatedClock, SystemClock
from catalog.db import ranges, schema
from catalog.db.engine import Catalog
from catalog.db.heartbeats import Beat
from catalog.db.move import Why
from catalog.states import JobState
from catalog.testing.builders import Situation
from ddm import flow
from ddm.app import open_app
from ddm.config import load
from tests.cli.place import RAW, Place

RUN = 275678


@pytest.fixture
def place(tmp_path):
    """Three raw files of which nobody knows the events, and a list that knows two of them."""
    place = Place(tmp_path)
    place.good("db", "upgrade")
    files = place.list(*(f"{name(n)},{1000 + n},0000000{n}," for n in range(3)))
    place.good("file", "register", files, "--dataset", "2016/W14", "--endpoint", "tape")
    (tmp_path / "events.txt").write_text(f"{RUN} {name(0)} 100\n{RUN} {name(1)} abc\n{RUN} {name(2)} 0\n")
    configure(place, '[event_source.list]\nbackend = "text"\noptions = { path = "events.txt" }\n')
    return place


def name(n):
    return f"{RAW}/cdr11{n:03d}-{RUN}.raw"


def configure(place, text):
    path = place.root / "ddm.toml"
    path.write_text(f"{path.read_text()}\n{text}")


def said(place, n):
    return [(entry["witness"], entry["n_events"]) for entry in place.json("file", "show", name(n))["events"]]


def test_events_are_planned_asked_and_shown(place):
    (plan,) = place.json("events", "fill", "--plan")
    assert (plan["source"], plan["witness"], plan["fresh"]) == ("list", "raw_catalogue", 3)
    assert said(place, 0) == [], "a plan asks nobody"
    assert "list" in place.good("events", "fill", "--plan", "--dataset", "2016/W14", "--run", RUN)
    (done,) = place.json("events", "fill", "--source", "list")
    assert (done["asked"], done["counted"], done["trouble"]) == (3, 2, 1)
    assert [said(place, n) for n in range(3)] == [[("raw_catalogue", 100)], [], [("raw_catalogue", 0)]]
    (line,) = place.json("events", "asks")
    assert (line["code"], line["files"], line["example"]) == ("bad_count", 1, name(1))
    assert "events.txt:2: 'abc' is no number of events" in line["reason"]
    assert "bad_count" in place.good("events", "asks")
    assert "no witness contradicts another" in place.good("events", "differ")


def test_a_source_that_fails_is_told_and_ends_with_its_code(place):
    (place.root / "events.txt").unlink()
    told = place.run("events", "fill")
    assert told.exit_code == 3, told.output
    assert "list failed: no such event catalogue" in told.stdout
    assert place.json("events", "asks") == []


def test_what_was_given_up_is_asked_again_by_a_person(place):
    configure(place, "[events]\nmax_attempts = 1\n")
    place.good("events", "fill")
    assert "GIVEN_UP" in place.good("events", "asks")
    (place.root / "events.txt").write_text(f"{RUN} {name(1)} 7\n")
    assert place.json("events", "fill")[0]["asked"] == 0
    again = ("events", "again", name(1), "--source", "list", "--reason", "the list was mended")
    assert "1 question will be asked again" in place.good(*again)
    assert place.json("events", "fill")[0]["counted"] == 1
    assert "every question was answered" in place.good("events", "asks")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("fill", "--source", "oracle"), "no [event_source.oracle] in ddm.toml; known: list"),
        (("fill", "--dataset", "2016/none"), "no such dataset"),
        (("again", "--reason", "x"), "give the files, or --all"),
        (("again", "nobody.raw", "--reason", "x"), "no such file"),
        (("split", "nobody.raw", "--task", "P08", "--parts", "2"), "no such file"),
        (("split", name(1), "--task", "P09", "--parts", "2"), "no task 'P09'"),
        (("split", name(1), "--task", "P08", "--parts", "0"), "0 is not in the range"),
        (("resume", "--reason", "x"), "give the ranges by number, or --all"),
    ],
)
def test_one_clear_error_for_what_is_not_there(place, arguments, text):
    with open_app(load(place.root / "ddm.toml", {})).catalog:
        told = place.run("events", *arguments)
    assert told.exit_code in (1, 2), told.output
    assert text in told.stderr
    assert "Traceback" not in told.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[event_source.x]\nbackend = "oracle"', "no event source is called 'oracle'"),
        ('[event_source.x]\nbackend = "sql"', "a sql source needs the option 'url'"),
        ('[event_source.x]\nbackend = "text"\nproducts = ["mdts"]', "products"),
        ('[event_source.x]\nbackend = "read"\noptions = { raw = "dates" }', "no event counter 'dates'"),
        ("[events]\nper_round = 0", "at least 1"),
        ("[events]\nlimit = 5", "unknown key"),
    ],
)
def test_a_configuration_that_cannot_be_is_one_clear_error(place, text, said):
    configure(place, text)
    told = place.run("events", "fill", "--plan")
    assert told.exit_code in (1, 2), told.output
    assert said in told.stderr
    assert told.stderr.count("\n") == 1


def test_no_source_is_told(tmp_path):
    place = Place(tmp_path)
    place.good("db", "upgrade")
    assert "nobody to ask" in place.refused(2, "events", "fill")
    assert "no event source in ddm.toml" in place.good("events", "fill", "--plan")


def test_the_flow_asks_by_itself(place):
    app = open_app(load(place.root / "ddm.toml", {}))
    moved = flow.tick(app)
    assert moved["count"] == 2
    assert flow.tick(app)["count"] == 0
    app.close()
    assert said(place, 0) == [("raw_catalogue", 100)]


def test_files_are_split_shown_and_taken_from_silent_processes(place):
    place.good("events", "fill")
    settings = load(place.root / "ddm.toml", {})
    open_app(settings).close()  # the task is known from now on
    split = ("events", "split", name(0), "--task", "P08", "--parts", "4")
    assert "ranges that would be new: 4" in place.good(*split, "--plan")
    assert place.json(*split) == {"added": 4, "same": 0}
    assert place.json(*split) == {"added": 0, "same": 4}
    told = place.refused(1, *split[:-1], "3")
    assert "with the ranges it has already" in told
    assert "nobody knows its number of events" in place.run("events", *split[1:2], name(1), *split[3:]).stderr
    with Catalog(settings.catalog, clock=SystemClock()) as catalog:
        claims = claimed(catalog)
        with catalog.begin() as conn:
            ranges.finish(conn, [Beat(claims[0].range_id, 1, 25)], Why(catalog.clock.now(), "t"))
    found = place.json("events", "ranges", "--task", "P08", "--run", RUN)
    assert (found["files"][0]["finished"], found["files"][0]["running"], found["flawed"]) == (1, 1, [])
    (silent,) = place.json("events", "reassign", "--plan")
    assert silent["process"] == "n1:2"
    assert place.json("events", "reassign") == {"freed": 1, "held": 0}
    assert "no process is silent" in place.good("events", "reassign", "--plan")
    assert "0 ranges may be claimed again" in place.good("events", "resume", "--all", "--reason", "x")


def test_the_flow_takes_ranges_from_silent_processes(place):
    place.good("events", "fill")
    app = open_app(load(place.root / "ddm.toml", {}))
    place.good("events", "split", name(0), "--task", "P08", "--parts", "4")
    claimed(app.catalog)
    moved = flow.tick(app)
    assert moved["reassign"] == 2
    app.close()


def claimed(catalog):
    """Two ranges claimed by a job, an hour ago."""
    ago = SimulatedClock(catalog.clock.now() - timedelta(hours=1))
    with catalog.begin() as conn:
        file = conn.execute(
            schema.file.select().where(schema.file.c.name == name(0).rpartition("/")[2])
        ).one()
        here = Situation.__new__(Situation)
        here.conn, here.now = conn, ago.now()
        here.task = conn.execute(schema.task.select()).one().id
        job = here.job([file.id], JobState.SUBMITTING)
        conn.execute(update(schema.job).values(next_try_at=here.now + timedelta(days=1)))
        return ranges.claim(conn, job, ["n1:1", "n1:2"], Why(ago.now(), "agent"))
