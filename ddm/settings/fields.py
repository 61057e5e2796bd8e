"""A setting: a dataclass field with its sentence and unit."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def setting(doc: str, *, unit: str = "", **kwargs: Any) -> Any:
    """A dataclass field with its sentence and unit for the reference page.

    ``unit="bytes"`` makes ``ddm.config`` read sizes; a number with a unit is a quantity and at least 1.
    """
    return field(metadata={"doc": doc, "unit": unit}, **kwargs)
