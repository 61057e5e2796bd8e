"""Event counts from the file itself: an event counter reads a copy that is on disk, or staged.

The most trusted witness, and the slowest: one file at a time. A copy at an endpoint of local files is read
where it is; any other is fetched into a scratch directory first. Option: for each product the counter of its
format, e.g. ``raw = "date"``, ``mDST = "root-tree"``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.errors import BadInput, DataManagementError
from catalog.states import Witness
from ddm.events.ports import Answer, Around, Asked, Counted, NotKnown, Place, Trouble
from merging import counters
from merging.counters import Counter
from transfers.model import Done, Failed, FetchOrder

LOCAL = "file://"


def open_source(options: Mapping[str, str], around: Around) -> ReadingSource:
    if not options:
        raise BadInput("a read source needs the counter of each product, e.g. raw = date", subject="options")
    return ReadingSource({product: counters.find(name) for product, name in options.items()}, around)


class ReadingSource:
    """Counters of formats; see the module."""

    witness = Witness.READ
    at_once = 1
    reads_files = True

    def __init__(self, counter_of: Mapping[str, Counter], around: Around) -> None:
        self._counters, self._around = counter_of, around
        self.products = tuple(counter_of)

    def ask(self, files: Sequence[Asked]) -> Mapping[str, Answer]:
        return {file.lfn: self._answer(file) for file in files}

    def _answer(self, file: Asked) -> Answer:
        counter = self._counters.get(file.product)
        if counter is None:
            return NotKnown(f"no counter is named for product '{file.product}'")
        answer: Answer = NotKnown("no copy that can be read")
        for place in file.places:
            answer = self._at(place, file, counter)
            if isinstance(answer, Counted):
                break
        return answer

    def _at(self, place: Place, file: Asked, counter: Counter) -> Answer:
        try:
            prefix = self._around.prefixes.get(place.endpoint, "")
            if prefix.startswith(LOCAL):
                return _counted(counter, Path(prefix.removeprefix(LOCAL)) / place.path.lstrip("/"), file)
            return self._fetched(place, file, counter)
        except DataManagementError as error:
            return Trouble(str(error), error.code, error.retry)
        except OSError as error:
            return Trouble(f"{place.endpoint}: {place.path}: {error.strerror or error}", "system")

    def _fetched(self, place: Place, file: Asked, counter: Counter) -> Answer:
        storage = self._around.storages.get(place.endpoint)
        if storage is None:
            return NotKnown(f"endpoint '{place.endpoint}' is not in ddm.toml")
        self._around.scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._around.scratch) as directory:
            local = Path(directory) / file.base_name
            match storage.copier.fetch([FetchOrder(place.path, str(local))])[str(local)]:
                case Done():
                    return _counted(counter, local, file)
                case Failed(code, text, retry):
                    return Trouble(f"{place.endpoint}: {place.path}: {text}", code, retry)
                case other:
                    return Trouble(f"{place.endpoint}: {place.path}: unexpected answer {other}")


def _counted(counter: Counter, path: Path, file: Asked) -> Answer:
    """What the counter says of a file of the size that the catalogue knows."""
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        text = f"{path} has {size} bytes, the catalogue says {file.size}: not counted"
        return Trouble(text, "size_mismatch")
    return Counted(counter(path))
