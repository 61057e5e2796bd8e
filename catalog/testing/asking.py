"""The questions that drive the flow: each finds what is ready, and nothing that is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog.db import (
    archives,
    campaigns,
    crosschecks,
    groups,
    jobs,
    pins,
    recall_leases,
    recall_wishes,
    recalls,
    redo,
    releasing,
    replicas,
    requests,
    schema,
    witnesses,
)
from catalog.db.campaigns import Campaign, NewCampaign
from catalog.errors import RetentionRefused
from catalog.model import Wish
from catalog.states import (
    CheckState,
    DatasetState,
    EndpointKind,
    GroupState,
    ItemState,
    JobState,
    Locality,
    PinState,
    ReplicaState,
    RequestKind,
    Role,
    Witness,
)
from catalog.testing.builders import RUN, Situation

DAY = timedelta(days=1)
NOT_AVAILABLE = [state for state in ReplicaState if state is not ReplicaState.AVAILABLE]


class Questions:
    """What the questions of ``catalog.db`` promise; names of tests start with the question."""

    # ------------------------------------------------------------------ recall
    @staticmethod
    def on_tape(here: Situation, state: ReplicaState = ReplicaState.AVAILABLE) -> tuple[int, int]:
        file = here.file()
        return file, here.replica(file, here.tape, state)

    @staticmethod
    def campaign(here: Situation) -> Campaign:
        """The campaign of the task, as the flow makes it."""
        new = NewCampaign("task", "tape", "P08", 3, "shift")
        campaigns.of_task(here.conn, here.task, new, here.why)
        found = campaigns.named(here.conn, "task", "tape")
        assert found is not None
        return found

    def wishes(self, here: Situation) -> list[Wish]:
        return recall_wishes.wishes(here.conn, self.campaign(here), here.now, 100)

    def test_wishes_queues_inputs_of_waiting_jobs_once(self, here: Situation) -> None:
        file, replica = self.on_tape(here)
        here.job([file])
        here.job([file])
        (wish,) = self.wishes(here)
        assert (wish.replica_id, wish.dataset_id, wish.run) == (replica, here.dataset, RUN)
        assert recall_leases.ask(here.conn, self.campaign(here), [wish], here.why) == 1
        assert self.wishes(here) == []
        (recall,) = recalls.due(here.conn, "tape", here.now, 100)
        assert (recall.replica_id, recall.tries) == (replica, 0)

    def test_wishes_looks_past_many_jobs_that_want_one_file(self, here: Situation) -> None:
        """Else a window would be filled file by file."""
        crowded, other, last = (self.on_tape(here) for _ in range(3))
        for _ in range(13):
            here.job([crowded[0]])
        here.job([other[0], last[0]])
        campaign = self.campaign(here)
        asked = [recall_wishes.wishes(here.conn, campaign, here.now, limit) for limit in (1, 2, 3, 4)]
        replicas = [crowded[1], other[1], last[1]]
        assert [[wish.replica_id for wish in some] for some in asked] == [
            replicas[:1], replicas[:2], replicas, replicas
        ]  # fmt: skip

    @pytest.mark.parametrize("state", NOT_AVAILABLE)
    def test_wishes_leaves_a_tape_copy_that_is_not_available(
        self, here: Situation, state: ReplicaState
    ) -> None:
        file, _ = self.on_tape(here, state)
        here.job([file])
        assert self.wishes(here) == []

    @pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.WAITING])
    def test_wishes_is_for_waiting_jobs(self, here: Situation, state: JobState) -> None:
        file, _ = self.on_tape(here)
        here.job([file], state)
        assert self.wishes(here) == []

    def test_wishes_leaves_what_is_pinned_on_disk_or_wanted_later(self, here: Situation) -> None:
        (pinned, replica), (on_disk, _), (later, _) = (self.on_tape(here) for _ in range(3))
        here.pin(replica)
        here.replica(on_disk, here.disk)
        here.job([pinned, on_disk])
        here.job([later], next_try_at=here.now + DAY)
        assert self.wishes(here) == []

    def test_wishes_asks_again_when_the_pin_is_gone(self, here: Situation) -> None:
        file, replica = self.on_tape(here)
        here.pin(replica, PinState.EXPIRED)
        here.item(replica, RequestKind.STAGE, ItemState.DONE)
        here.job([file])
        assert len(self.wishes(here)) == 1

    def test_load_counts_pins_and_what_is_on_the_way(self, here: Situation) -> None:
        places = [self.on_tape(here)[1] for _ in range(4)]
        here.pin(places[0])
        here.pin(places[1], PinState.RELEASED)
        here.item(places[2], RequestKind.STAGE, ItemState.SUBMITTED)
        here.item(places[3], RequestKind.STAGE, ItemState.QUEUED)
        load = recalls.load(here.conn, "tape")
        assert (load.asked_files, load.asked_bytes, load.pinned_files, load.pinned_bytes) == (
            1,
            1000,
            1,
            1000,
        )
        assert recalls.due_amount(here.conn, "tape", here.now) == (1, 1000)

    def test_claim_takes_queued_items_under_a_label_and_counts_the_attempt(self, here: Situation) -> None:
        items = [here.item(self.on_tape(here)[1]) for _ in range(2)]
        request, label, mine = requests.claim(here.conn, RequestKind.STAGE, "tape", items, here.why)
        assert sorted(mine) == items
        assert label == f"stage-{request}"
        assert here.get(schema.item, items[0]).attempts == 1
        assert requests.claim(here.conn, RequestKind.STAGE, "tape", items, here.why)[2] == []
        assert requests.unheard(here.conn, here.why) == {}  # recalls are those of who may ask the endpoint
        assert sorted(recalls.unheard(here.conn, "tape", here.why)) == items
        assert len(recalls.due(here.conn, "tape", here.now, 100)) == 2

    # ------------------------------------------------------------------ jobs
    def test_readable_needs_every_input_pinned_on_tape_or_on_disk(self, here: Situation) -> None:
        (one, replica), (other, unpinned) = self.on_tape(here), self.on_tape(here)
        here.pin(replica)
        job, both = here.job([one]), here.job([one, other])
        assert jobs.readable(here.conn, here.now, 100) == [job]
        here.pin(unpinned)
        assert jobs.readable(here.conn, here.now, 100) == [job, both]
        assert [entry.file_id for entry in jobs.inputs(here.conn, [both])[both]] == [one, other]

    def test_inputs_have_every_place_where_they_can_be_read_disks_first(self, here: Situation) -> None:
        file, on_tape = self.on_tape(here)
        other = here.row(schema.endpoint, name="other", kind=EndpointKind.DISK.value)
        lost = here.row(schema.endpoint, name="lost", kind=EndpointKind.DISK.value)
        here.pin(on_tape)
        job = here.job([file])
        (entry,) = jobs.inputs(here.conn, [job])[job]
        assert (entry.endpoint, entry.others) == ("tape", ())
        for endpoint in (here.disk, other):
            here.replica(file, endpoint)
        here.replica(file, lost, ReplicaState.SUSPECT)
        (entry,) = jobs.inputs(here.conn, [job])[job]
        assert {entry.endpoint, entry.others[0][0]} == {"disk", "other"}
        assert [endpoint for endpoint, _ in entry.others[1:]] == ["tape"]
        assert {path for _, path in entry.others} == {entry.path}

    @pytest.mark.parametrize("state", [PinState.RELEASING, PinState.RELEASED, PinState.EXPIRED])
    def test_readable_is_not_a_pin_that_is_going(self, here: Situation, state: PinState) -> None:
        file, replica = self.on_tape(here)
        here.pin(replica, state)
        here.job([file])
        assert jobs.readable(here.conn, here.now, 100, thorough=True) == []

    @pytest.mark.parametrize("state", NOT_AVAILABLE)
    def test_readable_is_not_a_copy_that_is_not_available(self, here: Situation, state: ReplicaState) -> None:
        file, replica = self.on_tape(here, state)
        here.pin(replica)
        job = here.job([file])
        assert jobs.readable(here.conn, here.now, 100, thorough=True) == []
        assert jobs.inputs(here.conn, [job]) == {}

    def test_readable_finds_merges_on_disk_and_thoroughly_any_job(self, here: Situation) -> None:
        member, raw = here.file(Role.INTERMEDIATE), here.file()
        for file in (member, raw):
            here.replica(file, here.disk)
        merge = here.job([member], group=here.group([member], GroupState.MERGING))
        process = here.job([raw])
        assert jobs.readable(here.conn, here.now, 100) == [merge]
        assert jobs.readable(here.conn, here.now, 100, thorough=True) == [merge, process]
        assert jobs.readable(here.conn, here.now - DAY, 100, thorough=True) == []

    def test_lapsed_finds_ready_jobs_whose_pin_is_gone(self, here: Situation) -> None:
        (kept, replica), (gone, _) = self.on_tape(here), self.on_tape(here)
        here.pin(replica)
        here.job([kept], JobState.READY)
        lapsed = here.job([gone], JobState.READY)
        assert jobs.lapsed(here.conn, 100) == [lapsed]

    def test_submittable_is_ready_of_these_tasks_merges_first(self, here: Situation) -> None:
        member = here.file(Role.INTERMEDIATE)
        process = here.job([here.file()], JobState.READY)
        merge = here.job([member], JobState.READY, group=here.group([member], GroupState.MERGING))
        here.job([here.file()], JobState.READY, task=here.new_task("P09"))
        here.job([here.file()], JobState.WAITING)
        assert jobs.submittable(here.conn, [here.task], 100) == [merge, process]
        assert jobs.submittable(here.conn, [here.task], 1) == [merge]
        assert jobs.submittable(here.conn, [here.task], 0) == []

    def test_claim_of_a_job_gives_each_attempt_its_own_label(self, here: Situation) -> None:
        job = here.job([here.file()], JobState.READY)
        assert jobs.claim(here.conn, [job], here.why) == [job]
        assert here.get(schema.job, job).label == f"j{job}a1"
        here.set(schema.job, job, state=JobState.READY.value)
        jobs.claim(here.conn, [job], here.why)
        assert here.get(schema.job, job).label == f"j{job}a2"

    def test_definable_is_raw_without_job_and_without_gap(self, here: Situation) -> None:
        new, used, gap = here.file(), here.file(), here.file()
        here.file(Role.INTERMEDIATE)
        here.job([used])
        here.gap(gap)
        found = jobs.definable(here.conn, here.task, here.dataset, 100)
        assert [file for file, _, _ in found] == [new]
        here.job([new])
        assert jobs.definable(here.conn, here.task, here.dataset, 100) == []

    # ------------------------------------------------------------------ pins
    @pytest.mark.parametrize("state", JobState)
    def test_unneeded_pins_are_those_no_job_needs(self, here: Situation, state: JobState) -> None:
        file, replica = self.on_tape(here)
        pin = here.pin(replica)
        here.job([file], JobState.DONE)
        assert pins.unneeded(here.conn, 100) == [pin]
        here.job([file], state)
        unneeded = state in (JobState.DONE, JobState.CANCELED, JobState.HELD)
        assert pins.unneeded(here.conn, 100) == ([pin] if unneeded else [])

    # ------------------------------------------------------------------ compare
    def test_comparable_is_what_nobody_compared_yet_and_is_due(self, here: Situation) -> None:
        found = {state: here.replica(here.file(), here.tape, state) for state in ReplicaState}
        here.replica(here.file(), here.tape, ReplicaState.UNVERIFIED, next_try_at=here.now + DAY)
        asked = replicas.comparable(here.conn, here.now, 100)
        wanted = (ReplicaState.UNVERIFIED, ReplicaState.ARCHIVING, ReplicaState.SUSPECT)
        assert sorted(entry.id for entry in asked) == sorted(found[state] for state in wanted)

    # ------------------------------------------------------------------ merge
    @staticmethod
    def done(here: Situation, chunks: int, run: int = RUN) -> list[int]:
        """A run with so many processed chunks; returns the jobs."""
        return [here.job([here.file(run=run)], JobState.DONE, run=run) for _ in range(chunks)]

    def test_finished_runs_have_every_chunk_processed_or_in_the_gap_register(self, here: Situation) -> None:
        self.done(here, 2)
        lost = here.file()
        assert groups.finished_runs(here.conn, here.task, here.dataset).get("", []) == []  # no job yet
        here.job([lost], JobState.CANCELED)
        assert groups.finished_runs(here.conn, here.task, here.dataset).get("", []) == []  # not registered
        here.gap(lost)
        assert groups.finished_runs(here.conn, here.task, here.dataset) == {"": [RUN]}

    @pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.DONE])
    def test_finished_runs_have_no_job_left(self, here: Situation, state: JobState) -> None:
        first, *_ = self.done(here, 2)
        here.set(schema.job, first, state=state.value)
        assert groups.finished_runs(here.conn, here.task, here.dataset).get("", []) == []

    def test_finished_runs_are_those_of_a_closed_dataset(self, here: Situation) -> None:
        self.done(here, 1)
        here.set(schema.dataset, here.dataset, state=DatasetState.OPEN.value)
        assert groups.finished_runs(here.conn, here.task, here.dataset) == {}

    def test_finished_runs_say_which_products_are_planned(self, here: Situation) -> None:
        self.done(here, 1)
        here.group([], GroupState.VOID, product="hist")
        here.group([], GroupState.PLANNED)
        assert groups.finished_runs(here.conn, here.task, here.dataset) == {"": [RUN], "mDST": [RUN]}

    def test_a_run_of_gaps_only_has_nothing_to_merge(self, here: Situation) -> None:
        lost = here.file()
        here.job([lost], JobState.CANCELED)
        here.gap(lost)
        assert groups.finished_runs(here.conn, here.task, here.dataset).get("", []) == []

    def test_void_frees_the_members(self, here: Situation) -> None:
        file = here.file(Role.INTERMEDIATE)
        group = here.group([file], GroupState.HELD)
        assert groups.void(here.conn, [group], here.why) == [group]
        here.group([file], GroupState.PLANNED)
        assert groups.void(here.conn, [group], here.why) == []

    # ------------------------------------------------------------------ cross-check
    @staticmethod
    def merged(here: Situation, part: int = 0, state: GroupState = GroupState.MERGED) -> tuple[int, int]:
        """A merged group with its output on disk: (group, replica)."""
        output = here.file(Role.FINAL, product="mDST")
        return here.group([], state, output, part=part), here.replica(output, here.disk)

    def test_checkable_when_every_part_is_merged_and_compared(self, here: Situation) -> None:
        (one, _), (other, copy) = self.merged(here), self.merged(here, 1)
        here.group([], GroupState.VOID, part=2)
        here.set(schema.replica, copy, state=ReplicaState.UNVERIFIED.value)
        assert crosschecks.checkable(here.conn, 100) == []
        here.set(schema.replica, copy, state=ReplicaState.AVAILABLE.value)
        (found,) = crosschecks.checkable(here.conn, 100)
        assert (found.task_id, found.run, found.product) == (here.task, RUN, "mDST")
        assert found.groups == ((one, 0, "MERGED"), (other, 1, "MERGED"))

    @pytest.mark.parametrize("state", [GroupState.PLANNED, GroupState.MERGING])
    def test_checkable_waits_for_the_other_part(self, here: Situation, state: GroupState) -> None:
        self.merged(here)
        self.merged(here, 1, state)
        assert crosschecks.checkable(here.conn, 100) == []

    @pytest.mark.parametrize("state", JobState)
    def test_checkable_waits_for_a_chunk_that_is_made_again(self, here: Situation, state: JobState) -> None:
        self.merged(here)
        here.job([here.file()], state)
        over = state in (JobState.DONE, JobState.CANCELED)
        assert bool(crosschecks.checkable(here.conn, 100)) == over

    @pytest.mark.parametrize("state", [GroupState.HELD, GroupState.MISMATCHED])
    def test_checkable_waits_for_nobody_who_waits_for_a_person(
        self, here: Situation, state: GroupState
    ) -> None:
        (one, _), (other, _) = self.merged(here), self.merged(here, 1, state)
        (found,) = crosschecks.checkable(here.conn, 100)
        assert found.groups == ((one, 0, "MERGED"), (other, 1, state))
        assert set(found.unmerged) == ({other} if state is GroupState.HELD else set())
        here.set(schema.group, one, state=GroupState.CHECKED.value)
        assert crosschecks.checkable(here.conn, 100) == [], "nothing new is merged"

    @pytest.mark.parametrize("state", [ReplicaState.BAD, ReplicaState.LOST])
    def test_checkable_does_not_wait_for_an_output_that_is_spoiled(
        self, here: Situation, state: ReplicaState
    ) -> None:
        self.merged(here)
        other, copy = self.merged(here, 1)
        here.set(schema.replica, copy, state=state.value)
        (found,) = crosschecks.checkable(here.conn, 100)
        assert set(found.unmerged) == {other}

    def test_witnessed_tells_an_unknown_count_from_zero(self, here: Situation) -> None:
        raw, chunk = here.file(), here.file(Role.INTERMEDIATE)
        here.conn.execute(schema.parent.insert().values(file_id=chunk, parent_id=raw))
        here.events(raw, Witness.RAW_CATALOGUE, 0)
        here.events(chunk, Witness.JOB, 0)
        group = here.group([chunk], GroupState.MERGED)
        (found,) = witnesses.witnessed(here.conn, [group])[group]
        assert (found.raw_catalogue, found.raw_read, found.job, found.read) == (0, None, 0, None)

    # ------------------------------------------------------------------ archive
    def test_archivable_is_checked_and_not_on_tape(self, here: Situation) -> None:
        """By its own verdict: what holds another group of the run and product does not hold it."""
        group, source = self.merged(here, state=GroupState.CHECKED)
        check = here.check(CheckState.PENDING)
        for held in (GroupState.MERGED, GroupState.MISMATCHED, GroupState.HELD):
            here.set(schema.group, group, state=held.value)
            assert archives.archivable(here.conn, 100) == []
        here.set(schema.group, group, state=GroupState.CHECKED.value)
        for state in CheckState:
            here.set(schema.check, check, state=state.value)
            (found,) = archives.archivable(here.conn, 100)
            assert (found.group_id, found.source_id) == (group, source)

    def test_archivable_needs_the_groups_own_check(self, here: Situation) -> None:
        self.merged(here, state=GroupState.CHECKED)
        here.check(product="hist")
        here.check(run=RUN + 1)
        assert archives.archivable(here.conn, 100) == []

    @pytest.mark.parametrize("state", [state for state in ReplicaState if state is not ReplicaState.DELETED])
    def test_archivable_is_blocked_by_a_copy_on_tape_whatever_its_state(
        self, here: Situation, state: ReplicaState
    ) -> None:
        group, _ = self.merged(here, state=GroupState.CHECKED)
        here.check()
        here.replica(here.get(schema.group, group).output_id, here.tape, state)
        assert archives.archivable(here.conn, 100) == []

    @pytest.mark.parametrize("state", NOT_AVAILABLE)
    def test_archivable_copies_only_what_was_compared(self, here: Situation, state: ReplicaState) -> None:
        _, source = self.merged(here, state=GroupState.CHECKED)
        here.check()
        here.set(schema.replica, source, state=state.value)
        assert archives.archivable(here.conn, 100) == []

    def test_archivable_tells_a_group_with_several_copies_once(self, here: Situation) -> None:
        """Its replica on tape would be made twice, which no group of the batch would survive."""
        group, source = self.merged(here, state=GroupState.CHECKED)
        here.check()
        other = here.row(schema.endpoint, name="other", kind=EndpointKind.DISK.value)
        here.replica(here.get(schema.group, group).output_id, other)
        found = archives.archivable(here.conn, 100)
        assert [(one.group_id, one.source_id) for one in found] == [(group, source)]

    # ------------------------------------------------------------------ copies out of reach
    @staticmethod
    def carried(here: Situation, file: int) -> int:
        """A good copy at a place that no program reaches: ``ddm carry``."""
        table = schema.endpoint
        known = here.conn.execute(select(table.c.id).where(table.c.name == "hpc")).scalar()
        place = known or here.row(table, name="hpc", kind=EndpointKind.DISK.value)
        copy = here.replica(file, place)
        here.set(schema.replica, copy, locality=Locality.UNAVAILABLE.value)
        return copy

    def test_a_copy_out_of_reach_lets_no_output_go(self, here: Situation) -> None:
        """Only a person could make the output again from it, by carrying it back, if it still is there."""
        member, output = here.file(Role.INTERMEDIATE), here.file(Role.FINAL, product="mDST")
        group = here.group([member], GroupState.MISMATCHED, output)
        good = here.replica(output, here.disk)
        self.carried(here, member)
        with pytest.raises(RetentionRefused, match="not AVAILABLE on disk"):
            redo.merge_again(here.conn, [group], here.why)
        with pytest.raises(RetentionRefused, match="not AVAILABLE on disk"):
            redo.void(here.conn, [group], here.why)
        assert here.get(schema.replica, good).state == ReplicaState.AVAILABLE
        here.replica(member, here.disk)
        assert [one.group_id for one in redo.merge_again(here.conn, [group], here.why)] == [group]

    def test_a_copy_out_of_reach_is_no_source_for_the_tape(self, here: Situation) -> None:
        group, source = self.merged(here, state=GroupState.CHECKED)
        here.check()
        self.carried(here, here.get(schema.group, group).output_id)
        assert [one.source_id for one in archives.archivable(here.conn, 100)] == [source]
        here.set(schema.replica, source, state=ReplicaState.LOST.value)
        assert archives.archivable(here.conn, 100) == []

    def test_a_copy_out_of_reach_is_read_by_no_job(self, here: Situation) -> None:
        file, replica = self.on_tape(here)
        self.carried(here, file)
        job = here.job([file])
        assert jobs.readable(here.conn, here.now, 100) == []
        assert [wish.replica_id for wish in self.wishes(here)] == [replica]
        here.pin(replica)
        assert jobs.readable(here.conn, here.now, 100) == [job]
        (found,) = jobs.inputs(here.conn, [job])[job]
        assert (found.endpoint, found.others) == ("tape", ())

    @pytest.mark.parametrize("state", ReplicaState)
    def test_archived_is_available_on_tape_and_a_buffer_is_no_tape(
        self, here: Situation, state: ReplicaState
    ) -> None:
        all_well = here.archived()
        here.set(schema.group, all_well.group, state=GroupState.CHECKED.value)
        here.set(schema.replica, all_well.tape, state=state.value)
        good = state is ReplicaState.AVAILABLE
        assert archives.archived(here.conn, 100) == ([all_well.group] if good else [])
        here.set(schema.group, all_well.group, state=GroupState.ARCHIVED.value)
        assert archives.unarchived(here.conn, 100) == ([] if good else [all_well.group])

    def test_cleaned_when_no_input_has_a_replica_left(self, here: Situation) -> None:
        all_well = here.archived()
        assert releasing.cleaned(here.conn, 100) == []
        here.set(schema.replica, all_well.replica, state=ReplicaState.DELETED.value)
        assert releasing.cleaned(here.conn, 100) == [all_well.group]
