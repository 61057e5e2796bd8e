"""Many small files (logs) into one zip archive with an index."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from catalog.checksum import Summer
from merging.errors import MergeError, UnplannableInputs
from merging.model import MergeResult
from merging.tools.files import blocks, checked, new_file, same_names, size_and_adler32

INDEX = "index.json"
"""The member that lists the others: ``{"version": 1, "members": [{"name", "size", "adler32"}, …]}``."""

_METHODS = {"deflated": zipfile.ZIP_DEFLATED, "stored": zipfile.ZIP_STORED}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BIG = 1 << 31


class ZipArchive:
    """Puts the inputs, under their base names and in the order given, into one zip archive.

    The same inputs give the same bytes: no time, owner or mode of the inputs is kept. ``index.json`` has
    size and adler32 of every member. ``compression`` is ``deflated`` or ``stored`` (for what is compressed
    already). Two inputs of one name are refused. ``n_events`` is None: members are not events.
    """

    def __init__(self, *, compression: str = "deflated") -> None:
        if compression not in _METHODS:
            raise MergeError(f"zip: compression is {' or '.join(_METHODS)}, not '{compression}'")
        self._method = _METHODS[compression]

    def merge(self, inputs: Sequence[Path], output: Path) -> MergeResult:
        checked(inputs)
        _check_names(inputs)
        with new_file(output) as temporary:
            with zipfile.ZipFile(temporary, "x") as archive:
                index = [self._add(archive, path) for path in inputs]
                text = json.dumps({"version": 1, "members": index}, indent=1)
                archive.writestr(self._info(INDEX), text)
            size, adler32 = size_and_adler32(temporary)
        return MergeResult(size, adler32, None)

    def _add(self, archive: zipfile.ZipFile, path: Path) -> dict[str, str | int]:
        summer = Summer()
        big = path.stat().st_size >= _BIG
        with archive.open(self._info(path.name), "w", force_zip64=big) as member:
            for block in blocks(path):
                member.write(block)
                summer.update(block)
        return {"name": path.name, "size": summer.size, "adler32": str(summer.adler32())}

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = self._method
        info.create_system = 3  # Unix, wherever it is made
        info.external_attr = 0o644 << 16
        return info


def _check_names(inputs: Sequence[Path]) -> None:
    if name := same_names(inputs):
        raise UnplannableInputs(f"two of the files are called {name}", subject=name)
    for path in inputs:
        if path.name == INDEX:
            raise UnplannableInputs(
                f"{path}: '{INDEX}' is the name of the archive's own list", subject=str(path)
            )
        if not path.name.isprintable():
            raise UnplannableInputs(f"a name that cannot be printed: {str(path)!r}", subject=repr(str(path)))
