"""Storage that misbehaves when asked, for fault tests: seeded, so that every run is the same.

``faulty`` loses calls, replies and files; ``slow`` takes its time. Neither ever lies: what they say happened
did happen. A lost reply is the nasty case: the call fails, and what was asked happened all the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar, cast

from catalog.clock import Clock
from transfers.errors import EndpointUnreachable, StorageTimeout
from transfers.model import StageReceipt, TransferReceipt, Unknown
from transfers.ports import Storage
from transfers.wrappers import wrapped

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Probabilities:
    """How often what goes wrong, each 0 to 1.

    ``unreachable``: a call fails and nothing happened. ``reply_lost``: a call fails and it happened.
    ``unknown``: one file's answer is Unknown. ``forgotten``: one file is missing in the reply (a backend may
    not do that, so only for tests of callers that want to be careful).
    """

    unreachable: float = 0.0
    reply_lost: float = 0.0
    unknown: float = 0.0
    forgotten: float = 0.0


def faulty(storage: Storage, probabilities: Probabilities, rng: random.Random) -> Storage:
    """The storage, with faults drawn from ``rng``."""

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        if rng.random() < probabilities.unreachable:
            raise EndpointUnreachable(f"{verb}: nobody answers (injected)")
        answer = call()
        if rng.random() < probabilities.reply_lost:
            raise StorageTimeout(f"{verb}: no answer in time (injected; it happened)")
        return spoiled(answer, probabilities, rng)

    return wrapped(storage, around)


def slow(
    storage: Storage, clock: Clock, *, per_call: timedelta, per_file: timedelta = timedelta(0)
) -> Storage:
    """The storage, each call of which takes its time on the clock before it happens."""

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        clock.sleep(per_call + files * per_file)
        return call()

    return wrapped(storage, around)


def spoiled(answer: T, probabilities: Probabilities, rng: random.Random) -> T:
    """The answer with some files' outcomes made Unknown or left out."""
    if isinstance(answer, StageReceipt | TransferReceipt):
        outcomes = spoiled(answer.outcomes, probabilities, rng)
        return cast(T, replace(answer, outcomes=outcomes))
    if not isinstance(answer, Mapping):
        return answer
    kept: dict[object, object] = {}
    for path, outcome in answer.items():
        if isinstance(outcome, Mapping):  # the answers of several requests
            kept[path] = spoiled(outcome, probabilities, rng)
            continue
        unknown, forgotten = rng.random() < probabilities.unknown, rng.random() < probabilities.forgotten
        if not forgotten:
            kept[path] = Unknown("the answer cannot be read (injected)") if unknown else outcome
    return cast(T, kept)
