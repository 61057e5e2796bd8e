"""The state tables: equal to the design, closed, connected, and strict about deletion."""

from __future__ import annotations

import pytest

from catalog.errors import IllegalTransition
from catalog.states import (
    ASK,
    CAMPAIGN,
    CHECK,
    COMPARISON,
    DATASET,
    GROUP,
    ITEM,
    JOB,
    LEASE,
    MACHINES,
    PIN,
    RANGE,
    REMOVAL,
    REPAIR,
    REPLICA,
    SCAN,
    VERIFICATION,
)

# The tables of the design. "state: event next, event next"; the first line names the starts.
DESIGN = {
    "replica": """
        starts: COPYING UNVERIFIED
        COPYING: landed UNVERIFIED, copy_failed TRASHED
        UNVERIFIED: verified AVAILABLE, verified_in_buffer ARCHIVING, mismatch BAD, missing LOST
        ARCHIVING: on_tape AVAILABLE, missing LOST, mismatch BAD
        AVAILABLE: doubted SUSPECT, missing LOST, mismatch BAD, trashed TRASHED
        SUSPECT: verified AVAILABLE, verified_in_buffer ARCHIVING, mismatch BAD, missing LOST
        BAD: trashed TRASHED
        LOST: found UNVERIFIED, written_off DELETED
        TRASHED: restored UNVERIFIED, removal_sent DELETING
        DELETING: removed DELETED, removal_failed TRASHED
        DELETED:""",
    "item": """
        starts: QUEUED
        QUEUED: claimed SUBMITTING, canceled CANCELED
        SUBMITTING: accepted SUBMITTED, refused_for_now QUEUED, refused HELD, unheard QUEUED
        SUBMITTED: done DONE, failed_for_now QUEUED, failed HELD, overdue HELD, canceled CANCELED
        HELD: resumed QUEUED, given_up FAILED
        DONE:
        FAILED:
        CANCELED:""",
    "job": """
        starts: WAITING
        WAITING: inputs_readable READY, canceled CANCELED
        READY: claimed SUBMITTING, inputs_lapsed WAITING, canceled CANCELED
        SUBMITTING: accepted RUNNING, refused_for_now READY, refused HELD, unheard READY
        RUNNING: ended_well ENDED, ended_badly WAITING, vanished WAITING, exhausted HELD, canceled CANCELED
        ENDED: outputs_registered DONE, manifest_refused HELD
        HELD: resumed WAITING, canceled CANCELED
        DONE: process_again WAITING
        CANCELED:""",
    "group": """
        starts: PLANNED
        PLANNED: job_created MERGING, voided VOID
        MERGING: output_registered MERGED, job_held HELD
        MERGED: counts_agree CHECKED, counts_differ MISMATCHED, revised VOID
        MISMATCHED: merge_again MERGING, waived CHECKED, check_again MERGED, voided VOID
        CHECKED: output_on_tape ARCHIVED, output_within ARCHIVED, output_spoiled HELD
        CHECKED: found_to_differ MISMATCHED, revised VOID
        ARCHIVED: inputs_gone CLEANED, archive_lost CHECKED, found_to_differ MISMATCHED
        HELD: merge_again MERGING, voided VOID
        CLEANED: found_to_differ MISMATCHED, archive_lost CHECKED
        VOID:""",
    "pin": """
        starts: ACTIVE
        ACTIVE: extended ACTIVE, last_reader_left RELEASING, lapsed EXPIRED
        RELEASING: released RELEASED, lapsed EXPIRED
        RELEASED:
        EXPIRED:""",
    "check": """
        starts: PENDING
        PENDING: agree PASSED, differ FAILED
        FAILED: reopened PENDING, waived WAIVED
        PASSED: found_to_differ FAILED, parts_changed PENDING
        WAIVED: found_to_differ FAILED, agree PASSED, parts_changed PENDING""",
    "dataset": """
        starts: OPEN
        OPEN: closed CLOSED
        CLOSED: reopened OPEN""",
    "range": """
        starts: PLANNED
        PLANNED: claimed RUNNING, voided VOID
        RUNNING: finished DONE, given_back PLANNED, fell_silent PLANNED, exhausted HELD, voided VOID
        HELD: resumed PLANNED, voided VOID
        DONE:
        VOID:""",
    "ask": """
        starts: WAITING
        WAITING: answered ANSWERED, given_up GIVEN_UP
        GIVEN_UP: asked_again WAITING
        ANSWERED:""",
    "campaign": """
        starts: FILLING OPEN
        FILLING: filled OPEN, canceled CANCELED
        OPEN: tail_reached TAIL, served DONE, canceled CANCELED, missing_accepted DONE
        TAIL: served DONE, canceled CANCELED, missing_accepted DONE
        DONE: wanted_again OPEN
        CANCELED:""",
    "lease": """
        starts: WANTED
        WANTED: served ACTIVE, released RELEASED, lapsed LAPSED, missed MISSED
        ACTIVE: evicted WANTED, released RELEASED, lapsed LAPSED
        RELEASED:
        LAPSED:
        MISSED:""",
    "removal": """
        starts: PLANNED
        PLANNED: started RUNNING, canceled CANCELED
        RUNNING: finished DONE, braked BRAKED, canceled CANCELED
        BRAKED: resumed RUNNING, canceled CANCELED
        DONE:
        CANCELED:
    """,
    "scan": """
        starts: GOING
        GOING: finished DONE, stopped STOPPED, refused REFUSED, disbelieved REFUSED
        STOPPED: resumed GOING, disbelieved REFUSED
        DONE: disbelieved REFUSED
        REFUSED:
    """,
    "comparison": """
        starts: GOING
        GOING: finished DONE, given_up GIVEN_UP
        DONE:
        GIVEN_UP:
    """,
    "verification": """
        starts: GOING
        GOING: stopped STOPPED, braked BRAKED, finished DONE
        STOPPED: resumed GOING
        BRAKED: released GOING
        DONE:
    """,
    "repair": """
        starts: PLANNED
        PLANNED: signed SIGNED, canceled CANCELED
        SIGNED: signed SIGNED, started RUNNING, canceled CANCELED
        RUNNING: finished DONE, braked BRAKED, canceled CANCELED
        BRAKED: resumed RUNNING, canceled CANCELED
        DONE:
        CANCELED:
    """,
}
each_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.noun)


