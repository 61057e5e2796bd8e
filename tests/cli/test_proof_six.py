"""Proof 6: no sequence of commands without --i-accept-data-loss removes the last verified copy of a file.

Hypothesis is the operator: it gives any commands of ``ddm`` in any order, on a real catalogue with files on
disk and tape, lets time pass, and between two commands a storage loses or spoils bytes. After each command
every file that it took the last good bytes of must have a copy on whose strength it could go: of the file
itself, or, for an intermediate file, of what was merged from it, in the catalogue AVAILABLE, with its bytes
still there, unless it was the storage that lost or spoiled those. The program is not asked whether it is so:
what lies on the storages is looked at.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from zlib import adler32

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from catalog.db import comeback, engine, releasing
from catalog.retention import may_go
from ddm.cli.program import NOUNS
from tests.cli import commands
from tests.cli.period import Period, own_time

QUICK = settings(
    max_examples=12,
    stateful_step_count=14,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""For CI. ``pytest -m slow tests/cli/test_proof_six.py`` goes on for minutes, with other seeds each time."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A replica as the catalogue has it, and what its file is."""

    lfn: str
    role: str
    endpoint: str
    path: str
    state: str
    size: int
    adler32: int


class Looked:
    """What lies on the storages, and what the catalogue says of it; read without the program."""

    def __init__(self, place: Period) -> None:
        self._place = place
        query = (
            "SELECT d.path || f.name, f.role, e.name, coalesce(r.path, d.path || f.name), r.state, "
            "coalesce(f.size, -1), coalesce(f.adler32, -1) FROM replica r JOIN file f ON f.id = r.file_id "
            "JOIN directory d ON d.id = f.directory_id JOIN endpoint e ON e.id = r.endpoint_id"
        )
        self.copies = [Copy(*row) for row in place.sql(query)]  # type: ignore[arg-type]
        merged = (
            "SELECT i.path || f.name, o.path || g.name FROM member m JOIN file f ON f.id = m.file_id "
            "JOIN directory i ON i.id = f.directory_id JOIN merge_group p ON p.id = m.group_id "
            "JOIN file g ON g.id = p.output_id JOIN directory o ON o.id = g.directory_id"
        )
        self.merged: dict[str, set[str]] = {}
        for lfn, output in place.sql(merged):
            self.merged.setdefault(str(lfn), set()).add(str(output))
        self.good = {copy for copy in self.copies if self._bytes(copy) == (copy.size, copy.adler32)}

    def _bytes(self, copy: Copy) -> tuple[int, int] | None:
        top = "tape/tape" if copy.endpoint == "tape" else copy.endpoint
        try:
            data = self._place.at(copy.path, top).read_bytes()
        except OSError:
            return None
        return len(data), adler32(data)

    def safe(self) -> set[str]:
        """Files that have good bytes somewhere."""
        return {copy.lfn for copy in self.good}


