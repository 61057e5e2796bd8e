"""Process ids: objects that are referred to carry the number of the job that made them, counted per file.

A file with such objects (TRef) holds one TProcessID for each such number, named ``ProcessID0`` on. In a
merged file those of each input come behind those before, and every record copied from the input says by how
much its numbers have grown (``Key.pid_offset``). Sources: TProcessID.cxx, TTreeCloner::CopyProcessIds.
"""

from __future__ import annotations

from typing import Final

from merging.errors import NotCopyable
from merging.rootio.edit import edited, replaced
from merging.rootio.file import Found, RootFile
from merging.rootio.keys import key_length
from merging.rootio.writer import Writer

CLASS: Final = "TProcessID"
_NAME: Final = "ProcessID"


class ProcessIds:
    """Carries the process ids of the inputs into the output, which it tells their offset."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._count = 0

    def take(self, file: RootFile, found: list[Found]) -> None:
        """Those of the next input, before any of its records is copied.

        Raises NotCopyable where they are not numbered from 0 without a gap.
        """
        self._writer.pid_offset = self._count if found else 0
        by_name = {one.path: one.key for one in found}
        for number in range(len(found)):
            key = by_name.get(f"{_NAME}{number}")
            if key is None:
                text = f"{file.path}: {len(found)} process ids, and none is {_NAME}{number}"
                raise NotCopyable(text, subject=str(file.path))
            name = f"{_NAME}{self._count}"
            walked = file.walked(key)
            keylen = key_length(CLASS, name, key.title)
            data = edited(walked, [replaced(walked.root, "fName", name)], keylen)
            self._writer.top.put(CLASS, name, key.title, data)
            self._count += 1
