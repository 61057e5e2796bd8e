"""Sizes and durations as people write them: ``catalog.units``, which the query language shares."""

from __future__ import annotations

from catalog.units import (
    EXPECTED_DURATION,
    EXPECTED_SIZE,
    format_duration,
    format_size,
    human_size,
    parse_duration,
    parse_size,
)

__all__ = [
    "EXPECTED_DURATION",
    "EXPECTED_SIZE",
    "format_duration",
    "format_size",
    "human_size",
    "parse_duration",
    "parse_size",
]