class Operator(RuleBasedStateMachine):
    """Somebody at the keyboard, and the storages that do as they like."""

    made: Period

    def __init__(self) -> None:
        super().__init__()
        self._top = Path(tempfile.mkdtemp(prefix="proof6-"))
        self._time = own_time(self.made.ahead)
        self.time = self._time.__enter__()
        self.place = self.made.copy(self._top / "place")
        self.harmed: set[tuple[str, str]] = set()  # (endpoint, path) that a storage lost or spoiled
        self.told: list[str] = []

    def teardown(self) -> None:
        self._time.__exit__(None, None, None)
        shutil.rmtree(self._top)

    @initialize(second=st.booleans(), over=st.booleans())
    def begin(self, second: bool, over: bool) -> None:
        """There may be second copies, and the grace time of the trash may be over."""
        if second:
            for lfn in commands.MERGED[:2]:
                there = self.place.at(lfn, "disk2")
                there.parent.mkdir(parents=True, exist_ok=True)
                there.write_bytes(self.place.at(lfn, "tape/tape").read_bytes())
                self.give("put", f"{{root}}/disk2{lfn}", lfn, "--endpoint", "disk2")
                self.give("file", "compare", lfn, "--reason", "fresh")
            self.give("flow", "once")
        if over:
            self.time.jump(timedelta(days=3))

    # ----------------------------------------------------------------------- the operator
    @rule(words=commands.any_command())
    def any_command(self, words: list[str]) -> None:
        self.give(*words)

    @rule(words=commands.releasing())
    def release(self, words: list[str]) -> None:
        """What withdraws, removes and brings back, more often than its share."""
        self.give(*words)

    @rule(lfn=commands.lfns(), endpoint=st.sampled_from(("", "disk", "disk2", "tape")))
    def discard(self, lfn: str, endpoint: str) -> None:
        where = ("--endpoint", endpoint) if endpoint else ()
        self.give("trash", "add", lfn, *where, "--reason", "not wanted", "--yes")

    @rule()
    def weeks_pass(self) -> None:
        """Whatever is in the trash is due."""
        self.time.jump(timedelta(days=15))
        self.flow(2)

    @rule(times=st.integers(1, 3))
    def flow_goes(self, times: int) -> None:
        self.flow(times)

    def flow(self, times: int) -> None:
        for _ in range(times):
            self.give("flow", "once")

    @rule(days=st.sampled_from((0.1, 1, 3, 15, 400)))
    def time_passes(self, days: float) -> None:
        self.time.jump(timedelta(days=days))

    # ----------------------------------------------------------------------- the storages
    @rule(
        lfn=commands.lfns(), endpoint=st.sampled_from(("disk", "disk", "disk2", "tape")), lost=st.booleans()
    )
    def storage_harms(self, lfn: str, endpoint: str, lost: bool) -> None:
        """A storage loses a file, or spoils it without a word."""
        for copy in sorted(Looked(self.place).good, key=lambda one: (one.lfn, one.endpoint)):
            if copy.lfn != lfn or copy.endpoint != endpoint:
                continue
            for top in ("tape/tape", "tape/buffer") if endpoint == "tape" else (endpoint,):
                path = self.place.at(copy.path, top)
                if path.exists():
                    path.unlink() if lost else path.write_bytes(b"x" * path.stat().st_size)
            self.harmed.add((copy.endpoint, copy.path))

    # ------------------------------------------------------------------------ the promise
    def give(self, *words: str) -> None:
        assert "--i-accept-data-loss" not in words
        before, new = Looked(self.place), f"new-{len(self.told)}"
        self.told.append(" ".join(words))
        answer = self.place.run(*(word.format(root=self.place.root, new=new) for word in words))
        assert answer.exit_code != 1 or "this should not happen" not in answer.stderr, answer.stderr
        after = Looked(self.place)
        self.look(before, after)

    def look(self, before: Looked, after: Looked) -> None:
        """Whose last good bytes the command took, and on what strength."""
        for lfn in sorted(before.safe() - after.safe()):
            strength = {lfn} | (before.merged.get(lfn, set()) | after.merged.get(lfn, set()))
            left = [
                copy
                for copy in after.copies
                if copy.lfn in strength
                and copy.state == "AVAILABLE"
                and (copy in after.good or (copy.endpoint, copy.path) in self.harmed)
            ]
            assert left, f"{lfn} is lost; commands:\n" + "\n".join(self.told)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Iterator[Period]:
    """Made once. What is proven is not about power cuts: the databases of the copies need no fsync."""
    with own_time():
        found = Period.make(tmp_path_factory.mktemp("proof") / "made")
    before, engine.SYNCHRONOUS = engine.SYNCHRONOUS, "OFF"
    yield found
    engine.SYNCHRONOUS = before


def operator(made: Period) -> type[Operator]:
    return type("OperatorHere", (Operator,), {"made": made})


