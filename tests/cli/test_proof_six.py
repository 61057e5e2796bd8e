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
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, ClassVar
from zlib import adler32

import click
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from catalog.db import comeback, releasing
from catalog.retention import may_go
from ddm.cli.program import NOUNS
from ddm.operations import discarding
from ddm.steps import lastlook
from tests.cli import commands
from tests.cli.cheap import commands_are_cheap
from tests.cli.period import Period, Time, own_time
from tests.cli.starts import STARTS, Starts, harm

discarding_discard = discarding.discard

QUICK = settings(
    max_examples=5,
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
            "JOIN file g ON g.id = p.output_id JOIN directory o ON o.id = g.directory_id "
            "JOIN cross_check c ON c.task_id = p.task_id AND c.run = p.run AND c.product = p.product "
            "WHERE c.state IN ('PASSED', 'WAIVED')"
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

    def strength(self, lfn: str) -> set[str]:
        """The file, and all that was made from it and checked, or waived by a person."""
        found = {lfn}
        while more := {one for each in found for one in self.merged.get(each, ())} - found:
            found |= more
        return found

    def safe(self) -> set[str]:
        """Files that have good bytes somewhere."""
        return {copy.lfn for copy in self.good}


class Lost(BaseException):
    """A loss that was searched for: nothing goes on, and nobody tries to shrink it."""


class Operator(RuleBasedStateMachine):
    """Somebody at the keyboard, and a storage that does as it likes."""

    starts: Starts
    searched = False
    """A loss is what is wanted: stop there."""
    only: tuple[str, ...] = tuple(STARTS)
    counted: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.harmed: set[tuple[str, str]] = set()  # (endpoint, path) that a storage lost or spoiled
        self.told: list[str] = []
        type(self).counted["examples"] += 1

    def teardown(self) -> None:
        shutil.rmtree(self.starts.here, ignore_errors=True)

    @initialize(number=st.integers(0, 59), store=st.sampled_from(("tape", "tape", "disk", "disk2")))
    def begin(self, number: int, store: str) -> None:
        self.open(self.only[number % len(self.only)], store)

    def open(self, start: str, store: str) -> None:
        """``store``: the only one that harms what it has."""
        self.store = store
        self.place = self.starts.begin(start)
        self.told.append(f"({start})")
        self.seen = Looked(self.place)

    # ----------------------------------------------------------------------- the operator
    @rule(words=commands.releasing() | commands.believed() | commands.any_command(), flow=st.booleans())
    def one_command(self, words: list[str], flow: bool) -> None:
        self.give(*words)
        self.flow(int(flow))

    @rule(number=st.integers(0, 99), wait=st.sampled_from((0, 15, 15)))
    def discard(self, number: int, wait: int) -> None:
        """One of the copies that there are, and often its grace time passes."""
        there = [copy for copy in self.seen.copies if copy.state in ("AVAILABLE", "BAD")]
        if there:
            copy = sorted(there, key=lambda one: (one.role, one.lfn, one.endpoint))[number % len(there)]
            self.add(copy.lfn, copy.endpoint)
        if wait:
            self.flow_goes(wait)

    def add(self, lfn: str, endpoint: str) -> None:
        self.give("trash", "add", lfn, "--endpoint", endpoint, "--reason", "not wanted", "--yes")

    @rule(ground=st.sampled_from(("merged", "on-tape")))
    def work_off(self, ground: str) -> None:
        """Plan, and work the plan off."""
        self.give("trash", "plan", "--ground", ground)
        newest = self.place.sql("SELECT coalesce(max(id), 1) FROM removal")[0][0]
        self.give("trash", "empty", "--plan", str(newest), "--yes")

    @rule(days=st.sampled_from((3, 15, 15, 400)))
    def flow_goes(self, days: int) -> None:
        """After fifteen days whatever is in the trash is due."""
        self.time_passes(days)
        self.flow(2)

    @rule(days=st.sampled_from((0.1, 1, 3, 15)))
    def time_passes(self, days: float) -> None:
        Time.jump(timedelta(days=days))

    def flow(self, times: int) -> None:
        for _ in range(times):
            self.give("flow", "once")

    # ------------------------------------------------------------------------ the storage
    @rule(number=st.integers(0, 99), lost=st.booleans(), known=st.sampled_from((True, True, False)))
    def storage_harms(self, number: int, lost: bool, known: bool) -> None:
        """It loses a file, or spoils it without a word; a person may find out at once."""
        there = sorted({copy.lfn for copy in self.seen.good if copy.endpoint == self.store})
        if there:
            lfn = there[number % len(there)]
            self.harms(lfn, self.store, lost=lost, told=known)
            if known:
                self.give("file", "compare", lfn, "--reason", "a reader complained")
                self.flow(1)

    def harms(self, lfn: str, endpoint: str, *, lost: bool, told: bool) -> None:
        found = [copy for copy in self.seen.good if (copy.lfn, copy.endpoint) == (lfn, endpoint)]
        for copy in found:
            harm(self.place, endpoint, copy.path, lost=lost, told=told)
            self.harmed.add((copy.endpoint, copy.path))
        self.seen = Looked(self.place)

    # ------------------------------------------------------------------------ the promise
    def give(self, *words: str) -> None:
        assert "--i-accept-data-loss" not in words
        new = f"new-{len(self.told)}"
        self.told.append(" ".join(words))
        answer = self.place.run(*(word.format(root=self.place.root, new=new) for word in words))
        type(self).counted["commands"] += 1
        type(self).counted["refused"] += answer.exit_code != 0
        assert answer.exit_code != 1 or "this should not happen" not in answer.stderr, answer.stderr
        before, self.seen = self.seen, Looked(self.place)
        self.look(before, self.seen)

    def look(self, before: Looked, after: Looked) -> None:
        """Whose last good bytes the command took, and on what strength."""
        for lfn in sorted(before.safe() - after.safe()):
            strength = before.strength(lfn) | after.strength(lfn)
            left = [
                copy
                for copy in after.copies
                if copy.lfn in strength
                and copy.state == "AVAILABLE"
                and (copy in after.good or (copy.endpoint, copy.path) in self.harmed)
            ]
            text = f"{lfn} is lost; commands:\n" + "\n".join(self.told)
            if not left and self.searched:
                raise Lost(text)
            assert left, text


@pytest.fixture(scope="module")
def starts(made: Period, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starts]:
    with own_time(), commands_are_cheap():
        yield Starts(made, tmp_path_factory.mktemp("proof"))


def operator(starts: Starts, *, searched: bool = False, only: Sequence[str] = ()) -> type[Operator]:
    body = {"starts": starts, "searched": searched, "counted": Counter(), "only": tuple(only or STARTS)}
    return type("OperatorHere", (Operator,), body)


def leaves(name: str, command: click.Command) -> Iterator[str]:
    """The command, or of a group all that are in it."""
    verbs = command.commands if isinstance(command, click.Group) else {}
    yield from (one for verb, part in verbs.items() for one in leaves(f"{name} {verb}", part))
    if not verbs:
        yield name


def test_every_command_is_among_those_that_are_tried():
    """A new command must be added to ``tests.cli.commands``, or be named there with the reason why not."""
    tree = {name for noun, (module, _) in NOUNS.items() for name in leaves(noun, import_module(module).cli)}
    assert set(commands.COMMANDS) | set(commands.UNTRIED) == tree
    assert not set(commands.COMMANDS) & set(commands.UNTRIED)
    assert all(commands.UNTRIED.values())


def test_no_sequence_of_commands_removes_the_last_copy(starts):
    run_state_machine_as_test(operator(starts), settings=QUICK)


@pytest.mark.nightly
@pytest.mark.timeout(0)
def test_no_sequence_of_commands_removes_the_last_copy_however_long_one_tries(starts):
    longer = settings(QUICK, max_examples=400, stateful_step_count=40, derandomize=False)
    here = operator(starts)
    run_state_machine_as_test(here, settings=longer)
    print(dict(here.counted))


# ---------------------------------------------------------------------- that it can fail
def unseen(*_: object) -> dict[str, Any]:
    """Nobody looks at the bytes before they go: that look would hide what the rules no longer forbid."""
    return {}


def no_rule() -> dict[str, Any]:
    return {"target": releasing, "name": "may_go", "value": lambda facts: may_go(facts, ())}


def asked_once() -> dict[str, Any]:
    def asked(conn, replicas, rules, why, *, lock=True):
        return releasing.Asked(tuple(replicas))

    return {"target": releasing, "name": "ask_again", "value": asked}


def loss_for_all() -> dict[str, Any]:
    """Whoever asks for a copy to go has accepted its loss."""

    def discard(catalog, settings, lfns, endpoint, reason, *, act, accept_loss=False, typed=None):
        return discarding_discard(
            catalog, settings, lfns, endpoint, reason, act=act, accept_loss=True, typed=len(lfns)
        )

    return {"target": discarding, "name": "discard", "value": discard}


BREAKS = {
    "no rule": (no_rule(), "released"),
    "asked once": (asked_once(), "released"),
    "loss": (loss_for_all(), "released"),
}
"""What is broken, and the start where it matters."""
QUICKLY = ("no rule",)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICKLY else [pytest.mark.nightly]) for name in BREAKS]
)
def test_what_is_broken_is_found_by_search(starts, monkeypatch, name):
    broken, start = BREAKS[name]
    monkeypatch.setattr(**broken)
    monkeypatch.setattr(lastlook, "against", unseen)
    here = operator(starts, searched=True, only=[start])
    with pytest.raises(Lost, match="is lost; commands:"):
        run_state_machine_as_test(here, settings=settings(QUICK, max_examples=150))


