"""Files that are on tape only are read by the recalls of evidence (``ddm.steps.rereading``), and waited for.

So a verification has the manners of those: campaigns of lowest priority within the window of the endpoint, by
tape and position, with an end; what was read is released at once, and nothing is pinned longer than others.
How much is asked for is a matter of the budget of the hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from catalog.db import evidence, verifying_lines
from catalog.db.verifying_lines import Content, Standing
from catalog.states import ContentOutcome, ReplicaState
from ddm.app import App
from ddm.steps.common import retry_at

POLL = timedelta(minutes=1)


def unchanged(content: Content, stands: Standing | None) -> bool:
    """Whether it is the same copy, at the same place, and still in the hands of readers."""
    return (
        stands is not None
        and stands.state is ReplicaState.AVAILABLE
        and (stands.since, stands.path) == (content.since, content.path)
    )


def ask(app: App, number: int, contents: Sequence[Content]) -> None:
    """Have these recalled and read: by the campaigns of evidence, with their manners and their end."""
    with app.catalog.begin("verify") as conn:
        stands = verifying_lines.standing(conn, [one.replica_id for one in contents])
        same = [one for one in contents if unchanged(one, stands.get(one.replica_id))]
        verifying_lines.close_passed(conn, number, [one for one in contents if one not in same])
        ids = [one.replica_id for one in same]
        evidence.ask(conn, ids, app.now, reread=True)
        verifying_lines.asked(conn, number, ids, app.now, app.now + POLL)


def collect(app: App, number: int, recalled: Sequence[Content]) -> int:
    """What came of those that were recalled. Returns how many were not as they should be."""
    waiting, good, passed = [], [], []
    again: dict[int, list[int]] = defaultdict(list)
    odd: dict[int, tuple[ContentOutcome, str]] = {}
    with app.catalog.begin("verify") as conn:
        ids = [one.replica_id for one in recalled]
        stands, asked = verifying_lines.standing(conn, ids), evidence.asked(conn, ids)
        for one in recalled:
            stand = stands[one.replica_id]
            if unchanged(one, stand):
                if stand.read_at is not None and one.asked_at is not None and stand.read_at >= one.asked_at:
                    good.append(one)
                elif one.replica_id in asked:
                    waiting.append(one.replica_id)
                else:
                    again[one.tries + 1].append(one.replica_id)
            elif stand.state in _ENDS:
                odd[one.replica_id] = (_ENDS[stand.state], "when it was read again from tape")
            elif stand.state in (ReplicaState.SUSPECT, ReplicaState.ARCHIVING):
                waiting.append(one.replica_id)
            else:
                passed.append(one)
        verifying_lines.close_good(conn, number, good)
        verifying_lines.close_passed(conn, number, passed)
        verifying_lines.close_odd(conn, number, odd, app.now)
        verifying_lines.postpone(conn, number, waiting, app.now + POLL)
        for tries, keys in again.items():
            verifying_lines.postpone(conn, number, keys, app.now, tried=True)
            verifying_lines.asked(conn, number, keys, None, retry_at(app, tries))
    return len(odd)


_ENDS: Mapping[ReplicaState, ContentOutcome] = {
    ReplicaState.BAD: ContentOutcome.DIFFERS,
    ReplicaState.LOST: ContentOutcome.MISSING,
}
