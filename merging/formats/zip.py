"""Many small files (logs) into one zip archive with an index."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalog.checksum import Summer
from merging.errors import MergeError, UnplannableInputs, UnreadableInput
from merging.formats.files import blocks, new_file, one_by_one, size_and_adler32
from merging.model import Count, Different, MergeResult, Same, Sameness, Taken
from merging.rootfile import reading

INDEX = "index.json"
"""The member that lists the others: ``{"version": 1, "members": [{"name", "size", "adler32"}, …]}``."""

MEMBERS = "members"
"""What is counted in an archive: files, not events."""

_METHODS = {"deflated": zipfile.ZIP_DEFLATED, "stored": zipfile.ZIP_STORED}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BIG = 1 << 31


class ZipArchive:
    """Puts the inputs, under their base names and in the order given, into one zip archive.

    The same inputs give the same bytes: no time, owner or mode of the inputs is kept. ``index.json`` has
    size and adler32 of every member. ``compression`` is ``deflated`` or ``stored`` (for what is compressed
    already). Two inputs of one name are refused. ``n_events`` is None: members are not events.
    """

    one_by_one = True

    def __init__(self, *, compression: str = "deflated") -> None:
        if compression not in _METHODS:
            raise MergeError(f"zip: compression is {' or '.join(_METHODS)}, not '{compression}'")
        self._method = _METHODS[compression]

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        taken: list[Taken] = []
        names: set[str] = set()
        with new_file(output) as temporary:
            with zipfile.ZipFile(temporary, "x") as archive:
                for path in one_by_one(inputs):
                    _check_name(path, names)
                    taken.append(self._add(archive, path))
                index = [
                    {"name": Path(one.name).name, "size": one.size, "adler32": str(one.adler32)}
                    for one in taken
                ]
                archive.writestr(self._info(INDEX), json.dumps({"version": 1, "members": index}, indent=1))
            size, adler32 = size_and_adler32(temporary)
        return MergeResult(size, adler32, None, {MEMBERS: len(taken)}, tuple(taken))

    def count(self, path: Path) -> Count:
        with _opened(path) as archive:
            return Count(None, {MEMBERS: len(_members(archive, path))})

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        with _opened(merged) as archive:
            names = [name for name, _ in _members(archive, merged)]
            if names != [path.name for path in inputs]:
                return Different(
                    (f"{merged}: holds {_some(names)}, not {_some([path.name for path in inputs])}",)
                )
            where = tuple(
                f"{merged}: member {path.name} differs from {path}"
                for path in inputs
                if not _same(archive, path)
            )
        return Different(where) if where else Same()

    def _add(self, archive: zipfile.ZipFile, path: Path) -> Taken:
        summer = Summer()
        big = path.stat().st_size >= _BIG
        with archive.open(self._info(path.name), "w", force_zip64=big) as member:
            for block in blocks(path):
                member.write(block)
                summer.update(block)
        return Taken(str(path), summer.size, adler32=summer.adler32())

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = self._method
        info.create_system = 3  # Unix, wherever it is made
        info.external_attr = 0o644 << 16
        return info


def _check_name(path: Path, names: set[str]) -> None:
    if path.name in names:
        raise UnplannableInputs(f"two of the files are called {path.name}", subject=path.name)
    if path.name == INDEX:
        raise UnplannableInputs(f"{path}: '{INDEX}' is the name of the archive's own list", subject=str(path))
    if not path.name.isprintable():
        raise UnplannableInputs(f"a name that cannot be printed: {str(path)!r}", subject=repr(str(path)))
    names.add(path.name)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with reading(path):
        try:
            with zipfile.ZipFile(path) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error) as error:
            raise UnreadableInput(
                f"{path}: no zip archive with an index ({error})", subject=str(path)
            ) from None


def _members(archive: zipfile.ZipFile, path: Path) -> list[tuple[str, int]]:
    """Names and sizes of the members but the index, which must agree. Raises UnreadableInput."""
    found = [(info.filename, info.file_size) for info in archive.infolist() if info.filename != INDEX]
    try:
        listed: Any = json.loads(archive.read(INDEX))["members"]
        agree = found == [(member["name"], member["size"]) for member in listed]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableInput(f"{path}: no zip archive with an index ({error})", subject=str(path)) from None
    if not agree:
        raise UnreadableInput(f"{path}: the index and the archive differ", subject=str(path))
    return found


def _same(archive: zipfile.ZipFile, path: Path) -> bool:
    with archive.open(path.name) as member:
        for block in blocks(path):
            if member.read(len(block)) != bytes(block):
                return False
        return not member.read(1)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" … ({len(names)} files)" if len(names) > 5 else "")