def test_every_command_is_among_those_that_are_tried():
    """A new command must be added to ``tests.cli.commands``, or be named there with the reason why not."""
    tree = set()
    for noun, (module, _) in NOUNS.items():
        verbs = getattr(import_module(module).cli, "commands", {})
        tree |= {f"{noun} {verb}" for verb in verbs} if verbs else {noun}
    assert set(commands.COMMANDS) | set(commands.UNTRIED) == tree
    assert not set(commands.COMMANDS) & set(commands.UNTRIED)
    assert all(commands.UNTRIED.values())


def test_no_sequence_of_commands_removes_the_last_copy(made):
    run_state_machine_as_test(operator(made), settings=QUICK)


@pytest.mark.slow
def test_no_sequence_of_commands_removes_the_last_copy_however_long_one_tries(made):
    longer = settings(QUICK, max_examples=400, stateful_step_count=40, derandomize=False)
    run_state_machine_as_test(operator(made), settings=longer)


# ---------------------------------------------------------------------- that it can fail
@contextmanager
def at_the_keyboard(made: Period) -> Iterator[Operator]:
    """An operator who does as the test says."""
    here = operator(made)()
    try:
        yield here
    finally:
        here.teardown()


def test_a_program_that_asks_no_rule_is_caught(made, monkeypatch):
    monkeypatch.setattr(releasing, "may_go", lambda facts: may_go(facts, ()))
    with at_the_keyboard(made) as here:
        here.discard(commands.RAW[0], "tape")
        with pytest.raises(AssertionError, match="is lost; commands:"):
            here.weeks_pass()


def test_a_program_that_asks_only_once_is_caught(made, monkeypatch):
    """The archive is lost while the chunks wait in the trash: at the removal everything is asked again."""

    def lose_the_archive(here: Operator) -> None:
        for endpoint in ("tape", "disk"):
            here.storage_harms(commands.MERGED[0], endpoint, lost=True)
        here.give("file", "compare", commands.MERGED[0], "--reason", "a reader complained")
        here.give("flow", "once")
        here.time_passes(15)
        here.flow(2)

    with at_the_keyboard(made) as here:
        lose_the_archive(here)
        assert commands.CHUNKS[0] in Looked(here.place).safe()

    def asked(conn, replicas, rules, why, *, lock=True):
        return releasing.Asked(tuple(replicas))

    monkeypatch.setattr(releasing, "ask_again", asked)
    with at_the_keyboard(made) as here, pytest.raises(AssertionError, match="is lost; commands:"):
        lose_the_archive(here)


def test_a_program_that_believes_an_old_backup_is_caught(made, monkeypatch):
    """The backup knows of two copies; one was removed since, on the strength of the other."""
    lfn = f"{commands.EOS}mDST.chunks/mDST-{commands.RUN}-33333-0-7.root"
    add = ("trash", "add", lfn, "--reason", "one is enough", "--yes", "--endpoint")

    def believe(here: Operator) -> None:
        for endpoint in ("disk", "disk2"):
            here.give("put", "{root}/ddm.toml", lfn, "--endpoint", endpoint, "--dataset", "other/mDST")
        here.flow(1)
        here.give("db", "backup", "{root}/one.db")
        here.give(*add, "disk")
        here.time_passes(3)
        here.give("file", "compare", lfn, "--reason", "fresh")
        here.flow(3)
        assert here.place.state(lfn) == "DELETED"
        here.give("db", "restore", "{root}/one.db", "--replace")
        here.give(*add, "disk2")
        here.time_passes(3)
        here.flow(3)

    with at_the_keyboard(made) as here:
        believe(here)
        assert lfn in Looked(here.place).safe()
    monkeypatch.setattr(comeback, "last", lambda conn: None)
    with at_the_keyboard(made) as here, pytest.raises(AssertionError, match="is lost; commands:"):
        believe(here)
