"""What is in a directory, as its service says it. Needs no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from catalog.checksum import Adler32
from ddm.places import Place, Places
from transfers.errors import StorageError, Unsupported
from transfers.model import Observed


@dataclass(frozen=True, slots=True)
class Line:
    """A file or directory. ``where``: endpoints that have it (catalogue), or its locality (service)."""

    path: str
    size: int | None
    modified_at: datetime | None = None
    adler32: Adler32 | None = None
    is_directory: bool = False
    where: str = ""


def of_service(places: Places, place: Place, *, recursive: bool) -> Iterator[Line]:
    """What the service says is there, as it comes; of a file, that file. Raises StorageError, also on the way
    when the rest cannot be read."""
    storage, path = places.doors.locate(place.url)
    path = path.rstrip("/")
    if storage.lister is None:
        raise Unsupported(f"the files of {place.word} cannot be listed", subject=place.word)
    try:
        entries = storage.lister.list(path or "/", recursive=recursive)
        first = next(entries, None)
    except StorageError as error:
        seen = storage.prober.probe([path]).get(path)
        if not isinstance(seen, Observed):
            raise error from None
        yield Line(path, seen.size, adler32=seen.adler32, where=str(seen.locality))
        return
    while first is not None:
        yield Line(first.path, first.size, first.modified_at, first.adler32, first.is_directory)
        first = next(entries, None)
