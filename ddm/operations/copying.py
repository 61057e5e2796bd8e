"""Copies for people: what is to be copied, what is there already, and what became of it.

``pairs`` makes files of words, ``plan`` looks at both ends of each and decides, ``copy`` does what it says.
The same steps with or without ``--plan``: a plan is a value.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from catalog.checksum import Adler32
from catalog.errors import BadInput
from catalog.faults import Side, fault_of
from catalog.states import Locality
from ddm.places import FILE, Place, Places
from transfers.errors import FileExists, FileMissing, NotOnline, StorageError, Unsupported, failed
from transfers.model import SILENT, CopyOrder, Failed, FetchOrder, Observation, Observed, Unknown
from transfers.planning import batches
from transfers.ports import Storage
from transfers.rounds import Moved, Task, code_and_text


class State(StrEnum):
    """What is, or is to be, with a file."""

    TO_COPY = "to copy"
    COPIED = "copied"
    THERE = "there"  # an equal file is at the destination already
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Copy:
    """One file. ``compared``: how it is, or will be, known that the bytes are the same."""

    source: str
    destination: str
    state: State
    size: int | None = None
    adler32: Adler32 | None = None
    compared: str = ""
    code: str = ""
    text: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """Of all files: how many in each state, and bytes."""

    files: int
    copied: int
    there: int
    failed: int
    stopped: int
    to_copy: int
    bytes_to_copy: int
    bytes_copied: int


def total(copies: Sequence[Copy]) -> Total:
    """The sums."""
    count = Counter(copy.state for copy in copies)
    size: Counter[State] = Counter()
    for copy in copies:
        size[copy.state] += copy.size or 0
    return Total(
        files=len(copies),
        copied=count[State.COPIED],
        there=count[State.THERE],
        failed=count[State.FAILED],
        stopped=count[State.STOPPED],
        to_copy=count[State.TO_COPY],
        bytes_to_copy=size[State.TO_COPY],
        bytes_copied=size[State.COPIED],
    )


# ------------------------------------------------------------------------- which files
Pair = tuple[Place, Place]
"""Source and destination of one file."""


def pairs(places: Places, sources: Sequence[str], to: str, *, recursive: bool) -> list[Pair]:
    """The files of these words. A destination that is a directory (it ends with a slash, or is one here, or
    there are several sources) takes files under their names.

    ``recursive``: ``DIR`` goes to ``TO/DIR``, and ``DIR/`` puts what is in it into ``TO``. Raises BadInput,
    or StorageError when a directory cannot be listed.
    """
    target = places.of(to)
    into = target.is_directory or len(sources) > 1
    if into and target.local is not None and target.local.is_file():
        raise BadInput("is a file, and a directory is wanted", subject=to)
    found: list[Pair] = []
    for word in sources:
        source = places.of(word)
        if recursive and (source.is_directory or source.local is None):
            found += _below(places, source, target)
        elif source.is_directory:
            raise BadInput("is a directory; --recursive copies what is in it", subject=word)
        elif source.local is not None and not source.local.exists():
            raise BadInput("there is no such file", subject=word)
        else:
            found.append((source, target.child(source.name) if into else target))
    twice = [url for url, times in Counter(there.url for _, there in found).items() if times > 1]
    if twice:
        raise BadInput("two files would have this name", subject=min(twice))
    return found


def _below(places: Places, source: Place, target: Place) -> Iterator[Pair]:
    storage, path = places.doors.locate(source.url if source.url.rstrip("/") != FILE else f"{FILE}/.")
    if storage.lister is None:
        raise Unsupported(f"the files of {source.word} cannot be listed", subject=source.word)
    above = path.rstrip("/") + "/"
    try:
        entries = storage.lister.list(above.rstrip("/") or "/", recursive=True)
    except StorageError:
        if not isinstance(storage.prober.probe([path]).get(path), Observed):
            raise
        yield source, target.child(source.name)  # it is a file
        return
    if not source.url.endswith("/"):
        target = target.child(source.name)
    for entry in entries:
        if not entry.is_directory:
            name = entry.path[len(above) :]
            yield source.child(name), target.child(name)
    for name in _neither(source.local) if source.local is not None else ():
        yield source.child(name), target.child(name)


def _neither(directory: Path) -> Iterator[str]:
    """What below a directory of this machine is neither file nor directory, and in no listing: links to
    directories, links to nothing, pipes … It is not copied, and must not be left out silently."""
    for place, directories, files in os.walk(directory):
        found = [name for name in directories if os.path.islink(os.path.join(place, name))]
        found += [name for name in files if not os.path.isfile(os.path.join(place, name))]
        yield from (os.path.relpath(os.path.join(place, name), directory) for name in sorted(found))


# --------------------------------------------------------------------------- the plan
def plan(places: Places, wanted: Sequence[Pair]) -> list[Copy]:
    """What would happen to each file, in order. Both ends are asked, many files at a time."""
    sources = look(places, [source.url for source, _ in wanted])
    targets = look(places, [target.url for _, target in wanted])
    return [
        _decide(source.url, target.url, sources[source.url], targets[target.url]) for source, target in wanted
    ]


def look(places: Places, urls: Sequence[str]) -> dict[str, Observation]:
    """What the storages say of each, one call for each storage; a call that fails says so of its files."""
    calls: dict[int, tuple[Storage, dict[str, str]]] = {}
    seen: dict[str, Observation] = {}
    for url in dict.fromkeys(urls):
        try:
            storage, path = places.doors.locate(url)
        except StorageError as error:
            seen[url] = failed(type(error), str(error))
        else:
            calls.setdefault(id(storage), (storage, {}))[1][path] = url
    for storage, by_path in calls.values():
        for part in batches(list(by_path), storage.capabilities.max_files_per_call):
            seen |= {by_path[path]: found for path, found in _probe(storage, part).items()}
    return seen


def _probe(storage: Storage, paths: Sequence[str]) -> Mapping[str, Observation]:
    try:
        found = storage.prober.probe(paths)
    except StorageError as error:
        return dict.fromkeys(paths, failed(type(error), str(error)))
    return {path: found.get(path, SILENT) for path in paths}


def _decide(source: str, target: str, here: Observation, there: Observation) -> Copy:
    """One file, by what was seen of its two ends."""
    copy = Copy(source, target, State.TO_COPY)
    if not isinstance(here, Observed):
        return _failed(copy, _advised(here, "a directory is copied with --recursive"))
    if here.locality is Locality.NEARLINE:
        return _failed(copy, failed(NotOnline, f"{source} is on tape only: 'ddm stage request' recalls it"))
    copy = replace(copy, size=here.size, adler32=here.adler32, compared=_how(here))
    match there:
        case Failed(code=FileMissing.code):
            if here.adler32 is None and not target.startswith(FILE):
                text = (
                    f"the service of {source} tells no adler32 to compare with: copy it to a local file first"
                )
                return _failed(copy, failed(Unsupported, text))
            return copy
        case Observed(size, adler32) if (size, adler32) == (here.size, here.adler32) and adler32 is not None:
            return replace(copy, state=State.THERE, compared=f"{_how(here)}; {_by(there)} at the destination")
        case Observed(size, adler32):
            other = f"{size} bytes, adler32 {'unknown' if adler32 is None else adler32}"
            text = f"{target} exists with other contents ({other}); nothing is overwritten"
            return _failed(copy, failed(FileExists, text))
    return _failed(copy, _advised(there, "to copy into a directory, end its name with a slash"))


def _advised(seen: Failed | Unknown, advice: str) -> Failed | Unknown:
    """With what helps where a directory is taken for a file."""
    if (
        isinstance(seen, Failed)
        and seen.code == Unsupported.code
        and seen.text.lower().endswith("is a directory")
    ):
        return replace(seen, text=f"{seen.text}; {advice}")
    return seen


def _how(seen: Observed) -> str:
    if seen.adler32 is None:
        return "size only: the source's service tells no checksum"
    return f"size and adler32, {_by(seen)} at the source"


def _by(seen: Observed) -> str:
    return "read" if seen.how == "read" else "told by the service"


def _failed(copy: Copy, why: Failed | Unknown, side: Side | None = None) -> Copy:
    code, text = code_and_text(why)
    fault = fault_of(code, side)
    state = State.STOPPED if fault == "stopped" else State.FAILED
    return replace(copy, state=state, code=code, text=text, fault=fault)


# ----------------------------------------------------------------------------- doing it
def copy(places: Places, planned: Sequence[Copy]) -> list[Copy]:
    """Copy what the plan says is to be copied; every file of the plan, in order, as it is now."""
    todo = {entry.destination: entry for entry in planned if entry.state is State.TO_COPY}
    tasks = [task for entry in todo.values() if (task := _task(places, entry)) is not None]
    moved = places.means.move(tasks, places.doors)
    return [_done(entry, moved) if entry.destination in todo else entry for entry in planned]


def _task(places: Places, entry: Copy) -> Task | None:
    """To a file on this machine it is fetched from its storage, else the destination's storage copies it."""
    size, adler32 = entry.size, entry.adler32
    assert size is not None
    if entry.destination.startswith(FILE):
        local = entry.destination.removeprefix(FILE)
        return Task(entry.destination, (entry.source,), lambda path: FetchOrder(path, local, size, adler32))
    assert adler32 is not None
    order = lambda path: CopyOrder(path, entry.source, size, adler32)  # noqa: E731
    return Task(entry.destination, (entry.destination,), order)


def _done(entry: Copy, moved: Mapping[str, Moved]) -> Copy:
    found = moved[entry.destination]
    if found.good:
        after = "compared on arrival" if entry.adler32 is not None else "size compared on arrival"
        return replace(entry, state=State.COPIED, compared=f"{entry.compared}; {after}")
    code, text = code_and_text(found.outcome)
    side = Side.IN if entry.destination.startswith(FILE) else None
    return _failed(entry, Failed(code, text, StorageError.retry), side)
