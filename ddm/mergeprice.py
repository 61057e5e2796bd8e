"""A merge plan as people see it, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db.plans import StoredPlan
from ddm.jobs import scratch
from ddm.settings import ProductSettings
from merging.errors import MergeError
from merging.registry import find_format


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a plan: the output's name, its inputs in order, their bytes; the stored group, if any."""

    part: int
    lfn: str
    size: int
    members: tuple[str, ...]
    group_id: int | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """What it costs. ``size``: bytes read, and written at most; ``jobs``: merges to be run; ``scratch``:
    bytes of disk that the hungriest of them needs; ``tape_files``: files that go to tape in the end.

    ``seconds``: of all jobs, one after the other, at ``rate`` bytes a second, which is what the merges of the
    product did so far; None if there were none.
    """

    inputs: int
    size: int
    jobs: int
    scratch: int
    tape_files: int
    seconds: float | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What today's settings and files would make, beside the last stored plan.

    ``same``: the hash is the same, so nothing would change. ``moved``: files that would be in another part;
    ``added`` and ``gone``: files that are in only one of them; ``settings``: those that changed, in words.
    """

    revision: int
    hash: str
    same: bool
    parts: int
    moved: int
    added: int
    gone: int
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergePlan:
    """How a product of a unit is merged. ``stored`` plans never change; others follow from what is there.

    ``finished``: every chunk is processed or a registered gap, so the flow will merge it. ``trouble``: why it
    cannot be planned, or what is missing. ``revisions``: every stored plan, retired ones too.
    """

    task: str
    product: str
    unit: str
    runs: tuple[int, ...]
    stored: bool
    finished: bool
    hash: str | None
    parts: tuple[Part, ...]
    left_out: tuple[tuple[str, str], ...]
    waiting: tuple[str, ...]
    trouble: tuple[str, ...]
    price: Price
    compared: Compared | None
    revisions: tuple[StoredPlan, ...]


def priced(product: ProductSettings, parts: Sequence[tuple[int, Sequence[int]]], rate: float | None) -> Price:
    """The price of parts, each as (bytes, bytes of its inputs); ``rate`` in bytes a second, if known."""
    streamed = _takes_one_by_one(product)
    size = sum(total for total, _ in parts)
    needs = [
        scratch.Pass(tuple((str(at), size) for at, size in enumerate(sizes)), total, streamed)
        for total, sizes in parts
    ]
    return Price(
        inputs=sum(len(sizes) for _, sizes in parts),
        size=size,
        jobs=len(parts),
        scratch=max((scratch.need([step], scratch.AHEAD) for step in needs), default=0),
        tape_files=len(parts) if product.archive_to else 0,
        seconds=None if rate is None else size / rate,
        rate=rate,
    )


def _takes_one_by_one(product: ProductSettings) -> bool:
    """Of a format that is not installed here the worse is assumed: all inputs at a time."""
    try:
        return find_format(product.tool, product.options).one_by_one
    except MergeError:
        return False


def total(found: Sequence[MergePlan]) -> Price:
    """The prices of several plans together."""
    prices = [plan.price for plan in found]
    seconds = [price.seconds for price in prices if price.jobs]
    known = [value for value in seconds if value is not None]
    return Price(
        inputs=sum(price.inputs for price in prices),
        size=sum(price.size for price in prices),
        jobs=sum(price.jobs for price in prices),
        scratch=max((price.scratch for price in prices), default=0),
        tape_files=sum(price.tape_files for price in prices),
        seconds=sum(known) if len(known) == len(seconds) and known else None,
        rate=None,
    )
