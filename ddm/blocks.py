"""What stands in the way of something, and the command that would move it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in the way, and the command that a person can give ("" when it passes by itself)."""

    why: str
    command: str = ""
