"""May this copy go? One pure function over facts: ``Allowed`` with a certificate, ``Refused`` with reasons.

It is asked twice, with the same guards: in the transaction that withdraws the copy from its readers, and
again in the one that marks the removal of its bytes, on locked rows, with facts that were read anew. What
nobody knows never allows anything. Never weaker than: another verified copy of what it holds stays, or a
named person accepted the loss. See docs/explanation/deletion.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.retention.facts import (
    Acceptance,
    Asking,
    Copy,
    Facts,
    FileFacts,
    Ground,
    Member,
    Product,
    RawChunk,
    Statement,
    Uses,
    Waiver,
)
from catalog.retention.guards import GUARDS, Guard
from catalog.retention.papers import Certificate, Paper, papers, read, seal_of

__all__ = [
    "GUARDS",
    "Acceptance",
    "Allowed",
    "Asking",
    "Certificate",
    "Copy",
    "Facts",
    "FileFacts",
    "Ground",
    "Guard",
    "Member",
    "Paper",
    "Product",
    "RawChunk",
    "Refused",
    "Statement",
    "Uses",
    "Waiver",
    "may_go",
    "papers",
    "read",
    "seal_of",
]


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may go: nothing speaks against it, and this is what was known."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Refused:
    """It stays; every reason, in words. ``guards``: the names of the rules, one for each reason."""

    reasons: tuple[str, ...]
    guards: tuple[str, ...] = ()


def may_go(facts: Facts, guards: Sequence[Guard] = GUARDS) -> Allowed | Refused:
    """Every rule is asked, so that a refusal names all its reasons."""
    found = [(guard.name, text) for guard in guards if (text := guard.objection(facts)) is not None]
    if found:
        return Refused(tuple(text for _, text in found), tuple(name for name, _ in found))
    asked = [guard.name for guard in guards if guard.concerns(facts.ground, facts.asking)]
    return Allowed(Certificate(facts, tuple(asked)))
