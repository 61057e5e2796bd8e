"""What releasing promises: nothing goes but through its door, and the facts are what the tables say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from catalog.db import certificates, freezes, going, holds, people, releasing, schema, schema_checks
from catalog.db.engine import Catalog
from catalog.db.going import Rules, Terms, Wish
from catalog.db.holds import Kept
from catalog.db.move import Why
from catalog.evidence import Grade, Wanted
from catalog.prefixes import Prefixes
from catalog.retention import Acceptance, Allowed, Ground, Paper, Refused, may_go, seal_of
from catalog.states import (
    CheckState,
    GroupState,
    HoldScope,
    JobState,
    LeaseState,
    Locality,
    PinState,
    ReplicaState,
    RequestKind,
    Role,
    Witness,
)
from catalog.testing.builders import Archived, Situation

DAY = timedelta(days=1)
PREFIXES = {"disk": "root://eos.example/", "tape": "root://cta.example/", "web": "https://eos.example"}
RULES = Rules({"mDST": Terms(grace=timedelta(0), release=True)}, Prefixes(PREFIXES))
MERGED = Wish(Ground.MERGED)
NOT_AVAILABLE = [state for state in ReplicaState if state is not ReplicaState.AVAILABLE]
Spoil = Callable[[Situation, Archived], Any]


def _waived(here: Situation, all_well: Archived, *, void: bool) -> None:
    here.set(schema.check, all_well.check, state=CheckState.WAIVED.value)
    here.row(
        schema_checks.waiver, check_id=all_well.check, differences="[]", made_by="anna", reason="known",
        made_at=here.now, looked_at=here.now, void_at=here.now if void else None,
    )  # fmt: skip


def _hold(here: Situation, all_well: Archived) -> None:
    kept = Kept(HoldScope.FILES, (all_well.member,))
    holds.add(here.conn, kept, None, Why(here.now, "anna", "for a thesis"))


def _freeze(here: Situation, all_well: Archived) -> None:
    freezes.lay(here.conn, "disk", None, Why(here.now, "anna", "a storm"))


def _copied(here: Situation, all_well: Archived) -> None:
    """The copy is read by a copy to another place."""
    other = here.row(schema.endpoint, name="other", kind="disk")
    item = here.item(here.replica(all_well.member, other, ReplicaState.COPYING), RequestKind.COPY)
    here.set(schema.item, item, source_id=all_well.replica)


def _namesake(here: Situation, all_well: Archived, endpoint: str) -> None:
    """Another file is registered at the same place, by this endpoint's name."""
    known = here.conn.execute(select(schema.endpoint.c.id).where(schema.endpoint.c.name == endpoint)).scalar()
    place = known or here.row(schema.endpoint, name=endpoint, kind="disk")
    twin = here.replica(here.file(Role.FINAL), place)
    here.set(schema.replica, twin, path=here.get(schema.replica, all_well.replica).path)


def _retired_namesake(here: Situation, all_well: Archived) -> None:
    """A file that was replaced had the same name, and its bytes lie where the name says."""
    here.set(schema.replica, all_well.replica, path=None)
    file = here.get(schema.file, all_well.member)
    here.set(schema.file, all_well.member, retired_at=here.now)
    again = here.file(Role.INTERMEDIATE, product="mDST")
    here.set(schema.file, again, name=file.name, directory_id=file.directory_id)
    here.set(schema.replica, here.replica(again, here.disk), path=None)


def _none_parents(here: Situation, all_well: Archived) -> None:
    here.conn.execute(schema.parent.delete().where(schema.parent.c.file_id == all_well.output))


def _no_events(here: Situation, all_well: Archived) -> None:
    table = schema.event_count
    here.conn.execute(table.delete().where(table.c.file_id == all_well.output))


def _fewer_events(here: Situation, all_well: Archived) -> None:
    table = schema.event_count
    here.conn.execute(table.update().where(table.c.file_id == all_well.output).values(n_events=9))


