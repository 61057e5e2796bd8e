"""ddm stage: campaigns from the plan to the accepted gap, as an operator and a consumer see them.

The catalogue is that of a simulated world whose flow is run by hand between the commands.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from catalog.errors import ExitCode
from catalog.model import Amount
from ddm import flow
from ddm.cli import stage_status
from ddm.cli.program import ddm
from ddm.operations import recall_status, recall_use
from ddm.operations.recall_use import Ending
from tests.cli.campaigns import RUN, WHY, Campaigns


@pytest.fixture
def place(tmp_path):
    return Campaigns(tmp_path)


# ------------------------------------------------------------------------------------- request
def test_a_plan_shows_what_it_comes_to_and_asks_for_nothing(place):
    told = place.good("stage", "request", "--dataset", "2016/W14", "--plan")
    assert "8 files of 2 runs" in told
    plan = place.json("stage", "request", "--run", RUN, "--plan")
    assert (plan["files"], plan["asked"], plan["confirm"]) == (4, False, False)
    (part,) = plan["parts"]
    assert (part["endpoint"], part["runs"], part["online"]) == ("tape", 1, 0)
    assert {"mounts", "mounts_at_most", "hours", "hours_at_most", "bottleneck"} <= set(part["price"])
    assert plan["left_out"] == {"on_disk": 0, "not_on_tape": 0}
    assert place.json("stage", "status")["campaigns"] == []


def test_a_request_is_written_down_and_followed_until_all_is_served(place):
    assert "asked for as 'again': 8 files" in place.request("--dataset", "2016/W14")
    line = place.campaign()
    assert (line["state"], line["requested"]["files"], line["waiting"]["files"]) == ("OPEN", 8, 8)
    assert line["bottleneck"] == "flow"
    assert "ddm flow run" in line["sentence"]
    place.recall()
    line = place.campaign()
    assert (line["state"], line["online"]["files"], line["wanted"]["files"]) == ("DONE", 8, 0)
    (endpoint,) = place.json("stage", "status")["endpoints"]
    assert endpoint["pinned"] == line["online"]
    assert "again" in place.good("stage", "status")


def test_what_several_options_name_must_fulfil_all_of_them(place):
    words = ("--run", f"{RUN}..{RUN + 5}", "--dataset", "2016/W14", "--query", "size > 5 kB", "--plan")
    assert place.json("stage", "request", *words)["files"] == 7
    assert place.json("stage", "request", place.lfns[0], place.lfns[7], "--run", RUN, "--plan")["files"] == 1
    assert place.json("stage", "request", "--run", RUN, "--run", RUN + 1, "--plan")["files"] == 8


def test_a_list_of_files_is_taken_from_a_file_or_standard_input(place):
    listed = place.root / "lfns.txt"
    listed.write_text(f"# mine\n{place.lfns[0]}\n\n{place.lfns[1]}\n{place.lfns[1]}\n")
    assert place.json("stage", "request", "--from", listed, "--plan")["files"] == 2
    words = ["stage", "request", "--from", "-", "--plan", "--json", "--config", str(place.root / "ddm.toml")]
    told = CliRunner().invoke(ddm, words, input=place.lfns[2] + "\n")
    assert json.loads(told.stdout)["files"] == 1
    listed.write_text("# nothing\n")
    line = place.refused(ExitCode.USAGE, "stage", "request", "--from", listed, "--plan")
    assert "the list names no file" in line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--name", "x", *WHY], "which files?"),
        (["--run", RUN], "--name is needed"),
        (["--run", RUN, "--name", "x"], "--reason is needed"),
        (["--run", RUN, "--name", " ", *WHY], "--name must not be empty"),
        (["--run", RUN, "--name", "task P08", *WHY], "those of the tasks"),
        (["--run", "late", "--name", "x", *WHY], "expected a run or A..B"),
        (["--run", "9..8", "--name", "x", *WHY], "the first run is above the last"),
        (["--run", RUN, "--name", "x", *WHY, "--priority", 6], "6 is not in the range"),
        (["--run", RUN, "--name", "x", *WHY, "--for", "7"], "expected a duration with its unit"),
        (["--run", RUN, "--name", "x", *WHY, "--for", "0 s"], "above zero"),
        (["--run", RUN, "--name", "x", *WHY, "--tail-percent", 100], "not above 0 and below 100"),
        (["--query", "run =", "--name", "x", *WHY], "expected"),
        (["--query", "run=1) or (run=2", "--name", "x", *WHY, "--plan"], "at column 6 of the query"),
        (["--query", "nonsense", "--name", "x", *WHY, "--plan"], "at column 1 of the query: ^nonsense"),
        (["--run", RUN, "--name", "a\x1b[31mb", *WHY], "without control characters"),
        (["--run", RUN, "--name", "a\tb", *WHY], "without control characters"),
        (["--run", RUN, "--name", "x" * 101, *WHY], "100 characters at most"),
    ],
)
def test_bad_input_is_one_line_and_asks_for_nothing(place, words, said):
    told = place.run("stage", "request", *words)
    assert told.exit_code in (ExitCode.USAGE, ExitCode.FAILED)
    assert said in told.stderr
    assert told.stderr.count("\n") == 1
    assert place.json("stage", "status")["campaigns"] == []


def test_unknown_files_and_empty_selections_are_refused(place):
    assert "no such file" in place.refused(ExitCode.FAILED, "stage", "request", "/x/y", "--name", "x", *WHY)
    line = place.refused(ExitCode.FAILED, "stage", "request", "--run", 1, "--name", "x", *WHY)
    assert "no file of the catalogue is meant" in line


def test_a_large_request_is_planned_only_until_it_is_confirmed(place):
    text = (place.root / "ddm.toml").read_text()
    (place.root / "ddm.toml").write_text(text + "\n[recall]\nconfirm_files = 7\n")
    told = place.run("stage", "request", "--dataset", "2016/W14", "--name", "big", *WHY)
    assert told.exit_code == ExitCode.DONE
    assert "nothing was done; add --yes" in told.stderr
    assert "must be confirmed" in told.stdout
    assert place.json("stage", "status")["campaigns"] == []
    assert place.json("stage", "request", "--dataset", "2016/W14", "--name", "big", *WHY, "--yes")["asked"]


def test_a_name_is_used_once_and_a_stopped_request_goes_on(place):
    from catalog.db import campaigns
    from catalog.db.campaigns import NewCampaign

    app = place.world.open()
    with app.catalog.begin() as conn:
        campaigns.begin(conn, NewCampaign("again", "tape", "again", 3, "me@here"), app.why("stopped"))
    app.close()
    assert place.campaign()["state"] == "FILLING"
    line = place.refused(ExitCode.FAILED, "stage", "accept-missing", "again", *WHY, "--yes")
    assert "repeat the request" in line
    place.request("--run", RUN)
    assert (place.campaign()["state"], place.campaign()["requested"]["files"]) == ("OPEN", 4)
    line = place.refused(ExitCode.FAILED, "stage", "request", "--run", RUN, "--name", "again", *WHY)
    assert "choose another name" in line


def test_files_without_a_copy_on_tape_are_told_and_end_with_three(place):
    app = place.world.open()
    with app.catalog.begin() as conn:
        conn.exec_driver_sql("UPDATE replica SET state = 'LOST' WHERE id = 1")
    app.close()
    told = place.run("stage", "request", "--run", RUN, "--name", "x", *WHY)
    assert told.exit_code == ExitCode.SOME_FAILED
    assert "left out: 1 file without a good copy on tape" in told.stdout
    assert place.campaign("x")["requested"]["files"] == 3


def test_files_that_were_not_compared_yet_are_left_out_and_explain_says_what_does_it(place):
    app = place.world.open()
    with app.catalog.begin() as conn:
        conn.exec_driver_sql("UPDATE replica SET state = 'UNVERIFIED', tries = 0 WHERE id = 1")
    app.close()
    told = place.run("stage", "request", "--run", RUN, "--plan")
    assert "that 'ddm flow run' has not compared yet" in told.stdout
    (block,) = place.json("explain", place.lfns[0])["blocks"]
    assert "was not compared with the catalogue yet" in block["why"]
    assert block["command"] == "ddm flow run"


def test_commands_for_a_campaign_whose_name_has_blanks_can_be_pasted(place):
    told = place.request("--run", RUN, name="two words")
    assert "ddm stage status 'two words' --watch" in told
    assert "do: ddm stage status 'two words'" in place.good("explain", place.lfns[0])


def test_a_configuration_without_a_task_says_so(place):
    text = (place.root / "ddm.toml").read_text()
    (place.root / "ddm.toml").write_text(text[: text.index("[task.")])
    line = place.refused(
        ExitCode.USAGE, "file", "register", place.list(), "--dataset", "2016/W15", "--endpoint", "tape"
    )
    assert "ddm.toml has no [task.NAME]" in line


# ------------------------------------------------------------------------------------- consumers
def test_two_consumers_share_one_recall_and_each_releases_its_own(place):
    place.request("--run", RUN, name="one")
    place.request("--dataset", "2016/W14", name="two")
    place.recall()
    assert place.campaign("one")["online"]["files"] == 4
    assert place.campaign("two")["online"]["files"] == 8
    assert (
        sum(line["recalled"]["files"] for n in ("one", "two") for line in place.json("stage", "show", n)) == 8
    )
    assert place.json("stage", "release", "one")["released"] == 4
    place.recall()
    (endpoint,) = place.json("stage", "status")["endpoints"]
    assert endpoint["pinned"]["files"] == 8
    assert place.json("stage", "release", "two", *place.lfns[:4])["released"] == 4
    place.recall()
    (endpoint,) = place.json("stage", "status")["endpoints"]
    assert endpoint["pinned"]["files"] == 4


def test_ready_files_come_by_the_page_with_their_urls(place, tmp_path):
    place.request("--dataset", "2016/W14")
    assert "no file is online" in place.good("stage", "ready", "again")
    for form in ("csv", "jsonl", "parquet"):
        path = tmp_path / f"none.{form}"
        assert "0 files written" in place.good("stage", "ready", "again", "--output", path)
    assert (tmp_path / "none.jsonl").read_text() == ""
    assert (tmp_path / "none.csv").read_text() == "lfn,url,endpoint,size,adler32\n"
    place.recall()
    seen, after = [], []
    while True:
        page = place.json("stage", "ready", "again", "--limit", 3, *after)
        seen += page["files"]
        if page["after"] is None:
            break
        assert len(page["files"]) == 3
        after = ["--after", page["after"]]
    assert sorted(file["lfn"] for file in seen) == sorted(place.lfns)
    assert all(file["url"] == f"simtape://{place.root}/tape{file['lfn']}" for file in seen)
    assert "there are more: --after" in place.good("stage", "ready", "again", "--limit", 3)
    path = place.root / "ready.csv"
    assert "8 files written" in place.good("stage", "ready", "again", "--output", path)
    assert path.read_text().count("\n") == 9
    assert len(place.good("stage", "ready", "again", "--format", "jsonl").splitlines()) == 8
    assert "not the end of a page" in place.refused(ExitCode.USAGE, "stage", "ready", "again", "--after", "x")


def test_release_of_an_empty_list_or_an_unknown_file_releases_nothing(place):
    place.request("--run", RUN)
    empty = place.root / "none.txt"
    empty.write_text("\n")
    assert "names no file" in place.refused(ExitCode.USAGE, "stage", "release", "again", "--from", empty)
    assert "nothing was released" in place.refused(
        ExitCode.FAILED, "stage", "release", "again", place.lfns[0], "/no/such"
    )
    assert place.campaign()["wanted"]["files"] == 4


def test_renew_moves_the_end_of_the_leases(place):
    place.request("--run", RUN, "--for", "1 h")
    before = datetime.fromisoformat(place.campaign()["until"])
    assert place.json("stage", "renew", "again", "--for", "7d")["renewed"] == 4
    assert datetime.fromisoformat(place.campaign()["until"]) - before > timedelta(days=6)


def test_cancel_shows_what_it_would_end_and_ends_it_with_yes(place):
    place.request("--run", RUN)
    told = place.run("stage", "cancel", "again", *WHY)
    assert (told.exit_code, "add --yes" in told.stderr) == (0, True)
    assert "to cancel: again at tape, OPEN: 4 files wanted" in told.stdout
    assert place.campaign()["state"] == "OPEN"
    assert place.json("stage", "cancel", "again", *WHY, "--yes")["ended"] == 4
    assert place.campaign()["state"] == "CANCELED"
    assert place.refused(ExitCode.FAILED, "stage", "cancel", "nobody", *WHY, "--yes")
    for words in (["renew", "again", "--for", "1d"], ["accept-missing", "again", *WHY, "--yes"]):
        assert "was canceled" in place.refused(ExitCode.FAILED, "stage", *words)
    assert place.json("stage", "release", "again")["released"] == 0


# ------------------------------------------------------------------------------------- the tail
@pytest.fixture
def tail(place):
    """One file of eight is lost on tape; 80 % are enough to go on."""
    place.world.tape.inject(place.lfns[1], "fail", None)
    place.request("--dataset", "2016/W14", "--tail-percent", 80)
    place.recall()
    return place


def test_what_is_missing_is_listed_with_its_cause(tail):
    (file,) = tail.json("stage", "missing", "again")["files"]
    assert (file["lfn"], file["state"], file["code"]) == (tail.lfns[1], "HELD", "tape_lost")
    told = tail.good("stage", "missing", "again")
    assert "ddm stage resume ITEM" in told
    assert told.count(file["lfn"]) == 1  # what was said of it is not lost behind its name
    line = tail.campaign()
    assert (line["state"], line["failed"]) == ("TAIL", [{"cause": "tape_lost", "files": 1, "held": 1}])
    assert line["bottleneck"] == "person"
    assert "1 by tape_lost (1 held)" in tail.good("stage", "status")


def test_waiting_ends_with_three_when_only_the_tail_lets_it_go_on(tail):
    told = tail.run("stage", "wait", "again", "--json")
    assert told.exit_code == ExitCode.SOME_FAILED
    assert json.loads(told.stdout)["ending"] == "incomplete"
    assert "1 missing, see 'ddm stage missing again'" in tail.run("stage", "wait", "again").stdout


def test_the_missing_are_accepted_by_name_and_with_yes(tail):
    told = tail.run("stage", "accept-missing", "again", "--reason", "tape destroyed")
    assert (told.exit_code, "add --yes" in told.stderr) == (0, True)
    assert tail.campaign()["state"] == "TAIL"
    done = tail.json(
        "stage", "accept-missing", "again", "--reason", "destroyed", "--actor", "boss@b", "--yes"
    )
    assert (done["approver"], len(done["files"])) == ("boss@b", 1)
    line = tail.campaign()
    assert (line["state"], line["missed"]["files"], line["held"]["files"]) == ("DONE", 1, 0)
    (detail,) = tail.json("stage", "show", "again")
    last = detail["history"][-1]
    assert (last["event"], last["actor"], last["reason"]) == ("missing_accepted", "boss@b", "destroyed")
    assert tail.json("stage", "status")["troubles"] == []  # nobody wants it: it is not held any more
    assert tail.run("stage", "wait", "again").exit_code == ExitCode.SOME_FAILED


def test_show_tells_the_terms_and_the_runs_that_are_not_complete(tail):
    told = tail.good("stage", "show", "again")
    assert "when 80 % are served" in told
    assert "runs: 1 of 2 complete" in told
    assert "tail_reached" in told


def test_a_held_recall_that_was_given_up_is_a_gap_of_the_campaign(tail):
    (file,) = tail.json("stage", "missing", "again")["files"]
    tail.good("stage", "give-up", file["item_id"], "--reason", "gone", "--yes")
    assert "no file is missing" in tail.good("stage", "missing", "again")
    assert tail.campaign()["missed"]["files"] == 1


# ------------------------------------------------------------------------------------- wait
def test_waiting_ends_when_all_is_served_or_the_time_is_over(place):
    place.request("--run", RUN)
    told = place.run("stage", "wait", "again", "--timeout", "10 ms")
    assert told.exit_code == ExitCode.BUSY
    assert "the time is over; 4 files still waited for" in told.stdout
    place.recall()
    assert "every file was served; 4 files online now" in place.good("stage", "wait", "again")
    place.good("stage", "release", "again")
    assert "every file was served; 0 files online" in place.good("stage", "wait", "again")


def test_waiting_for_what_was_canceled_or_has_lapsed_is_no_success(place):
    place.request("--run", RUN, "--for", "1 h", name="short")
    place.request("--run", RUN, name="off")
    place.good("stage", "cancel", "off", *WHY, "--yes")
    assert place.run("stage", "wait", "off").exit_code == ExitCode.FAILED
    place.world.clock.sleep(timedelta(hours=2))
    place.recall()
    told = place.run("stage", "wait", "short")
    assert told.exit_code == ExitCode.SOME_FAILED
    assert "4 leases lapsed" in told.stdout


def test_waiting_asks_again_until_its_end(place):
    place.request("--run", RUN)
    app = place.world.open()
    asked: list[tuple[int, int]] = []

    def report(served: int, of: int) -> None:
        asked.append((served, of))
        flow.tick(app)

    found = recall_use.wait(app.catalog, "again", every=timedelta(minutes=10), report=report)
    app.close()
    assert (found.ending, found.online) == (Ending.SERVED, 4)
    assert asked[0] == (0, 4)
    assert asked[-1] == (4, 4)


# ------------------------------------------------------------------------------------- watch
def test_watching_prints_lines_until_nothing_is_waited_for(place, capsys):
    place.request("--run", RUN)
    app = place.world.open()

    def look():
        found = recall_status.status(app.catalog, app.settings, "again")
        flow.tick(app)
        return found

    stage_status.watched(look, app.clock, timedelta(minutes=5), screen=False)
    app.close()
    told = capsys.readouterr().out.splitlines()
    assert "again at tape: 0 of 4 files came" in told[0]
    assert "again at tape: 4 of 4 files came" in told[-1]


def test_what_was_accepted_as_missing_did_not_come(tail, capsys):
    tail.good("stage", "accept-missing", "again", *WHY, "--yes")
    app = tail.world.open()
    found = recall_status.status(app.catalog, app.settings, "again")
    (line,) = stage_status.lines(found)
    stage_status.watched(lambda: found, app.clock, timedelta(minutes=5), screen=True)
    app.close()
    assert "7 of 8 files came, 1 accepted as missing, 0 in flight" in line
    assert "7/8 files" in capsys.readouterr().out


def test_a_screen_gets_bars(place, capsys):
    place.request("--run", RUN)
    place.recall()
    app = place.world.open()
    look = lambda: recall_status.status(app.catalog, app.settings)  # noqa: E731
    stage_status.watched(look, app.clock, timedelta(minutes=5), screen=True)
    app.close()
    assert "4/4 files" in capsys.readouterr().out


def test_watch_and_json_exclude_each_other(place):
    assert "without --watch" in place.refused(ExitCode.USAGE, "stage", "status", "--watch", "--json")
    assert "nothing is wanted" in place.good("stage", "status", "--watch", 1)


# ------------------------------------------------------------------------------------- numbers
def test_the_amounts_of_a_campaign_add_up_while_the_window_is_small(tmp_path):
    place = Campaigns(tmp_path, budget_runs=1.2)
    place.request("--dataset", "2016/W14")
    place.recall(8)
    app = place.world.open()
    found = recall_status.status(app.catalog, app.settings)
    app.close()
    (line,), (endpoint,) = found.campaigns, found.endpoints
    parts = (line.waiting, line.queued, line.in_flight, line.held)
    assert sum(parts, Amount()) == line.wanted
    assert line.wanted + line.online + line.released == line.requested
    assert endpoint.requested == line.requested
    assert endpoint.pinned.size + endpoint.in_flight.size <= (endpoint.budget or 0)


def test_the_time_to_finish_has_a_range_once_files_came(place):
    from catalog.db import progresses
    from catalog.db.recalls import Load

    place.request("--dataset", "2016/W14")
    app = place.world.open()
    with app.catalog.begin() as conn:  # forty files a minute came for two hours
        for minutes in range(0, 120, 10):
            conn.exec_driver_sql(f"UPDATE campaign SET recalled = {500 + minutes * 40}")
            conn.exec_driver_sql("UPDATE campaign SET recalled_size = recalled * 1000000000")
            at = app.now - timedelta(minutes=120 - minutes)
            progresses.note(conn, "tape", Load(), at)
    (line,) = recall_status.status(app.catalog, app.settings).campaigns
    app.close()
    assert line.finish.earliest <= line.finish.finish_at <= line.finish.latest
    assert line.files_per_s == pytest.approx(40 / 60, rel=0.3)
    assert "over about" in stage_status.finish(line.finish)


# ------------------------------------------------------------------------------------- leaks
def test_nothing_leaks_in_a_new_catalogue(place):
    assert place.good("stage", "leaks") == "nothing leaks\n"
    found = place.json("stage", "leaks")
    assert (found["endless_leases"], found["unneeded_pins"]["files"]) == ([], 0)


def test_each_kind_of_leak_is_reported_with_its_owner(place):
    place.request("--run", RUN, "--actor", "ann@lab", name="kept")
    place.request("--run", RUN + 1, "--for", "90d", name="short")
    place.recall()
    app = place.world.open()
    with app.catalog.begin() as conn:
        old = (datetime.now(UTC) - timedelta(days=40)).isoformat(timespec="microseconds")
        conn.exec_driver_sql("UPDATE campaign SET created_at = ?", (old,))
        conn.exec_driver_sql("UPDATE pin SET state = 'EXPIRED' WHERE id = (SELECT min(id) FROM pin)")
        conn.exec_driver_sql(
            "UPDATE lease SET state = 'RELEASED'"
            " WHERE campaign_id = (SELECT id FROM campaign WHERE name = 'short')"
        )
    app.close()
    told = place.run("stage", "leaks", "--json")
    assert told.exit_code == ExitCode.HELD
    found = json.loads(told.stdout)
    (endless,) = found["endless_leases"]
    assert (endless["campaign"], endless["owner"], endless["files"]) == ("kept", "ann@lab", 4)
    assert found["unneeded_pins"]["files"] == 4
    assert found["pinless_leases"]["files"] == 1
    assert found["pinless_leases"]["oldest"][0]["owner"] == "ann@lab"
    assert found["online_unpinned"]["files"] == 1
    shown = place.run("stage", "leaks").stdout
    assert "ask the owner" in shown
    assert "ann@lab" in shown
    assert json.loads(place.run("stage", "leaks", "--older", "50d", "--json").stdout)["endless_leases"] == []


def test_a_recall_that_nobody_wants_is_a_leak(place):
    place.request("--run", RUN)
    place.recall(1)
    app = place.world.open()
    with app.catalog.begin() as conn:
        conn.exec_driver_sql("UPDATE lease SET state = 'RELEASED'")
    app.close()
    assert json.loads(place.run("stage", "leaks", "--json").stdout)["unwanted_recalls"]["files"] == 4
