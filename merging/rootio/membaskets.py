"""Baskets that were never written out: they lie in the header of the tree, not compressed.

Older programs left the last basket of every branch there. In a merged tree more baskets follow, so each
becomes an ordinary one. Source: TBasket::Streamer.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from merging.errors import NotCopyable
from merging.rootio.compression import Compression, compressed
from merging.rootio.file import Found, RootFile
from merging.rootio.keys import Key, key_length

_TAIL: Final = struct.Struct(">Hiiii")
_GENERATED_OFFSETS: Final = 80
_DISPLACEMENTS: Final = 20
_NO_OFFSETS: Final = 2


@dataclass(frozen=True, slots=True)
class MemoryBasket:
    """``data``: the entries. ``offsets``: where each begins in them; empty for entries of one size."""

    key: Key
    version: int
    buffer_size: int
    offsets_size: int
    entries: int
    data: bytes
    offsets: tuple[int, ...]

    def content(self, keylen: int) -> bytes:
        """What lies behind a key of this length: the entries, and where each begins, counted from the key."""
        if not self.offsets:
            return self.data
        offsets = [*(offset + keylen for offset in self.offsets), 0]
        return self.data + struct.pack(f">i{len(offsets)}i", len(offsets), *offsets)

    def record(self, compression: Compression, seek: int, parent: int, pid_offset: int) -> tuple[bytes, int]:
        """The record as it lies in a file at ``seek``, and its size uncompressed, both with the key.

        ``pid_offset``: by how much the numbers of process ids grow (rootio.processids).
        """
        key = self.key
        keylen = key_length(key.classname, key.name, key.title) + _TAIL.size + 1
        data = self.content(keylen)
        body = compressed(data, compression)
        size = max(self.offsets_size, self.entries + 1) if self.offsets else self.offsets_size
        tail = _TAIL.pack(self.version, self.buffer_size, size, self.entries, keylen + len(self.data))
        new = replace(
            key,
            nbytes=keylen + len(body),
            version=1004,
            objlen=len(data),
            keylen=keylen,
            seek=seek,
            parent=parent,
            pid_offset=key.pid_offset + pid_offset,
        )
        return new.listed() + tail + b"\0" + body, keylen + len(data)


def memory_baskets(
    file: RootFile, found: Found, branch: str, items: Sequence[Any]
) -> tuple[MemoryBasket, ...]:
    """Those of ``fBaskets`` that hold entries."""
    baskets = []
    for node in items:
        if node is None:
            continue
        raw = file.walked(found.key).data[node.start : node.end]
        try:
            basket = _decoded(raw)
        except (struct.error, IndexError, ValueError) as error:
            text = f"{file.path}: tree '{found.path}' at offset {found.key.seek}: branch '{branch}'"
            raise NotCopyable(
                f"{text}: the basket in the header cannot be moved: {error}", subject=str(file.path)
            ) from None
        if basket is not None:
            baskets.append(basket)
    return tuple(baskets)


def _decoded(raw: bytes) -> MemoryBasket | None:
    key, at = Key.read(raw, stored=False)
    version, buffer_size, offsets_size, entries, last = _TAIL.unpack_from(raw, at)
    flag = raw[at + _TAIL.size]
    at += _TAIL.size + 1
    if not entries or not flag:
        return None
    if flag >= _GENERATED_OFFSETS or offsets_size < 0:
        raise ValueError("its offsets are not stored")
    offsets: tuple[int, ...] = ()
    if flag % 10 != _NO_OFFSETS:
        (count,) = struct.unpack_from(">i", raw, at)
        offsets = tuple(
            offset - key.keylen for offset in struct.unpack_from(f">{count}i", raw, at + 4)[:entries]
        )
        at += 4 + 4 * count
        if flag > _DISPLACEMENTS:
            raise ValueError("it has displacements")
    if not (flag == 1 or flag > 10) or version < 2 or at + last != len(raw):
        raise ValueError(f"its layout (flag {flag}, version {version}) is not known")
    return MemoryBasket(
        key, version, buffer_size, offsets_size, entries, raw[at + key.keylen : at + last], offsets
    )
