"""Plans of repair as texts: proposed, edited, signed, and all that must not be believed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.db import comparisons
from catalog.errors import BadInput, CatalogBusy, IllegalTransition, NotRegistered, RuleBroken
from catalog.states import (
    RepairOutcome,
    RepairState,
    ReplicaState,
)
from ddm.operations import repairing, repairtext
from ddm.reconcile.kinds import Kind
from ddm.reconcile.plantext import has_signature
from ddm.reconcile.verdicts import Standing
from tests.reconcile.repair_fixtures import (
    DARK,
    _engine_kept,
    begin,
    ground,
    outcomes,
    put,
    schema,
)
from tests.reconcile.repairs import edit, proposed, sign

__all__ = ["_engine_kept", "begin", "ground", "schema"]
K, R, O = Kind, ReplicaState, RepairOutcome  # noqa: E741


# ----------------------------------------------------------------------------------------- text
def test_nothing_is_proposed_for_what_is_not_confirmed_or_nobody_should_touch(ground):
    ground.lose(ground.lfn(0))
    put(ground, DARK)
    found = [
        ground.finding(K.LOST, ground.lfn(0), standing=Standing.SEEN_ONCE),
        ground.finding(K.LOST, ground.lfn(1), standing=Standing.BRAKED),
        ground.stranger(K.DARK, DARK),
        ground.finding(K.DUPLICATE, ground.lfn(2)),
        ground.stranger(K.UNREADABLE, "/eos/unread/x", standing=Standing.SEEN_ONCE),
        ground.stranger(K.DARK, "/eos/not\x1aFFtext"),
        ground.finding(K.IN_FLIGHT, ground.lfn(3)),
    ]
    text = proposed(ground, found)
    assert [line for line in text.splitlines() if line.strip() and not line.startswith("#")] == []
    assert ground.lfn(3) not in text, "what is explained is no difference"
    for told in ("seen once", "too many", "# re-verify\t", "# -\tdisk", "its name is no text"):
        assert told in text, told
    file = ground.plan(found)
    edit(file, "# -\tdisk", "mark-lost\tdisk")
    assert "nothing can be done about it" in str(repairtext.read(ground.app, file).faults[0])
    with pytest.raises(BadInput, match="nothing was signed"):
        sign(ground.app, file)


def test_every_fault_is_told_at_once_with_its_line(ground):
    names = [ground.lfn(number) for number in range(6)]
    for path in names:
        ground.lose(path)
    file = ground.plan([ground.finding(K.LOST, path) for path in names])
    first = next(n for n, line in enumerate(file.read_text().splitlines(), 1) if line.startswith("mark-lost"))
    edit(file, f"mark-lost\tdisk\t{names[0]}", f"trash\tdisk\t{names[0]}")
    edit(file, f"\t{names[1]}\t", f"\t{names[1]}x\t")
    edit(file, f"mark-lost\tdisk\t{names[2]}\t1000", f"mark-lost\tdisk\t{names[2]}\t1001")
    edit(file, f"mark-lost\tdisk\t{names[3]}", f"rm -rf {names[3]}")
    edit(file, "#: comparison\t1", "#: comparison\t2")
    with file.open("a") as stream:
        stream.write(f"mark-lost\tdisk\t{names[0]}\t1000\t-\t1\t# again\n")
        stream.write("mark-lost\tdisk\t/eos/x\t1000\t-\t99\t#\n\0\n")
    with file.open("ab") as stream:
        stream.write(b"\xff\xfe\n")
    found = repairtext.read(ground.app, file)
    told = {fault.line - first: fault.text for fault in found.faults if fault.line >= first}
    assert set(told) == {0, 1, 2, 3, 6, 7, 8, 9}
    assert "no action for lost here; possible: mark-lost, re-verify" in told[0]
    assert f"its path was {names[1]}" in told[1]
    assert "its size was 1000" in told[2]
    assert "is no line of this plan" in told[3]
    assert "lines keep their order" in told[6]
    assert "lines are not added" in told[7]
    assert "not UTF-8" in told[9]
    assert any("comparison" in fault.text for fault in found.faults if fault.line < first)
    before = file.read_bytes()
    with pytest.raises(BadInput):
        repairtext.sign(ground.app, file, found.files)
    assert file.read_bytes() == before


def test_lines_can_be_deleted_commented_and_given_another_possible_action(ground):
    names = [ground.lfn(number) for number in range(4)]
    for path in names:
        ground.lose(path)
    file = ground.plan([ground.finding(K.LOST, path) for path in names])
    text = file.read_text().splitlines(keepends=True)
    text = [line for line in text if names[0] not in line]
    file.write_text("".join(text).replace(f"mark-lost\tdisk\t{names[1]}", f"#mark-lost\tdisk\t{names[1]}"))
    edit(file, f"mark-lost\tdisk\t{names[2]}", f"re-verify\tdisk\t{names[2]}")
    sign(ground.app, file)
    repairing.apply(ground.app, file)
    assert [ground.state(path) for path in names] == [R.AVAILABLE, R.AVAILABLE, R.SUSPECT, R.LOST]


def test_what_was_changed_after_it_was_signed_is_refused_and_can_be_signed_again(ground):
    names = [ground.lfn(number) for number in range(3)]
    for path in names:
        ground.lose(path)
    file = ground.signed([ground.finding(K.LOST, path) for path in names])
    signed = file.read_text()
    line = next(line for line in signed.splitlines(keepends=True) if names[0] in line)
    for changed in (
        signed.replace(line, ""),
        signed.replace("mark-lost", "re-verify", 1),
        signed.replace("# A line", "# A  line", 1),
        signed + "\n",
        signed + line,
        signed.rpartition("#= sha256")[0],
        signed[: signed.index("#= signed")],
    ):
        file.write_text(changed)
        with pytest.raises(BadInput):
            repairing.apply(ground.app, file)
    assert {ground.state(path) for path in names} == {R.AVAILABLE}
    file.write_text(signed.replace(line, ""))
    sign(ground.app, file)
    again = file.read_text()
    assert sum(has_signature(line.encode()) for line in again.splitlines()) == 2
    file.write_text(signed)
    with pytest.raises(BadInput, match="not the text that was signed last"):
        repairing.apply(ground.app, file)
    file.write_text(again)
    assert outcomes(repairing.apply(ground.app, file)) == {"done": 2}
    with pytest.raises(IllegalTransition, match="it is DONE"):
        sign(ground.app, file)
    assert file.read_text() == again, "what was begun can be gone on with"


def test_a_person_types_how_many_files_it_is(begin):
    ground = begin(files=3)
    put(ground, DARK)
    file = ground.plan([ground.stranger(K.DARK, DARK)])
    edit(file, "# trash", "trash")
    with pytest.raises(BadInput, match="known to nobody"):
        repairtext.sign(ground.app, file, None)
    with pytest.raises(BadInput, match="2 was typed, but it is 1 files"):
        repairtext.sign(ground.app, file, 2)
    assert repairtext.sign(ground.app, file, 1).signature is not None


def test_a_plan_of_another_catalogue_is_refused(ground, begin):
    ground.lose(ground.lfn(0))
    file = ground.signed([ground.finding(K.LOST, ground.lfn(0))])
    text = file.read_text()
    ground.world.clock.sleep(timedelta(seconds=1))
    other = begin()
    other.lose(other.lfn(0))
    copied = other.world.settings.root / "copied.txt"
    copied.write_text(text)
    with pytest.raises(NotRegistered, match="no such plan"):
        repairing.apply(other.app, copied)
    other.world.clock.sleep(timedelta(minutes=1))
    other.signed([other.finding(K.LOST, other.lfn(0))])
    with pytest.raises(NotRegistered, match="not plan 1 of this catalogue"):
        repairing.apply(other.app, copied)
    assert other.state(other.lfn(0)) == R.AVAILABLE


def test_what_was_proposed_cannot_be_changed_behind_the_text(ground):
    ground.lose(ground.lfn(0))
    file = ground.plan([ground.finding(K.LOST, ground.lfn(0))])
    kept = ground.world.settings.reconcile.directory / "plan-000001" / repairtext.PROPOSED
    good = kept.read_text()
    for changed in (good.replace(ground.lfn(0), ground.lfn(1)), good + good, good[:-5], ""):
        kept.write_text(changed)
        with pytest.raises((RuleBroken, BadInput)):
            sign(ground.app, file)
    kept.write_text(good)
    sign(ground.app, file)


def test_a_comparison_that_is_not_believed_any_more_is_not_acted_on(ground, monkeypatch):
    ground.lose(ground.lfn(0))
    file = ground.signed([ground.finding(K.LOST, ground.lfn(0))])
    monkeypatch.setattr(
        comparisons, "usable", lambda conn, number: ("scan 3 of disk is not believed: a lie",)
    )
    with pytest.raises(IllegalTransition, match="a lie"):
        repairing.apply(ground.app, file)
    assert ground.state(ground.lfn(0)) == R.AVAILABLE


def test_nobody_else_applies_it_at_the_same_time(ground):
    ground.lose(ground.lfn(0))
    file = ground.signed([ground.finding(K.LOST, ground.lfn(0))])
    with ground.app.catalog.exclusive("repair-1"), pytest.raises(CatalogBusy):
        repairing.apply(ground.app, file)
    assert ground.state(ground.lfn(0)) == R.AVAILABLE


def test_a_plan_that_is_canceled_while_it_runs_stops(ground, monkeypatch):
    names = [ground.lfn(number) for number in range(4)]
    for path in names:
        ground.lose(path)
    file = ground.signed([ground.finding(K.LOST, path) for path in names])
    monkeypatch.setattr(repairing, "AT_ONCE", 2)

    def stop(_: int) -> None:
        repairing.cancel(ground.app.catalog, 1, "stop")

    done = repairing.apply(ground.app, file, stop)
    assert outcomes(done) == {"done": 2, "open": 2}
    assert done.shown.plan.state is RepairState.CANCELED
