"""Drawing a part of many things by a seed: the same seed draws the same ones, whenever and wherever."""

from __future__ import annotations

from hashlib import blake2b


def drawn(seed: str, key: int, fraction: float) -> bool:
    """Whether this one is drawn, when ``fraction`` (0 to 1) of all are.

    >>> drawn("a", 7, 1.0)
    True
    >>> sum(drawn("a", key, 0.25) for key in range(4000)) // 100
    10
    """
    digest = blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < fraction * 2**64
