"""The rule of before certificates of version 2, until its callers ask the new one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Protocol

from catalog.retention.papers import seal_of
from catalog.states import CheckState, EndpointKind, GroupState, ReplicaState, Role


class ProductFacts(Protocol):
    """What is known of the product made from the replica's file."""

    @property
    def state(self) -> str: ...
    @property
    def check(self) -> str: ...
    @property
    def lfn(self) -> str: ...
    @property
    def tape_state(self) -> str: ...
    @property
    def tape_verified_at(self) -> str: ...
    @property
    def siblings(self) -> int: ...


class ReplicaFacts(Protocol):
    """What is known of the replica itself."""

    @property
    def replica_id(self) -> int: ...
    @property
    def lfn(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def readers(self) -> int: ...
    @property
    def other_uses(self) -> int: ...
    @property
    def endpoint_kind(self) -> str: ...


def may_trash(replica: ReplicaFacts, product: ProductFacts) -> tuple[str, ...]:
    """Every rule is asked, so that a refusal names all its reasons."""
    return tuple(_objections(replica, product))


def _objections(replica: ReplicaFacts, product: ProductFacts) -> Iterator[str]:
    if replica.role != Role.INTERMEDIATE:
        yield f"it is {replica.role}, only intermediate files may go"
    if replica.state != ReplicaState.AVAILABLE:
        yield f"its replica is {replica.state}, not AVAILABLE"
    if replica.endpoint_kind != EndpointKind.DISK:
        yield "it is on tape"
    if replica.readers != 0:
        yield f"{replica.readers} job(s) still want it"
    if replica.other_uses != 0:
        yield "another product made from it is not archived"
    if product.state != GroupState.ARCHIVED:
        yield f"its merge group is {product.state}, not ARCHIVED"
    if product.check not in (CheckState.PASSED, CheckState.WAIVED):
        yield f"the cross-check is {product.check or 'not made'}"
    if product.tape_state != ReplicaState.AVAILABLE:
        yield "the merged file is not verified on tape"
    if product.siblings != 0:
        yield f"{product.siblings} other merge(s) of the run are not archived"
    if not product.tape_verified_at:
        yield "nobody has compared the merged file on tape"


def certificate(product: Any, replicas: Sequence[Any]) -> tuple[str, str]:
    """The delete certificate of a group's inputs: (seal, body). The body is canonical JSON of the facts."""
    facts = {
        "version": 1,
        "product": _plain(product),
        "replicas": [_plain(replica) for replica in replicas],
    }
    body = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return seal_of(body), body


def _plain(facts: Any) -> dict[str, Any]:
    """The fields of a flat dataclass. (``asdict`` copies every value deeply: ten times slower.)"""
    return {entry.name: getattr(facts, entry.name) for entry in fields(facts)}