@contextmanager
def at_the_keyboard(starts: Starts, start: str = "in_trash") -> Iterator[Operator]:
    """An operator who does as the test says."""
    here = operator(starts)()
    here.open(start, "tape")
    try:
        yield here
    finally:
        here.teardown()


def test_a_program_that_asks_only_once_is_caught(starts, monkeypatch):
    """The archive is lost while the chunks wait in the trash: at the removal everything is asked again."""

    def lose_the_archive(here: Operator) -> None:
        for endpoint in ("tape", "disk"):
            here.harms(commands.MERGED[0], endpoint, lost=True, told=True)
        here.give("file", "compare", commands.MERGED[0], "--reason", "a reader complained")
        here.give("flow", "once")
        here.time_passes(15)
        here.flow(2)

    with at_the_keyboard(starts) as here:
        lose_the_archive(here)
        assert commands.CHUNKS[0] in Looked(here.place).safe()

    monkeypatch.setattr(**asked_once())
    with at_the_keyboard(starts) as here, pytest.raises(AssertionError, match="is lost; commands:"):
        lose_the_archive(here)


def test_a_program_that_believes_an_old_backup_is_caught(starts, monkeypatch):
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

    with at_the_keyboard(starts) as here:
        believe(here)
        assert lfn in Looked(here.place).safe()
    monkeypatch.setattr(comeback, "last", lambda conn: None)
    monkeypatch.setattr(lastlook, "against", unseen)
    with at_the_keyboard(starts) as here, pytest.raises(AssertionError, match="is lost; commands:"):
        believe(here)
