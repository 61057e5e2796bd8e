"""Why is it not online: ddm explain of files and runs in a campaign; ddm flow status; ddm.staging."""

from __future__ import annotations

import pytest

from catalog.errors import BadInput, ExitCode, IllegalTransition
from ddm import load, open_catalog, staging
from tests.cli.campaigns import RUN, WHY, Campaigns


@pytest.fixture
def place(tmp_path):
    return Campaigns(tmp_path)


def storm(place):
    app = place.world.open()
    with app.catalog.begin() as conn:
        at = app.now.isoformat(timespec="microseconds")
        conn.exec_driver_sql(
            "INSERT INTO storm SELECT id, 'endpoint_unreachable', 'open', ?, ?, 700, 700, 800, ?, ?, 3, 2, 1"
            " FROM endpoint WHERE name = 'tape'",
            (at, at, at, at),
        )
    app.close()


# ------------------------------------------------------------------------------------- explain
def test_a_file_that_waits_for_its_turn_tells_how_many_come_before(place):
    place.request("--run", RUN + 1, "--priority", 5, name="urgent")
    place.request("--run", RUN, "--for", "7d", "--actor", "ann@lab", name="mine")
    told = place.good("explain", place.lfns[3])
    assert "campaign mine of ann@lab (priority 3, OPEN): WANTED since" in told
    assert "behind 4 files of campaigns more urgent than priority 3 and 3 of campaign mine" in told
    assert "do: ddm stage status mine" in told
    assert ", until 20" in told


def test_a_queued_recall_tells_its_place_in_the_queue(place):
    from ddm.steps import stage

    place.request("--run", RUN)
    app = place.world.open()
    stage.want(app)
    app.close()
    told = place.good("explain", place.lfns[0])
    assert "its recall waits in the queue of tape, behind 0 others" in told
    assert "tape: 4 raw files on tape, 0 of them online; 4 queued" in place.good("explain", str(RUN))


def test_a_held_recall_tells_its_story_and_what_would_help(place):
    place.world.tape.inject(place.lfns[1], "fail", None)
    place.request("--run", RUN, "--tail-percent", 50)
    place.recall()
    told = place.good("explain", place.lfns[1])
    assert "asked for" in told
    assert "held: tape_lost" in told
    assert "ddm stage resume" in told
    assert "ddm stage accept-missing again --reason" in told
    assert "on tape" in told
    assert "1 held" in place.good("explain", f"run {RUN}")


def test_a_storm_is_told_by_explain_status_and_flow_status(place):
    place.request("--run", RUN)
    storm(place)
    sentence = "tape: 700 failures by endpoint_unreachable since"
    assert sentence in place.good("explain", place.lfns[0])
    assert sentence in place.good("stage", "status")
    assert sentence in place.good("flow", "status")
    (endpoint,) = place.json("stage", "status")["endpoints"]
    (found,) = endpoint["storms"]
    assert (found["cause"], found["files"], found["held"]) == ("endpoint_unreachable", 700, 2)
    assert endpoint["bottleneck"] == "endpoint"


def test_flow_status_tells_of_held_recalls_and_tails(place):
    place.world.tape.inject(place.lfns[1], "fail", None)
    place.request("--run", RUN, "--tail-percent", 50)
    place.recall()
    told = place.run("flow", "status")
    assert told.exit_code == ExitCode.HELD
    assert "Recalls held: 1" in told.stdout
    assert "Campaign again at tape is in its tail: 1 of 4 files are missing" in told.stdout


def test_an_unfinished_request_is_explained_with_the_way_out(place):
    place.request("--run", RUN)
    app = place.world.open()
    with app.catalog.begin() as conn:
        conn.exec_driver_sql("UPDATE campaign SET state = 'FILLING'")
    app.close()
    told = place.good("explain", place.lfns[0])
    assert "is not all written down" in told
    assert "ddm stage cancel again" in told


# ------------------------------------------------------------------------------------- from Python
def test_a_service_asks_reads_and_releases_from_python(place):
    settings = load(place.root / "ddm.toml", {})
    with open_catalog(settings) as catalog:
        terms = staging.Terms(name="service", reason="a test")
        assert staging.request(catalog, settings, staging.Wanted(query=f"run={RUN}"), terms).asked
        place.recall()
        found = [file.lfn for page in staging.ready(catalog, "service") for file in page]
        assert sorted(found) == sorted(place.lfns[:4])
        assert staging.release(catalog, "service", found) == 4
        assert staging.release(catalog, "service", found) == 0


def test_the_campaign_of_a_task_is_left_to_its_jobs(place):
    from catalog.db import campaigns
    from catalog.db.campaigns import NewCampaign

    app = place.world.open()
    with app.catalog.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO task (name, dataset_id, definition, defined_at)"
            " SELECT 'P08', id, '{}', since FROM dataset LIMIT 1"
        )
        campaigns.of_task(conn, 1, NewCampaign("task P08", "tape", "P08", 3, "x"), app.why())
    settings = app.settings
    with pytest.raises(BadInput, match="ddm gap add"):
        staging.accept_missing(app.catalog, "task P08", "x", act=True)
    with pytest.raises(BadInput, match="cancel its jobs"):
        staging.cancel(app.catalog, "task P08", "x")
    app.close()
    for verb in ("ready", "wait", "release"):
        assert "campaign of a task" in place.refused(ExitCode.USAGE, "stage", verb, "task P08")
    line = place.campaign("task P08")
    assert (line["task"], line["state"], line["requested"]["files"]) == (True, "OPEN", 0)
    assert settings.tasks == {}


def test_accepting_what_is_not_written_down_is_refused(place):
    place.request("--run", RUN)
    app = place.world.open()
    with app.catalog.begin() as conn:
        conn.exec_driver_sql("UPDATE campaign SET state = 'FILLING'")
    with pytest.raises(IllegalTransition, match="repeat the request"):
        staging.accept_missing(app.catalog, "again", *WHY[1:], act=True)
    app.close()