def _no_evidence(here: Situation, all_well: Archived) -> None:
    """As after a doubt: what was seen before does not count."""
    here.set(schema.replica, all_well.tape, since=here.now + DAY)


SPOILED: dict[str, tuple[str, Spoil]] = {
    "a raw file": ("role", lambda here, it: here.set(schema.file, it.member, role="raw")),
    "a final file": ("role", lambda here, it: here.set(schema.file, it.member, role="final")),
    "on tape": ("disk", lambda here, it: here.set(schema.replica, it.replica, endpoint_id=here.tape)),
    "no size": ("numbers", lambda here, it: here.set(schema.file, it.member, size=None)),
    "a lease": ("leases", lambda here, it: here.lease(it.replica)),
    "a lease in use": ("leases", lambda here, it: here.lease(it.replica, LeaseState.ACTIVE)),
    "a pin": ("pins", lambda here, it: here.pin(it.replica)),
    "a pin that goes": ("pins", lambda here, it: here.pin(it.replica, PinState.RELEASING)),
    "copied from": ("requests", _copied),
    "recalled": ("requests", lambda here, it: here.item(it.replica)),
    "a hold": ("hold", _hold),
    "a freeze": ("freeze", _freeze),
    "a namesake": ("namesakes", lambda here, it: _namesake(here, it, "disk")),
    "a namesake by another name": ("namesakes", lambda here, it: _namesake(here, it, "web")),
    "a retired namesake": ("namesakes", _retired_namesake),
    "another product is not archived": (
        "siblings",
        lambda here, it: here.group([here.file(Role.INTERMEDIATE)], GroupState.MERGING, product="hist"),
    ),
    "planned otherwise": ("members", lambda here, it: here.set(schema.group, it.group, expected_size=7)),
    "made of something else": ("members", _none_parents),
    "a pending check": ("check", lambda here, it: here.set(schema.check, it.check, state="PENDING")),
    "a failed check": ("check", lambda here, it: here.set(schema.check, it.check, state="FAILED")),
    "a void waiver": ("waiver", lambda here, it: _waived(here, it, void=True)),
    "no count": ("counts", _no_events),
    "an event less": ("counts", _fewer_events),
    "a raw chunk without a file": ("gaps", lambda here, it: here.file()),
    "no merged file": ("output", lambda here, it: here.set(schema.group, it.group, output_id=None)),
    "no evidence": ("evidence", _no_evidence),
    "seen once": ("settled", lambda here, it: here.set(schema.replica, it.tape, since=here.now - DAY)),
    "another checksum on tape": ("agreement", lambda here, it: here.set(schema.file, it.output, adler32=99)),
}


