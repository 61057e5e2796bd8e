"""Types of the metadata that a source brings: those of the catalogue, else the plainest that fits."""

from __future__ import annotations

from collections.abc import Mapping

from catalog import meta
from catalog.meta import MetaType, Value
from ddm.sources.rows import Written

_EXACT = 1 << 53  # a real number keeps whole ones up to this


class Types:
    """The type of each key. ``see`` every value first; ``settled`` gives them in the type that came out."""

    def __init__(self, known: Mapping[str, MetaType]) -> None:
        self.known = known
        self._seen: dict[str, MetaType] = {}
        self._large: set[str] = set()

    def see(self, values: Mapping[str, Value]) -> None:
        """Look at the values of a row. Raises BadInput for one that its key cannot have."""
        for key, value in values.items():
            if key in self.known:
                settle(value, self.known[key], key)
                continue
            plain = meta.read(value, None, key) if type(value) is Written else value
            kind = meta.type_of(plain)
            meta.encode(kind, plain, key)
            if kind is MetaType.INT and isinstance(plain, int) and abs(plain) > _EXACT:
                self._large.add(key)
            self._seen[key] = _both(self._seen.get(key, kind), kind)

    def kind(self, key: str) -> MetaType:
        """The type that holds every value seen of the key."""
        if key in self.known:
            return self.known[key]
        kind = self._seen[key]
        return MetaType.TEXT if kind is MetaType.REAL and key in self._large else kind

    def new(self) -> dict[str, MetaType]:
        """The keys that the catalogue does not have yet."""
        return {key: self.kind(key) for key in self._seen}

    def settled(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values of a row, each in the type of its key."""
        return {key: settle(value, self.kind(key), key) for key, value in values.items()}


def _both(one: MetaType, other: MetaType) -> MetaType:
    if one == other:
        return one
    return MetaType.REAL if {one, other} == {MetaType.INT, MetaType.REAL} else MetaType.TEXT


def settle(value: Value, kind: MetaType, key: str) -> Value:
    """The value in that type. Raises BadInput if it has none there."""
    if isinstance(value, str):
        found = meta.read(value, kind, key)
        return str(found) if isinstance(found, str) else found
    if kind is MetaType.TEXT:
        return meta.written(value)
    if kind is MetaType.REAL and isinstance(value, int) and not isinstance(value, bool):
        meta.encode(kind, value, key)
        return float(value)
    meta.encode(kind, value, key)
    return value