def as_designed(noun):
    """The design's starts, states and table."""
    lines = [line.split(":") for line in DESIGN[noun].split("\n") if line.strip()]
    starts = tuple(lines[0][1].split())
    table = {}
    for state, ways in lines[1:]:
        for way in filter(str.strip, ways.split(",")):
            event, following = way.split()
            table[state.strip(), event] = following
    return starts, {state.strip() for state, _ in lines[1:]}, table


def reachable(table, starts):
    """The states that can be reached from these."""
    found, fresh = set(), set(starts)
    while fresh:
        found |= fresh
        fresh = {new for (old, _), new in table.items() if old in fresh} - found
    return found


@each_machine
def test_the_table_is_that_of_the_design(machine):
    starts, states, table = as_designed(machine.noun)
    assert tuple(map(str, machine.starts)) == starts
    assert set(map(str, machine.states)) == states
    assert {(str(old), event): str(new) for (old, event), new in machine.table.items()} == table


def test_every_machine_of_the_design_is_documented():
    assert [machine.noun for machine in MACHINES] == list(DESIGN)
    assert MACHINES == (
        REPLICA,
        ITEM,
        JOB,
        GROUP,
        PIN,
        CHECK,
        DATASET,
        RANGE,
        ASK,
        CAMPAIGN,
        LEASE,
        REMOVAL,
        SCAN,
        COMPARISON,
        VERIFICATION,
        REPAIR,
    )


@each_machine
def test_every_state_is_reached_from_a_start(machine):
    assert reachable(machine.table, machine.starts) == set(machine.states)


@each_machine
def test_every_state_that_is_not_an_end_can_reach_one(machine):
    if machine in (DATASET, CHECK):
        # A dataset has no end: it is open or closed, and a person may reopen it. A cross-check has none: a
        # recount of the archive may find years later that it does not hold.
        assert machine.finals == ()
        return
    for state in machine.states:
        assert reachable(machine.table, [state]) & set(machine.finals), f"{state} never ends"


@each_machine
def test_every_state_says_what_it_means(machine):
    assert set(machine.meaning) == set(machine.states)
    assert all(meaning.strip() for meaning in machine.meaning.values())


@each_machine
def test_every_event_is_written_like_a_past_event_and_known_to_its_machine(machine):
    events = {event for _, event in machine.table}
    assert all(event.replace("_", "").islower() and event.isidentifier() for event in events)
    assert machine.by_person <= events


@each_machine
def test_any_other_event_raises_and_changes_nothing(machine):
    before = dict(machine.table)
    events = {event for _, event in machine.table} | {"", "nonsense"}
    for state in machine.states:
        for event in events:
            if (state, event) in before:
                assert machine.next(state, event) == before[state, event]
                continue
            with pytest.raises(IllegalTransition, match=f"{machine.noun} in state {state} has no event"):
                machine.next(state, event)
    assert dict(machine.table) == before


@each_machine
def test_sources_and_events_are_the_table_read_from_both_sides(machine):
    for (old, event), new in machine.table.items():
        assert machine.sources(event)[old] == new
        assert machine.events(old)[event] == new
    with pytest.raises(IllegalTransition, match="no event 'nonsense'"):
        machine.sources("nonsense")


@each_machine
def test_a_state_is_live_or_final(machine):
    assert set(machine.live) | set(machine.finals) == set(machine.states)
    assert not set(machine.live) & set(machine.finals)


def ways_into(machine, state):
    return {(str(old), event) for (old, event), new in machine.table.items() if new == state}


def test_a_replica_is_deleted_only_after_a_sent_removal_or_by_a_person():
    # invariant 2
    assert ways_into(REPLICA, "DELETED") == {("DELETING", "removed"), ("LOST", "written_off")}
    assert ways_into(REPLICA, "DELETING") == {("TRASHED", "removal_sent")}
    assert "written_off" in REPLICA.by_person


def test_a_replica_is_available_only_after_a_comparison():
    # invariant 1
    assert {event for _, event in ways_into(REPLICA, "AVAILABLE")} == {"verified", "on_tape"}
    assert ways_into(REPLICA, "ARCHIVING") == {
        ("UNVERIFIED", "verified_in_buffer"),
        ("SUSPECT", "verified_in_buffer"),
    }


def test_a_group_is_checked_only_by_counts_or_a_person():
    ways = ways_into(GROUP, "CHECKED")
    lost = {("ARCHIVED", "archive_lost"), ("CLEANED", "archive_lost")}  # its counts agreed before
    assert ways == {("MERGED", "counts_agree"), ("MISMATCHED", "waived"), *lost}
    assert "waived" in GROUP.by_person


def test_what_is_held_leaves_only_by_a_person():
    assert set(ITEM.events(ITEM.states.HELD)) <= ITEM.by_person
    assert set(GROUP.events(GROUP.states.HELD)) <= GROUP.by_person
    assert set(GROUP.events(GROUP.states.MISMATCHED)) <= GROUP.by_person
    # a job may also be canceled because nobody needs it any more
    assert set(JOB.events(JOB.states.HELD)) - JOB.by_person == {"canceled"}
