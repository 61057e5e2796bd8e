"""The bench can fail: every seeded break of the end state is told, and a good end state is not."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from ddm import flow
from ddm.testing.world import World
from tests.bench import endstate
from tests.bench.__main__ import main


@pytest.fixture
def ended(tmp_path):
    """A world whose journey is over, and the program in it."""
    world = World(tmp_path)
    app = world.open()
    world.register(app)
    flow.run(app)
    yield world, app
    app.close()


def test_a_good_end_is_right(ended):
    world, app = ended
    assert endstate.problems(app, world) == []


BREAKS = {
    "UPDATE item SET state = 'HELD' WHERE id = 1": "1 x item HELD",
    "DELETE FROM member WHERE group_id = 1 AND position = 0": "(members, chunks) in parts are",
    "DELETE FROM certified WHERE replica_id = (SELECT min(replica_id) FROM certified)": "without a certif",
    "UPDATE history SET old = 'BAD' WHERE noun = 'replica' AND new = 'DELETED'": "do not follow",
    "UPDATE event_count SET n_events = n_events + 1 WHERE file_id = (SELECT max(id) FROM file "
    "WHERE role = 'final' AND product = 'mDST') AND witness = 'read'": "events, ",
    "UPDATE file SET adler32 = 1 WHERE id = 1": "differ between store and catalogue",
}


@pytest.mark.parametrize(("statement", "sentence"), BREAKS.items())
def test_a_break_in_the_catalogue_is_told(ended, statement, sentence):
    world, app = ended
    with app.catalog.begin() as conn:
        assert conn.execute(text(statement)).rowcount >= 1
    assert any(sentence in problem for problem in endstate.problems(app, world))


def test_a_merged_file_that_is_gone_from_tape_is_told(ended):
    world, app = ended
    gone = next(path for path in world.tape.library.files if "mDST" in path)
    world.tape.library.remove(gone)
    assert f"e.g. {gone}" in " ".join(endstate.problems(app, world))


def test_an_intermediate_that_was_left_behind_is_told(ended):
    world, app = ended
    world.disk.put("/left", 1, world.raw[0].adler32)
    assert "e.g. /left" in " ".join(endstate.problems(app, world))


def test_the_last_line_is_one_json_object_with_the_figures(capsys):
    assert main(["journey", "--runs", "2", "--chunks", "4", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"chunks_per_s", "sql_statements_per_chunk", "peak_rss_mb"} <= figures.keys()


def test_a_rate_that_is_not_reached_is_wrong(capsys):
    assert main(["journey", "--runs", "1", "--chunks", "2", "--at-least", "1000000", "--json"]) == 1
    assert "were asked for" in capsys.readouterr().err
