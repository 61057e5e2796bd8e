"""How the format ``root`` gets at all this (rootio.parts): a kind for histograms, one for other objects."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

from merging.errors import MergeError
from merging.hadd import rules
from merging.hadd.adder import Adder, Slot
from merging.hadd.comparison import HistogramComparison, ValueComparison
from merging.hadd.model import Context, Options, Record
from merging.hadd.values import Value, takes, value_of
from merging.rootio.compression import compressed
from merging.rootio.file import Found, RootFile
from merging.rootio.keys import Key, key_length
from merging.rootio.walk import Unwalkable
from merging.rootio.writer import Folder, Writer

EVENTS = "events"
"""Name of the histogram that is filled once per event, where a file of histograms has one."""
LOG = logging.getLogger("merging.hadd")


class Histograms:
    """TH1, TH2, TH3 and profiles: added bin by bin. Those of one output are added in batches."""

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self.everywhere = not self._options.union
        self._adders: WeakKeyDictionary[Writer, Adder] = WeakKeyDictionary()
        self._compared: WeakKeyDictionary[RootFile, Adder] = WeakKeyDictionary()

    def takes(self, classname: str) -> bool:
        return rules.dimension(classname) > 0

    def begin(self, found: Found, writer: Writer, folder: Folder) -> HistogramPart:
        adder = self._adders.setdefault(writer, Adder(self._options))
        return HistogramPart(adder, found, folder)

    def entries(self, file: RootFile, found: Found) -> int | None:
        """The entries of the histogram ``events``, which is filled once per event; of no other."""
        if found.path != EVENTS or not found.key.classname.startswith("TH1"):
            return None
        entries = float(record_of(file, found).walked().root.members.get(rules.ENTRIES, -1))
        if entries < 0 or not entries.is_integer():
            raise file.bad(found.key.seek, f"'{EVENTS}' has {entries} entries, which is no number of events,")
        return int(entries)

    def compare(self, merged: RootFile, found: Found) -> Compared:
        if merged not in self._compared:
            self._compared[merged] = Adder(self._options, measured=True)
        return Compared(HistogramComparison(self._compared[merged], record_of(merged, found), self._options))


class HistogramPart:
    """One histogram of the output."""

    def __init__(self, adder: Adder, found: Found, folder: Folder) -> None:
        self._adder, self._found, self._folder = adder, found, folder
        self._slot = Slot(found.path)

    def take(self, file: RootFile, found: Found) -> None:
        self._adder.take(self._slot, record_of(file, found))

    def write(self) -> None:
        self._adder.close()
        total = self._slot.sum
        assert total is not None
        _put(self._folder, self._found.key, total.data)
        _note(self._found, total.notes)


class Others:
    """Parameters, graphs, names and strings, and classes that are kept from the first input when told so."""

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self.everywhere = not self._options.union

    def takes(self, classname: str) -> bool:
        return takes(classname, self._options)

    def begin(self, found: Found, writer: Writer, folder: Folder) -> OtherPart:
        return OtherPart(found, folder, self._options)

    def entries(self, file: RootFile, found: Found) -> int | None:
        return None

    def compare(self, merged: RootFile, found: Found) -> Compared:
        return Compared(ValueComparison(record_of(merged, found), self._options))


class OtherPart:
    """One object of the output that is no histogram."""

    def __init__(self, found: Found, folder: Folder, options: Options) -> None:
        self._found, self._folder, self._options = found, folder, options
        self._value: Value | None = None

    def take(self, file: RootFile, found: Found) -> None:
        record = record_of(file, found)
        if self._value is None:
            self._value = value_of(record, self._options)
        else:
            self._value.add(record)

    def write(self) -> None:
        assert self._value is not None
        _put(self._folder, self._found.key, self._value.data)
        _note(self._found, self._value.notes)


def _put(folder: Folder, key: Key, data: Callable[[int], bytes]) -> None:
    """Write the object under the name it had.

    Where it holds something that nobody here can read, it must not move against its key; so that gets a key
    of the length it had, which is possible in the first 2 GB of a file.
    """
    try:
        payload = data(key_length(key.classname, key.name, key.title))
    except Unwalkable:
        try:
            payload = data(key.keylen)
        except Unwalkable as error:
            text = f"{folder.writer.path.name}: '{key.name}' ({key.classname}) cannot be written: {error}"
            raise MergeError(text, subject=folder.writer.path.name) from None
        body = compressed(payload, folder.writer.compression)
        size = key.keylen + len(body)
        old = replace(
            key, nbytes=size, objlen=len(payload), datime=folder.writer.stamp, cycle=1, pid_offset=0
        )
        folder.put_stored(old, body)
    else:
        folder.put(key.classname, key.name, key.title, payload)


def _note(found: Found, notes: set[str]) -> None:
    """What differs and was taken from the first input: in the log, for whoever wonders."""
    if notes:
        text = ", ".join(sorted(notes))
        LOG.info(
            "'%s' (%s): not the same in all inputs, that of the first stays: %s",
            found.path,
            found.key.classname,
            text,
        )


class Compared:
    """A comparison that takes its objects from files."""

    def __init__(self, comparison: HistogramComparison | ValueComparison) -> None:
        self._comparison = comparison

    def take(self, file: RootFile, found: Found) -> None:
        self._comparison.take(record_of(file, found))

    def differences(self) -> tuple[str, ...]:
        return self._comparison.differences()


def record_of(file: RootFile, found: Found) -> Record:
    """The object with all that is needed later, when the file is closed. Raises UnreadableInput."""
    streamers = file.streamers()
    return Record(
        where=Context(file.path, found.key.seek),
        path=found.path,
        classname=found.key.classname,
        data=file.payload(found.key),
        keylen=found.key.keylen,
        streamers=streamers,
    )