@contextmanager
def counted(catalog: Catalog) -> Iterator[list[str]]:
    """The statements that are made within."""
    asked: list[str] = []

    def look(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(catalog.engine, "before_cursor_execute", look)
    try:
        yield asked
    finally:
        event.remove(catalog.engine, "before_cursor_execute", look)


class ReleaseRules:
    """The door, the two askings, and the facts behind them, one by one."""

    # ------------------------------------------------------------------ facts
    @staticmethod
    def verdict(here: Situation, all_well: Archived, wish: Wish | None = MERGED) -> Allowed | Refused:
        found = going.facts(here.conn, [all_well.replica], wish, RULES, here.why)
        return may_go(found[all_well.replica])

    def test_it_may_go_when_all_is_well(self, here: Situation) -> None:
        verdict = self.verdict(here, here.archived())
        assert isinstance(verdict, Allowed), verdict

    @pytest.mark.parametrize("what", SPOILED)
    def test_what_the_tables_say_speaks_against_it(self, here: Situation, what: str) -> None:
        all_well = here.archived()
        guard, spoil = SPOILED[what]
        spoil(here, all_well)
        verdict = self.verdict(here, all_well)
        assert isinstance(verdict, Refused)
        assert guard in verdict.guards, verdict

    @pytest.mark.parametrize("state", JobState)
    def test_jobs_that_still_want_it_are_counted(self, here: Situation, state: JobState) -> None:
        all_well = here.archived()
        here.job([all_well.member], state)
        verdict = self.verdict(here, all_well)
        over = state in (JobState.DONE, JobState.CANCELED)
        assert isinstance(verdict, Allowed) if over else verdict.guards == ("jobs",)  # type: ignore[union-attr]

    @pytest.mark.parametrize("state", NOT_AVAILABLE)
    def test_only_available_copies_go(self, here: Situation, state: ReplicaState) -> None:
        all_well = here.archived()
        here.set(schema.replica, all_well.replica, state=state.value)
        verdict = self.verdict(here, all_well)
        assert isinstance(verdict, Refused)
        assert verdict.guards == ("state",)

    @pytest.mark.parametrize("state", NOT_AVAILABLE)
    def test_the_copy_on_tape_must_be_available(self, here: Situation, state: ReplicaState) -> None:
        all_well = here.archived()
        here.set(schema.replica, all_well.tape, state=state.value)
        verdict = self.verdict(here, all_well)
        assert isinstance(verdict, Refused)
        assert "tape" in verdict.guards

    @pytest.mark.parametrize("state", [state for state in GroupState if state is not GroupState.VOID])
    def test_only_archived_merges_let_their_inputs_go(self, here: Situation, state: GroupState) -> None:
        all_well = here.archived()
        here.set(schema.group, all_well.group, state=state.value)
        verdict = self.verdict(here, all_well)
        if state in (GroupState.ARCHIVED, GroupState.CLEANED):
            assert isinstance(verdict, Allowed)
        else:
            assert isinstance(verdict, Refused)
            assert verdict.guards == ("archived",)

    def test_a_waiver_in_force_lets_counts_differ(self, here: Situation) -> None:
        all_well = here.archived()
        _fewer_events(here, all_well)
        _waived(here, all_well, void=False)
        assert isinstance(self.verdict(here, all_well), Allowed)

    def test_a_registered_gap_lets_a_chunk_be_missing(self, here: Situation) -> None:
        all_well = here.archived()
        chunk = here.file()
        assert isinstance(self.verdict(here, all_well), Refused)
        here.gap(chunk)
        assert isinstance(self.verdict(here, all_well), Allowed)

    def test_zero_events_count_only_if_somebody_read_the_file(self, here: Situation) -> None:
        all_well = here.archived()
        table = schema.event_count
        here.conn.execute(table.update().values(n_events=0))
        assert isinstance(self.verdict(here, all_well), Allowed)
        here.conn.execute(table.update().values(witness=Witness.JOB.value))
        verdict = self.verdict(here, all_well)
        assert isinstance(verdict, Refused)
        assert verdict.guards == ("counts",)

    # ------------------------------------------------------------------ other grounds
    def test_a_copy_on_disk_of_what_is_on_tape(self, here: Situation) -> None:
        all_well = here.archived()
        copy = here.replica(all_well.output, here.disk)
        found = going.facts(here.conn, [copy], Wish(Ground.ON_TAPE), RULES, here.why)
        assert isinstance(may_go(found[copy]), Allowed)
        here.set(schema.check, all_well.check, state=CheckState.FAILED.value)
        found = going.facts(here.conn, [copy], Wish(Ground.ON_TAPE), RULES, here.why)
        verdict = may_go(found[copy])
        assert isinstance(verdict, Refused)
        assert verdict.guards == ("origin",)

    @pytest.mark.parametrize("ground", [Ground.SPARE, Ground.BAD])
    def test_a_spare_or_bad_copy_needs_a_good_one_in_reach(self, here: Situation, ground: Ground) -> None:
        file, other = here.file(), here.row(schema.endpoint, name="web", kind="disk")
        state = ReplicaState.AVAILABLE if ground is Ground.SPARE else ReplicaState.BAD
        copy, good = here.replica(file, here.disk, state), here.replica(file, other)
        here.set(schema.replica, good, path="/elsewhere")
        asked = Wish(ground, "anna", "two are enough")

        def verdict() -> Allowed | Refused:
            return may_go(going.facts(here.conn, [copy], asked, RULES, here.why)[copy])

        assert isinstance(verdict(), Allowed)
        here.set(schema.replica, good, locality=Locality.UNAVAILABLE.value)
        assert isinstance(verdict(), Refused)
        here.set(schema.replica, good, locality=Locality.ONLINE.value, verified_at=here.now - 30 * DAY)
        assert isinstance(verdict(), Refused)

    @pytest.mark.parametrize("ground", [Ground.SPARE, Ground.BAD])
    def test_where_bytes_must_have_been_read_the_word_of_a_service_lets_nothing_go(
        self, here: Situation, ground: Ground
    ) -> None:
        file, other = here.file(), here.row(schema.endpoint, name="web", kind="disk")
        state = ReplicaState.AVAILABLE if ground is Ground.SPARE else ReplicaState.BAD
        copy, good = here.replica(file, here.disk, state), here.replica(file, other)
        here.set(schema.replica, good, path="/elsewhere", verified_how="service")
        asked = Wish(ground, "anna", "two are enough")
        rules = Rules({"raw": Terms(wanted=Wanted(Grade.C))}, Prefixes(PREFIXES))

        def verdict(rules: Rules = rules) -> Allowed | Refused:
            return may_go(going.facts(here.conn, [copy], asked, rules, here.why)[copy])

        assert isinstance(verdict(RULES), Allowed), "of grade b a service may tell"
        assert isinstance(verdict(), Refused)
        here.set(schema.replica, good, read_at=here.now - 30 * DAY)
        assert isinstance(verdict(), Refused), "it was read too long ago"
        here.set(schema.replica, good, read_at=here.now - DAY)
        assert isinstance(verdict(), Allowed)
        here.set(schema.replica, good, read_at=None, verified_how="read")
        assert isinstance(verdict(), Allowed), "it was read when it was compared"

    def test_a_bad_copy_names_the_one_that_must_be_seen_when_it_goes(self, here: Situation) -> None:
        file, other = here.file(), here.row(schema.endpoint, name="web", kind="disk")
        copy, good = here.replica(file, here.disk, ReplicaState.BAD), here.replica(file, other)
        here.set(schema.replica, good, path="/elsewhere")
        rules = Rules({"raw": Terms(grace=timedelta(0))}, Prefixes(PREFIXES))
        done = releasing.withdraw(here.conn, [copy], Wish(Ground.BAD, "anna", "bad"), rules, here.why)
        assert done.replicas == (copy,)
        asked = releasing.ask_again(here.conn, [copy], rules, here.why)
        assert [one.replica_id for one in asked.stays[copy]] == [good]
        assert copy not in asked.registered, "nobody says which bytes a bad copy has"

    def test_the_last_copy_of_a_raw_chunk_needs_a_gap(self, here: Situation) -> None:
        file = here.file()
        copy = here.replica(file, here.tape)
        asked = Wish(Ground.LOSS, "anna", "the tape broke", Acceptance("anna", "the tape broke", 1, 1))
        facts = going.facts(here.conn, [copy], asked, RULES, here.why)
        verdict = may_go(facts[copy])
        assert isinstance(verdict, Refused)
        assert verdict.guards == ("raw",)
        here.gap(file)
        facts = going.facts(here.conn, [copy], asked, RULES, here.why)
        assert isinstance(may_go(facts[copy]), Allowed)

    def test_raw_chunks_are_found_through_everything_between(self, here: Situation) -> None:
        all_well = here.archived()
        raw = here.file()
        here.conn.execute(insert(schema.parent).values(file_id=all_well.member, parent_id=raw))
        here.replica(raw, here.tape)
        asked = Wish(Ground.LOSS, "anna", "why", Acceptance("anna", "why", 1, 1))
        (facts,) = going.facts(here.conn, [all_well.tape], asked, RULES, here.why).values()
        assert [(chunk.kept, chunk.gap) for chunk in facts.raw or ()] == [(True, False)]

    # ------------------------------------------------------------------ the door
    def test_the_door_withdraws_what_may_go_and_says_why_the_rest_stays(self, here: Situation) -> None:
        all_well, other = here.archived(), here.archived(part=1)
        here.job([other.member])
        done = releasing.withdraw(here.conn, [all_well.replica, other.replica, 999], MERGED, RULES, here.why)
        assert done.replicas == (all_well.replica,)
        assert done.refused[other.replica].guards == ("jobs",)
        assert done.busy == (999,)
        assert here.get(schema.replica, all_well.replica).state == ReplicaState.TRASHED
        assert here.get(schema.replica, other.replica).state == ReplicaState.AVAILABLE
        (paper,) = certificates.of_replicas(here.conn, [all_well.replica, other.replica])
        assert (paper.seal, paper.replicas) == (done.papers[0].seal, (all_well.replica,))
        said = json.loads(paper.body)
        assert said["ground"] == "merged"
        assert said["products"][0]["events_in"] == said["products"][0]["events_out"] == 10
        assert f"certificate {paper.seal[:16]}" in here.history("replica", all_well.replica)[-1].reason

    def test_trashable_is_of_archived_groups_of_finished_runs(self, here: Situation) -> None:
        all_well = here.archived()
        assert releasing.trashable(here.conn, "mDST", 9) == {all_well.group: [all_well.replica]}
        assert releasing.trashable(here.conn, "hist", 9) == {}
        assert releasing.trashable(here.conn, "mDST", 9, but=[all_well.group]) == {}
        here.group([here.file(Role.INTERMEDIATE)], GroupState.MERGING, product="hist")
        assert releasing.trashable(here.conn, "mDST", 9) == {}

    # ------------------------------------------------------------------ the second asking
    @staticmethod
    def withdrawn(here: Situation) -> Archived:
        """All is well, and the input is withdrawn."""
        all_well = here.archived()
        done = releasing.withdraw(here.conn, [all_well.replica], MERGED, RULES, here.why)
        assert done.replicas == (all_well.replica,)
        return all_well

    def again(self, here: Situation, all_well: Archived) -> tuple[str, ...]:
        """The guards that speak against its removal."""
        asked = releasing.ask_again(here.conn, [all_well.replica], RULES, here.why)
        assert not asked.busy
        return () if asked.allowed else asked.refused[all_well.replica].guards

    def test_due_when_withdrawn_and_nothing_is_asked_for_yet(self, here: Situation) -> None:
        all_well = self.withdrawn(here)
        assert releasing.due(here.conn, here.now, 9) == [all_well.replica]
        assert releasing.due(here.conn, here.now - DAY, 9) == []
        assert releasing.due(here.conn, here.now - DAY, 9, early=True) == [all_well.replica]
        assert self.again(here, all_well) == ()
        here.item(all_well.replica, RequestKind.REMOVE)
        assert releasing.due(here.conn, here.now, 9) == []
        assert self.again(here, all_well) == ()

    def test_due_not_without_a_certificate(self, here: Situation) -> None:
        all_well = here.archived()
        here.set(schema.replica, all_well.replica, state=ReplicaState.TRASHED.value)
        assert releasing.due(here.conn, here.now, 9) == []
        assert self.again(here, all_well) == ("certificate",)

    @pytest.mark.parametrize("state", ReplicaState)
    def test_only_withdrawn_copies_are_removed(self, here: Situation, state: ReplicaState) -> None:
        all_well = self.withdrawn(here)
        here.set(schema.replica, all_well.replica, state=state.value)
        going_ = state in (ReplicaState.TRASHED, ReplicaState.DELETING)
        assert self.again(here, all_well) == (() if going_ else ("state",))

    @pytest.mark.parametrize("what", SPOILED)
    def test_whatever_changed_since_then_speaks_against_the_removal(self, here: Situation, what: str) -> None:
        all_well = self.withdrawn(here)
        guard, spoil = SPOILED[what]
        spoil(here, all_well)
        assert guard in self.again(here, all_well)

    def test_not_before_the_grace_time_is_over_nor_on_old_evidence(self, here: Situation) -> None:
        all_well = self.withdrawn(here)
        slow = Rules({"mDST": Terms(grace=DAY, release=True)}, RULES.prefixes)
        asked = releasing.ask_again(here.conn, [all_well.replica], slow, here.why)
        assert asked.refused[all_well.replica].guards == ("grace",)
        assert asked.early == {all_well.replica: here.now + DAY}
        later = Why(here.now + 8 * DAY, "tester")
        asked = releasing.ask_again(here.conn, [all_well.replica], slow, later)
        assert asked.refused[all_well.replica].guards == ("fresh",)
        here.evidence(all_well.tape, 2 * DAY, timedelta(0))

    def test_a_paper_that_was_changed_lets_nothing_go(self, here: Situation) -> None:
        all_well = self.withdrawn(here)
        (paper,) = certificates.of_replicas(here.conn, [all_well.replica])
        here.set(schema.certificate, paper.id, body=paper.body.replace("merged", "merged "))
        assert self.again(here, all_well) == ("certificate",)

    def test_members_that_changed_since_the_paper_let_nothing_go(self, here: Situation) -> None:
        all_well = self.withdrawn(here)
        table = schema.event_count
        here.conn.execute(table.update().values(n_events=11))
        assert self.again(here, all_well) == ("certificate",)

    def test_a_restored_copy_goes_only_under_a_new_paper(self, here: Situation) -> None:
        all_well = self.withdrawn(here)
        people.restore(here.conn, [all_well.member], here.why)
        here.set(schema.replica, all_well.replica, state=ReplicaState.TRASHED.value)
        assert self.again(here, all_well) == ("certificate",)
        here.set(schema.replica, all_well.replica, state=ReplicaState.AVAILABLE.value)
        later = Why(here.now + DAY, "tester")
        releasing.withdraw(here.conn, [all_well.replica], MERGED, RULES, later)
        (paper,) = certificates.of_replicas(here.conn, [all_well.replica])
        assert paper.issued_at == later.at
        assert self.again(here, all_well) == ("grace",)  # not by the clock of the first one

    def test_papers_of_version_1_are_papers_still(self, here: Situation) -> None:
        all_well = here.archived()
        here.set(schema.replica, all_well.replica, state=ReplicaState.TRASHED.value)
        member, output = here.get(schema.file, all_well.member), here.get(schema.file, all_well.output)
        rows = here.conn.execute(select(schema.file.c.id, schema.lfn())).all()
        names = {row[0]: row[1] for row in rows}
        body = json.dumps(
            {
                "version": 1,
                "product": {
                    "group_id": all_well.group,
                    "lfn": names[output.id],
                    "size": output.size,
                    "adler32": output.adler32,
                },
                "replicas": [
                    {
                        "replica_id": all_well.replica,
                        "lfn": names[member.id],
                        "size": member.size,
                        "adler32": member.adler32,
                    }
                ],
            }
        )
        certificates.certify(here.conn, [Paper(seal_of(body), body, (all_well.replica,))], here.why)
        assert self.again(here, all_well) == ()
        here.set(schema.file, all_well.output, size=5)
        assert "certificate" in self.again(here, all_well)

    # ------------------------------------------------------------------ many at once
    def test_the_number_of_statements_does_not_depend_on_the_number_of_copies(
        self, here: Situation, catalog: Catalog
    ) -> None:
        few = [here.archived(part=part).replica for part in range(2)]
        more = [here.archived(part=part).replica for part in range(2, 12)]

        def statements(replicas: list[int], wish: Wish | None) -> int:
            with counted(catalog) as asked:
                going.facts(here.conn, replicas, wish, RULES, here.why)
            return len(asked)

        assert statements(few, MERGED) == statements(few + more, MERGED) < 30
        releasing.withdraw(here.conn, few + more, MERGED, RULES, here.why)
        assert statements(few, None) == statements(few + more, None) < 30
