"""Names that a person types, against those that there are. Needs no catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.errors import BadInput


def named(
    name: str, known: Iterable[str], option: str, what: str = "endpoint", where: str = "in ddm.toml"
) -> str:
    """The name. Raises BadInput, with the option and the names that there are, if it is none of them."""
    names = set(known)
    if name not in names:
        raise BadInput(
            f"no {what} '{name}' {where}; known: {', '.join(sorted(names)) or 'none'}", subject=option
        )
    return name
