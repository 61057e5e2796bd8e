"""Recall campaigns: leases of each consumer, one recall for all, and sums that stay right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.db import (
    campaigns,
    pins,
    places,
    recall_leases,
    recall_wishes,
    recalls,
    requests,
    schema,
    schema_recall,
    tally,
    wanted,
)
from catalog.db.campaigns import Campaign, NewCampaign
from catalog.db.move import move
from catalog.errors import ConflictingRegistration, IllegalTransition, NotRegistered
from catalog.model import Recall
from catalog.states import (
    CAMPAIGN,
    ITEM,
    CampaignState,
    ItemState,
    JobState,
    LeaseState,
    PinState,
    ReplicaState,
    RequestKind,
)
from catalog.testing.builders import RUN, Situation

C, L = schema_recall.campaign, schema_recall.lease
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = NewCampaign("filtering", "tape", "P08", 3, "shift", "DDD filtering")


class Recalls:
    """A situation with campaigns that are filled as consumers fill them."""

    def __init__(self, here: Situation) -> None:
        self.here, self.conn, self.why, self.now = here, here.conn, here.why, here.now

    def on_tape(self, files: int = 1, *, run: int = RUN, dataset: int = 0) -> list[int]:
        """Replicas of new files on tape."""
        here = self.here
        return [here.replica(here.file(run=run, dataset=dataset), here.tape) for _ in range(files)]

    def campaign(self, name: str, replicas: Sequence[int], **terms: Any) -> Campaign:
        """A campaign that wants these replicas, in this order, and is open."""
        campaign = campaigns.begin(self.conn, replace(NEW, name=name, **terms), self.why)
        recall_leases.add(self.conn, campaign, replicas, dict.fromkeys(replicas, 1000), self.why)
        move(self.conn, CAMPAIGN, [campaign.id], "filled", self.why)
        return self.again(campaign)

    def again(self, campaign: Campaign) -> Campaign:
        """The campaign as it is now."""
        return campaigns.by_id(self.conn, [campaign.id])[campaign.id]

    def ask(self, campaign: Campaign, files: int = 100) -> int:
        """Give it a share of the window: its first so many wishes."""
        chosen = recall_wishes.wishes(self.conn, campaign, self.now, 100)[:files]
        return recall_leases.ask(self.conn, campaign, chosen, self.why)

    def queued(self) -> list[int]:
        """Replicas whose recall may be asked for, in order."""
        return [recall.replica_id for recall in recalls.due(self.conn, "tape", self.now, 100)]

    def send(self) -> tuple[int, list[Recall]]:
        """Everything that is queued is asked for, and taken on; the request and its recalls."""
        due = recalls.due(self.conn, "tape", self.now, 100)
        ids = [recall.id for recall in due]
        request, _, mine = requests.claim(self.conn, RequestKind.STAGE, "tape", ids, self.why)
        recalls.accepted(self.conn, request, "t1", mine, self.now, self.why)
        return request, due

    def come(self, replicas: Sequence[int]) -> None:
        """The recalls are done: pinned, and served to whoever wants them."""
        items = [
            recall.id
            for request in recalls.polls_due(self.conn, "tape", self.now, 100)
            for recall in recalls.of_request(self.conn, request.id)
            if recall.replica_id in replicas
        ]
        move(self.conn, ITEM, items, "done", self.why)
        pins.pin(self.conn, replicas, "t1", self.now + DAY, self.why)
        recall_leases.serve(self.conn, replicas, self.why)

    def finish(self) -> int:
        """Campaigns that ended, or reached their tail; that there are any was known beforehand."""
        any_there = campaigns.any_finished(self.conn, self.now)
        moved = campaigns.finish(self.conn, self.now, self.why)
        assert any_there == (moved > 0)
        return moved

    def lapse(self, at: datetime) -> list[int]:
        """Replicas whose leases lapsed; that there are any was known beforehand."""
        any_there = pins.ending(self.conn, at).lapsing
        over = recall_leases.lapse(self.conn, at, 100, self.why)
        assert any_there == bool(over)
        return over

    def leases(self, campaign: Campaign) -> list[str]:
        """The states of its leases, in their order."""
        query = L.select().where(L.c.campaign_id == campaign.id).order_by(L.c.id)
        return [row.state for row in self.conn.execute(query)]

    def lease_ids(self, campaign: Campaign) -> list[int]:
        return recall_leases.live_leases(self.conn, campaign.id)

    def pins(self) -> list[str]:
        query = schema.pin.select().order_by(schema.pin.c.id)
        return [row.state for row in self.conn.execute(query)]

    def state(self, campaign: Campaign) -> str:
        return self.again(campaign).state


class RecallRules:
    """What ``catalog.db.campaigns``, ``wanted``, ``pins`` and ``recalls`` promise. After each test the sums
    of ``tally`` are compared with the tables."""

    @pytest.fixture
    def tape(self, here: Situation) -> Iterator[Recalls]:
        yield Recalls(here)
        assert list(tally.check(here.conn)) == []

    # --------------------------------------------------------------------- making a campaign
    def test_begin_is_repeated_until_it_is_filled(self, tape: Recalls) -> None:
        first = campaigns.begin(tape.conn, NEW, tape.why)
        assert campaigns.begin(tape.conn, NEW, tape.why) == first
        assert (first.state, first.files, first.asked_to) == (CampaignState.FILLING, 0, 0)
        assert campaigns.heads(tape.conn, "tape") == []
        move(tape.conn, CAMPAIGN, [first.id], "filled", tape.why)
        with pytest.raises(ConflictingRegistration, match="OPEN at tape"):
            campaigns.begin(tape.conn, NEW, tape.why)

    def test_add_leaves_out_what_it_has_and_counts_what_is_new(self, tape: Recalls) -> None:
        one, other = tape.on_tape(2)
        campaign = campaigns.begin(tape.conn, NEW, tape.why)
        sizes = {one: 1000, other: 1000}
        assert recall_leases.add(tape.conn, campaign, [one, one], sizes, tape.why) == 1
        assert recall_leases.add(tape.conn, campaign, [other, one], sizes, tape.why) == 1
        assert recall_leases.add(tape.conn, campaign, [one, other], sizes, tape.why) == 0
        campaign = tape.again(campaign)
        assert (campaign.files, campaign.size) == (2, 2000)

    def test_add_is_refused_once_the_campaign_is_filled(self, tape: Recalls) -> None:
        (replica,) = tape.on_tape()
        campaign = tape.campaign("a", [replica])
        recall_leases.release(tape.conn, tape.lease_ids(campaign), tape.why)
        with pytest.raises(IllegalTransition):
            recall_leases.add(tape.conn, campaign, [replica], {replica: 1000}, tape.why)
        assert tape.leases(campaign) == [LeaseState.RELEASED]

    def test_add_serves_at_once_what_is_pinned(self, tape: Recalls) -> None:
        """Else the pin would wait for the turn of the lease, and might fill the window in which that is."""
        pinned, other = tape.on_tape(2)
        tape.here.pin(pinned)
        assert tape.leases(tape.campaign("a", [other, pinned])) == [LeaseState.WANTED, LeaseState.ACTIVE]

    # -------------------------------------------------------------------- asking, and serving
    def test_ask_moves_the_cursor_past_what_was_chosen_and_no_further(self, tape: Recalls) -> None:
        replicas = tape.on_tape(3)
        campaign = tape.campaign("a", replicas)
        assert tape.ask(campaign, 2) == 2
        assert tape.queued() == replicas[:2]
        campaign = tape.again(campaign)
        assert campaign.asked_at == tape.now
        wishes = recall_wishes.wishes(tape.conn, campaign, tape.now, 100)
        assert [wish.replica_id for wish in wishes] == replicas[2:]

    def test_two_campaigns_share_one_recall_and_each_has_its_lease(self, tape: Recalls) -> None:
        replicas = tape.on_tape(2)
        one, other = tape.campaign("a", replicas), tape.campaign("b", replicas[::-1])
        assert (tape.ask(one), tape.ask(other)) == (2, 0)
        assert tape.queued() == replicas
        tape.send()
        tape.come(replicas[:1])
        assert tape.leases(one) == [LeaseState.ACTIVE, LeaseState.WANTED]
        assert tape.leases(other) == [LeaseState.WANTED, LeaseState.ACTIVE]

    def test_serve_is_for_all_who_want_the_file_be_it_their_turn_or_not(self, tape: Recalls) -> None:
        first, second = tape.on_tape(2)
        one, late = tape.campaign("a", [first]), tape.campaign("b", [second, first])
        tape.ask(one)
        tape.send()
        tape.come([first])
        assert tape.leases(late) == [LeaseState.WANTED, LeaseState.ACTIVE]
        assert tape.ask(late) == 1, "only what is not there yet"

    def test_ask_serves_what_is_pinned_and_queues_nothing_for_it(self, tape: Recalls) -> None:
        pinned, leaving = tape.on_tape(2)
        campaign = tape.campaign("a", [pinned, leaving])
        tape.here.pin(pinned)
        tape.here.pin(leaving, PinState.RELEASING)
        assert tape.ask(campaign) == 1
        assert tape.leases(campaign) == [LeaseState.ACTIVE, LeaseState.WANTED]
        assert tape.queued() == [leaving]

    def test_a_held_recall_is_not_asked_for_again(self, tape: Recalls) -> None:
        (replica,) = tape.on_tape()
        tape.here.item(replica, RequestKind.STAGE, ItemState.HELD)
        campaign = tape.campaign("a", [replica])
        assert tape.ask(campaign) == 0
        (missing,) = recall_leases.missing(tape.conn, campaign.id)
        assert missing.state == ItemState.HELD

    def test_heads_are_most_urgent_first_and_then_who_waits_longest(self, tape: Recalls) -> None:
        made = [
            tape.campaign(name, tape.on_tape(2), priority=p) for name, p in (("a", 3), ("b", 5), ("c", 3))
        ]
        assert [head.name for head in campaigns.heads(tape.conn, "tape")] == ["b", "a", "c"]
        later = replace(tape.why, at=tape.now + HOUR)
        wish = recall_wishes.wishes(tape.conn, made[0], tape.now, 1)
        recall_leases.ask(tape.conn, made[0], wish, later)
        assert [head.name for head in campaigns.heads(tape.conn, "tape")] == ["b", "c", "a"]
        tape.ask(made[1])
        assert [head.name for head in campaigns.heads(tape.conn, "tape")] == ["c", "a"], "b wants no more"

    def test_wishes_are_of_good_copies(self, tape: Recalls) -> None:
        good, bad = tape.on_tape(2)
        campaign = tape.campaign("a", [bad, good])
        tape.here.set(schema.replica, bad, state=ReplicaState.SUSPECT.value)
        assert [w.replica_id for w in recall_wishes.wishes(tape.conn, campaign, tape.now, 9)] == [good]

    def test_overlooked_finds_a_copy_that_was_not_good_when_its_turn_was(self, tape: Recalls) -> None:
        good, bad = tape.on_tape(2)
        campaign = tape.campaign("a", [bad, good])
        tape.here.set(schema.replica, bad, state=ReplicaState.SUSPECT.value)
        tape.ask(campaign)
        assert recall_leases.overlooked(tape.conn, "tape", 100, tape.why) == 0
        tape.here.set(schema.replica, bad, state=ReplicaState.AVAILABLE.value)
        assert recall_leases.overlooked(tape.conn, "tape", 100, tape.why) == 1
        assert sorted(tape.queued()) == sorted([good, bad])
        assert recall_leases.overlooked(tape.conn, "tape", 100, tape.why) == 0

    def test_overlooked_serves_a_pin_that_a_lease_waits_beside(self, tape: Recalls) -> None:
        (replica,) = tape.on_tape()
        campaign = tape.campaign("a", [replica])
        tape.here.pin(replica)
        assert recall_leases.overlooked(tape.conn, "tape", 100, tape.why) == 1
        assert tape.leases(campaign) == [LeaseState.ACTIVE]

    # ------------------------------------------------------------------------------ releasing
    def test_the_pin_goes_after_the_last_lease(self, tape: Recalls) -> None:
        replicas = tape.on_tape(1)
        one, other = tape.campaign("a", replicas), tape.campaign("b", replicas)
        tape.ask(one)
        tape.send()
        tape.come(replicas)
        for campaign, left in ((one, PinState.ACTIVE), (other, PinState.RELEASING)):
            ended = recall_leases.release(tape.conn, tape.lease_ids(campaign), tape.why)
            assert ended == replicas
            pins.leave(tape.conn, ended, tape.why)
            assert tape.pins() == [left]
        assert recall_leases.release(tape.conn, tape.lease_ids(one), tape.why) == []

    @pytest.mark.parametrize("state", [JobState.WAITING, JobState.RUNNING])
    def test_the_pin_stays_while_a_job_reads(self, tape: Recalls, state: JobState) -> None:
        (replica,) = tape.on_tape()
        pin = tape.here.pin(replica)
        job = tape.here.job([tape.here.get(schema.replica, replica).file_id], state)
        campaign = tape.campaign("a", [replica])
        ended = recall_leases.release(tape.conn, tape.lease_ids(campaign), tape.why)
        assert pins.leave(tape.conn, ended, tape.why) == 0
        assert pins.unneeded(tape.conn, 100) == []
        tape.here.set(schema.job, job, state=JobState.DONE.value)
        assert pins.unneeded(tape.conn, 100) == pins.unneeded(tape.conn, 9, replicas=[replica]) == [pin]
        assert pins.leave(tape.conn, ended, tape.why) == 1

    def test_a_lease_that_waits_keeps_the_pin(self, tape: Recalls) -> None:
        (replica,) = tape.on_tape()
        tape.here.lease(replica, LeaseState.WANTED)
        tape.here.pin(replica)
        assert pins.unneeded(tape.conn, 100) == []

    @pytest.mark.parametrize("state", [LeaseState.RELEASED, LeaseState.LAPSED, LeaseState.MISSED])
    def test_a_lease_that_is_over_keeps_nothing(self, tape: Recalls, state: LeaseState) -> None:
        (replica,) = tape.on_tape()
        tape.here.lease(replica, state)
        pin = tape.here.pin(replica)
        assert pins.unneeded(tape.conn, 100) == [pin]

    def test_lapse_ends_the_leases_whose_time_is_over_and_renew_puts_it_off(self, tape: Recalls) -> None:
        replicas, until = tape.on_tape(2), tape.now + HOUR
        short = tape.campaign("a", replicas, until=until)
        tape.campaign("b", replicas)
        assert tape.lapse(tape.now) == []
        assert recall_leases.renew(tape.conn, short.id, until + HOUR) == 2
        assert tape.lapse(until) == []
        assert sorted(tape.lapse(until + HOUR)) == sorted(replicas)
        assert tape.leases(short) == [LeaseState.LAPSED] * 2
        assert recall_leases.renew(tape.conn, short.id, None) == 0, "what is over does not come back"
        assert tape.lapse(until + DAY) == []

    def test_renew_without_end(self, tape: Recalls) -> None:
        campaign = tape.campaign("a", tape.on_tape(), until=tape.now + HOUR)
        recall_leases.renew(tape.conn, campaign.id, None)
        assert tape.lapse(tape.now + 1000 * DAY) == []

    # ------------------------------------------------------------------------ lost on the way
    def test_gone_wakes_every_lease_and_queues_one_recall(self, tape: Recalls) -> None:
        replicas = tape.on_tape(1)
        one, other = tape.campaign("a", replicas), tape.campaign("b", replicas)
        tape.ask(one)
        tape.ask(other)
        tape.send()
        tape.come(replicas)
        (pin,) = (row.id for row in tape.conn.execute(schema.pin.select()))
        assert pins.lost(tape.conn, [pin], tape.why) == 1
        assert tape.leases(one) == tape.leases(other) == [LeaseState.WANTED]
        assert (tape.pins(), tape.queued()) == ([PinState.EXPIRED], replicas)
        assert pins.lost(tape.conn, [pin], tape.why) == 0

    def test_gone_opens_every_campaign_again_that_was_done(self, tape: Recalls) -> None:
        replicas = tape.on_tape(1)
        both = tape.campaign("a", replicas), tape.campaign("b", replicas)
        for campaign in both:
            tape.ask(campaign)
        tape.send()
        tape.come(replicas)
        assert tape.finish() == 2
        assert [tape.state(campaign) for campaign in both] == [CampaignState.DONE] * 2
        pins.lost(tape.conn, [row.id for row in tape.conn.execute(schema.pin.select())], tape.why)
        assert [tape.state(campaign) for campaign in both] == [CampaignState.OPEN] * 2

    def test_gone_leaves_what_was_not_asked_for_to_its_turn(self, tape: Recalls) -> None:
        (replica,) = tape.on_tape()
        campaign = tape.campaign("a", [replica])
        tape.here.pin(replica)
        recall_leases.serve(tape.conn, [replica], tape.why)
        pins.lost(tape.conn, [row.id for row in tape.conn.execute(schema.pin.select())], tape.why)
        assert tape.leases(campaign) == [LeaseState.WANTED]
        assert tape.queued() == []
        assert tape.ask(tape.again(campaign)) == 1

    def test_distrust_releases_the_copy_and_recalls_it(self, tape: Recalls) -> None:
        replicas = tape.on_tape(1)
        campaign = tape.campaign("a", replicas)
        tape.ask(campaign)
        tape.send()
        tape.come(replicas)
        pin = [row.id for row in tape.conn.execute(schema.pin.select())]
        assert pins.distrust(tape.conn, pin, tape.why) == 1
        assert (tape.pins(), tape.leases(campaign)) == ([PinState.RELEASING], [LeaseState.WANTED])
        assert tape.queued() == replicas
        assert pins.forget_leaving(tape.conn, replicas, tape.why) == 1
        assert tape.pins() == [PinState.EXPIRED]

    # ---------------------------------------------------------------------------------- the end
    def test_finish_is_when_nothing_is_wanted(self, tape: Recalls) -> None:
        replicas = tape.on_tape(2)
        campaign = tape.campaign("a", replicas)
        tape.ask(campaign)
        tape.send()
        tape.come(replicas[:1])
        assert tape.finish() == 0
        tape.come(replicas[1:])
        assert tape.finish() == 1
        assert tape.state(campaign) == CampaignState.DONE
        assert tape.finish() == 0

    @pytest.mark.parametrize(
        ("terms", "state"),
        [
            ({"tail_percent": 75.0}, CampaignState.TAIL),
            ({"tail_percent": 76.0}, CampaignState.OPEN),
            ({"tail_at": timedelta(0)}, CampaignState.TAIL),
            ({"tail_at": HOUR}, CampaignState.OPEN),
        ],
    )
    def test_finish_tells_of_the_tail(self, tape: Recalls, terms: dict[str, Any], state: str) -> None:
        if "tail_at" in terms:
            terms = {"tail_at": tape.now + terms["tail_at"]}
        replicas = tape.on_tape(4)
        campaign = tape.campaign("a", replicas, **terms)
        tape.ask(campaign)
        tape.send()
        tape.come(replicas[:3])
        tape.finish()
        assert tape.state(campaign) == state
        (missing,) = recall_leases.missing(tape.conn, campaign.id)
        assert (missing.state, missing.attempts) == (ItemState.SUBMITTED, 1)

    def test_missing_by_pages_and_served_by_pages(self, tape: Recalls) -> None:
        replicas = tape.on_tape(5)
        campaign = tape.campaign("a", replicas)
        tape.here.pin(replicas[2])
        recall_leases.serve(tape.conn, [replicas[2]], tape.why)
        first = recall_leases.missing(tape.conn, campaign.id, limit=3)
        rest = recall_leases.missing(tape.conn, campaign.id, after=first[-1].lease_id, limit=3)
        assert [len(first), len(rest)] == [3, 1]
        assert [entry.state for entry in first + rest] == [None] * 4
        (served,) = recall_leases.served(tape.conn, campaign.id)
        assert served.endpoint == "tape"
        assert recall_leases.served(tape.conn, campaign.id, after=served.lease_id) == []

    def test_standing_is_what_the_leases_are(self, tape: Recalls) -> None:
        replicas = tape.on_tape(3)
        campaign, other = tape.campaign("a", replicas), tape.campaign("b", replicas[:1])
        recall_leases.release(tape.conn, tape.lease_ids(campaign)[:1], tape.why)
        found = campaigns.standing(tape.conn, [campaign.id, other.id])
        assert dict(found[campaign.id].files) == {"WANTED": 2, "RELEASED": 1}
        assert dict(found[campaign.id].size) == {"WANTED": 2000, "RELEASED": 1000}
        assert dict(found[other.id].files) == {"WANTED": 1}

    def test_all_named_is_of_campaigns_that_are(self, tape: Recalls) -> None:
        made = tape.campaign("a", tape.on_tape())
        assert campaigns.all_named(tape.conn, "a") == [made]
        with pytest.raises(NotRegistered):
            campaigns.all_named(tape.conn, "b")

    # --------------------------------------------------------------------------------- recalls
    def test_load_is_what_is_asked_for_and_pinned(self, tape: Recalls) -> None:
        replicas = tape.on_tape(5)
        tape.ask(tape.campaign("a", replicas))
        assert recalls.load(tape.conn, "tape") == recalls.Load()
        assert recalls.due_amount(tape.conn, "tape", tape.now) == (5, 5000)
        tape.send()
        assert recalls.load(tape.conn, "tape") == recalls.Load(5, 5000, 0, 0)
        tape.come(replicas[:2])
        assert recalls.load(tape.conn, "tape") == recalls.Load(3, 3000, 2, 2000)
        assert recalls.due_amount(tape.conn, "tape", tape.now) == (0, 0)

    def test_any_want_is_whether_a_campaign_wants_more(self, tape: Recalls) -> None:
        assert not campaigns.any_want(tape.conn, "tape")
        campaign = tape.campaign("a", tape.on_tape(3))
        tape.ask(campaign, 2)
        assert campaigns.any_want(tape.conn, "tape")
        assert not campaigns.any_want(tape.conn, "disk")
        tape.ask(tape.again(campaign))
        assert not campaigns.any_want(tape.conn, "tape")

    def test_there_is_something_to_send_when_it_is_queued_and_due_or_was_left_half_asked(
        self, tape: Recalls
    ) -> None:
        tape.ask(tape.campaign("a", tape.on_tape()))
        assert not recalls.any_to_send(tape.conn, "tape", tape.now - HOUR)
        assert recalls.any_to_send(tape.conn, "tape", tape.now)
        (item,) = (recall.id for recall in recalls.due(tape.conn, "tape", tape.now, 100))
        request, _, _ = requests.claim(tape.conn, RequestKind.STAGE, "tape", [item], tape.why)
        assert recalls.any_to_send(tape.conn, "tape", tape.now)
        recalls.accepted(tape.conn, request, "t1", [item], tape.now, tape.why)
        assert not recalls.any_to_send(tape.conn, "tape", tape.now)

    def test_what_ends_is_a_lease_a_pin_that_is_left_and_the_first_of_the_others(self, tape: Recalls) -> None:
        assert pins.ending(tape.conn, tape.now) == pins.Ending(False, False, None)
        one, other = tape.on_tape(2)
        tape.here.lease(one, LeaseState.ACTIVE)
        pins.pin(tape.conn, [one], "t1", tape.now + DAY, tape.why)
        pins.pin(tape.conn, [other], "t1", tape.now + HOUR, tape.why)
        assert pins.ending(tape.conn, tape.now) == pins.Ending(False, False, tape.now + HOUR)
        pins.leave(tape.conn, [one, other], tape.why)
        assert pins.ending(tape.conn, tape.now) == pins.Ending(False, True, tape.now + DAY)

    def test_put_back_waits_and_counts_the_attempt_only_when_it_is_to(self, tape: Recalls) -> None:
        replicas = tape.on_tape(2)
        tape.ask(tape.campaign("a", replicas))
        _, sent = tape.send()
        at = tape.now + HOUR
        for recall, counts in zip(sent, (True, False), strict=True):
            trouble = ("not_online", "went again")
            requests.put_back(tape.conn, "failed_for_now", [recall.id], tape.why, trouble, at, counts=counts)
        assert tape.queued() == []
        assert recalls.due_amount(tape.conn, "tape", at) == (2, 2000)
        again = recalls.due(tape.conn, "tape", at, 100)
        assert [(recall.attempts, recall.tries) for recall in again] == [(1, 1), (0, 1)]
        assert tape.here.get(schema.item, sent[0].id).code == "not_online"

    def test_unheard_are_those_that_were_being_asked_for(self, tape: Recalls) -> None:
        replicas = tape.on_tape(2)
        tape.ask(tape.campaign("a", replicas))
        first, second = recalls.due(tape.conn, "tape", tape.now, 100)
        requests.claim(tape.conn, RequestKind.STAGE, "tape", [first.id], tape.why)
        assert recalls.unheard(tape.conn, "disk", tape.why) == []
        assert recalls.unheard(tape.conn, "tape", tape.why) == [first.id]
        assert sorted(tape.queued()) == sorted([first.replica_id, second.replica_id])
        tape.send()
        assert recalls.unheard(tape.conn, "tape", tape.why) == []

    def test_unwanted_is_what_neither_a_lease_nor_a_job_wants(self, tape: Recalls) -> None:
        left, leased, read, held = replicas = tape.on_tape(4)
        campaign = tape.campaign("a", replicas)
        tape.campaign("b", [leased])
        tape.ask(campaign)
        tape.send()
        tape.here.job([tape.here.get(schema.replica, read).file_id])
        assert recalls.unwanted(tape.conn, "tape", 100) == []
        trouble = recall_leases.missing(tape.conn, campaign.id)[-1].item_id
        assert trouble
        move(tape.conn, ITEM, [trouble], "failed", tape.why)
        recall_leases.release(tape.conn, tape.lease_ids(campaign), tape.why)
        found = {
            tape.here.get(schema.item, recall.id).replica_id: (recall.token, recall.state)
            for recall in recalls.unwanted(tape.conn, "tape", 100)
        }
        assert found == {left: ("t1", ItemState.SUBMITTED), held: ("t1", ItemState.HELD)}

    def test_polls_are_due_when_planned_and_over_when_nothing_is_left(self, tape: Recalls) -> None:
        tape.ask(tape.campaign("a", tape.on_tape()))
        request, _ = tape.send()
        assert [found.id for found in recalls.polls_due(tape.conn, "tape", tape.now, 9)] == [request]
        recalls.poll_again(tape.conn, {request: tape.now + HOUR}, tape.now)
        assert recalls.polls_due(tape.conn, "tape", tape.now, 9) == []
        assert len(recalls.polls_due(tape.conn, "tape", tape.now + HOUR, 9)) == 1
        recalls.poll_again(tape.conn, {request: None}, tape.now)
        assert recalls.polls_due(tape.conn, "tape", tape.now + DAY, 9) == []

    # ------------------------------------------------------------------------- plan and order
    def test_the_order_is_by_run_where_nobody_knows_the_tapes(self, tape: Recalls) -> None:
        mixed = [tape.on_tape(run=run)[0] for run in (3, 1, 2, 1, 3)]
        assert self.order(tape) == [mixed[1], mixed[3], mixed[2], mixed[0], mixed[4]]

    def test_runs_are_whole_and_follow_each_other_as_on_tape(self, tape: Recalls) -> None:
        """Run 1 begins late on tape A, run 2 early; run 3 is on two tapes; of run 4 nothing is known."""
        one, two, three, four = (tape.on_tape(2, run=run) for run in (1, 2, 3, 4))
        known = [
            (one[0], "A", 50), (one[1], "A", 40), (two[0], "A", 10), (two[1], "A", 60),
            (three[0], "B", 1), (three[1], "A", 90),
        ]  # fmt: skip
        places.remember(tape.conn, known)
        expected = [two[0], two[1], one[1], one[0], three[1], three[0], *four]
        assert self.order(tape) == expected

    def test_runs_of_the_same_number_in_two_datasets_are_two_units(self, tape: Recalls) -> None:
        other = tape.here.new_dataset("2016/W15")
        mixed = [tape.on_tape(dataset=dataset)[0] for dataset in (0, other, 0, other)]
        assert self.order(tape) == [mixed[0], mixed[2], mixed[1], mixed[3]]
        plan = self.selection(tape).plan(tape.conn, "tape", [])
        assert (plan.files, plan.size, len(plan.runs), plan.online) == (4, 4000, 2, 0)

    def test_the_plan_counts_tapes_and_what_is_online(self, tape: Recalls) -> None:
        one, other, unknown = tape.on_tape(3)
        places.remember(tape.conn, [(one, "A", 1), (other, "B", 1)])
        tape.here.pin(one)
        tape.here.pin(unknown, PinState.EXPIRED)
        plan = self.selection(tape).plan(tape.conn, "tape", [])
        assert [(share.tape, share.files, share.size) for share in plan.tapes] == [
            ("", 1, 1000), ("A", 1, 1000), ("B", 1, 1000),
        ]  # fmt: skip
        assert plan.online == 1

    def test_what_is_on_disk_or_has_no_good_copy_is_left_out(self, tape: Recalls) -> None:
        here = tape.here
        (good,) = tape.on_tape()
        on_disk, lost, nowhere = here.file(), here.file(), here.file()
        here.replica(on_disk, here.tape)
        here.replica(on_disk, here.disk)
        here.replica(lost, here.tape, ReplicaState.LOST)
        assert nowhere
        assert self.order(tape) == [good]
        assert self.selection(tape).left_out(tape.conn, ["tape"]) == wanted.LeftOut(1, 2)

    def test_a_file_that_an_endpoint_before_has_is_left_to_it(self, tape: Recalls) -> None:
        here = tape.here
        second = here.row(schema.endpoint, name="tape2", kind="tape")
        both, only = here.file(), here.file()
        here.replica(both, here.tape)
        twin, single = here.replica(both, second), here.replica(only, second)
        pages = self.pages(tape, "tape2", ["tape"])
        assert [entry.replica_id for page in pages for entry in page] == [single]
        pages = self.pages(tape, "tape2", [])
        assert [entry.replica_id for page in pages for entry in page] == [twin, single]

    def test_a_selection_by_ids_is_of_these(self, tape: Recalls) -> None:
        replicas = tape.on_tape(3)
        files = [tape.here.get(schema.replica, key).file_id for key in replicas]
        chosen = wanted.Selection(tape.conn, tape.now, None, files[:2])
        assert chosen.plan(tape.conn, "tape", []).files == 2

    @staticmethod
    def selection(tape: Recalls) -> wanted.Selection:
        return wanted.Selection(tape.conn, tape.now, None, None)

    def order(self, tape: Recalls) -> list[int]:
        return [entry.replica_id for page in self.pages(tape, "tape", []) for entry in page]

    def pages(self, tape: Recalls, endpoint: str, others: list[str]) -> list[list[wanted.Planned]]:
        chosen = self.selection(tape)
        runs = chosen.plan(tape.conn, endpoint, others).runs
        return list(chosen.in_order(tape.conn, endpoint, others, runs))
