"""The merges of a job: each promised file from its inputs, which come one by one where that is enough.

What a format says it took is compared with the manifest, input by input, at the moment of reading; what it
wrote was summed and counted while it was written. Nothing is read twice unless the manifest's ``verify``
asks for it. No merge is good with a member missing, whatever its format makes of it.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.checksum import Adler32
from ddm.jobs import payload, scratch
from ddm.jobs.inputs import bad, in_place, stage_in
from ddm.jobs.manifest import Input, Manifest, Output, Promise, Reading, Verify
from ddm.jobs.payload import Stopped
from ddm.jobs.progress import Teller
from ddm.jobs.workplace import Workplace
from merging import counters
from merging.errors import MergeError, UnreadableInput
from merging.formats.archives import MEMBERS
from merging.formats.ports import Format, Telling
from merging.model import Different, MergeResult, Told
from merging.registry import find_format
from transfers.feed import Feed, NotBrought
from transfers.staging import Means, contents

PROGRAM = "command"
"""The format that runs programs of others: they get copies, never the files themselves."""


@dataclass(frozen=True, slots=True)
class Wagon:
    """One merge of the job: what is promised, and the format that makes it of these inputs."""

    promise: Promise
    format: Format
    inputs: tuple[Input, ...]
    in_place: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """How much disk a job may use: bytes fetched ahead, and in all (None: what the file system has)."""

    ahead: int = scratch.AHEAD
    space: int | None = None


def wagons(manifest: Manifest) -> list[Wagon]:
    """The merges of the manifest, in order. Raises MergeError (ToolMissing)."""
    found = []
    for promise in payload.merged(manifest):
        name, options = payload.tool_of(manifest, promise)
        allowed = manifest.in_place and name != PROGRAM
        inputs = manifest.inputs_of(promise)
        found.append(Wagon(promise, _telling(find_format(name, options), promise, inputs), inputs, allowed))
    return found


def _telling(made: Format, promise: Promise, inputs: Sequence[Input]) -> Format:
    """The format with what its index is to say, if it has one."""
    if not isinstance(made, Telling):
        return made
    members = {payload.local_name(entry.lfn): entry.about for entry in inputs if entry.about}
    return made.telling(Told(promise.about, members, promise.gaps))


def passes(found: Sequence[Wagon], there: Mapping[str, Path], verify: Verify) -> list[scratch.Pass]:
    """What each merge needs of the disk."""
    return [
        scratch.Pass(
            tuple((entry.lfn, entry.size) for entry in wagon.inputs if entry.lfn not in there),
            wagon.promise.room
            if wagon.promise.room is not None
            else sum(entry.size for entry in wagon.inputs),
            streamed(wagon, verify),
        )
        for wagon in found
    ]


def streamed(wagon: Wagon, verify: Verify) -> bool:
    """Whether an input may go as soon as it was taken."""
    return wagon.format.one_by_one and verify is not Verify.SAME_CONTENT


class Merger:
    """Does the merges of one job in its work directory."""

    def __init__(
        self, manifest: Manifest, place: Workplace, means: Means, limits: Limits, teller: Teller
    ) -> None:
        self._manifest, self._place, self._teller = manifest, place, teller
        self._means = replace(means, doors=means.open(manifest.backends), watch=teller)
        self._limits = limits
        self.seen: dict[str, Reading] = {}
        self.scratch: int | None = None

    def run(self) -> list[tuple[Output, Path]]:
        """Every promised file with its local path, the job's log among them. Raises Stopped, MergeError."""
        found = wagons(self._manifest)
        there = in_place(self._manifest, [w.inputs for w in found if w.in_place], self._means)
        steps = passes(found, there, self._manifest.verify)
        ahead = scratch.ahead(steps, self._place.free(self._limits.space), self._limits.ahead)
        self.scratch = scratch.need(steps, ahead)
        done: dict[str, tuple[Output, Path]] = {}
        for index, wagon in enumerate(found):
            later = {entry.lfn for after in found[index + 1 :] for entry in after.inputs}
            done[wagon.promise.lfn] = self._merge(wagon, there if wagon.in_place else {}, later, ahead)
        payload.note_merges(self._manifest, [output for output, _ in done.values()], self._place.work)
        return [done.get(p.lfn) or log_of(p, self._place.work) for p in self._manifest.promises]

    def _merge(
        self, wagon: Wagon, there: Mapping[str, Path], later: set[str], ahead: int
    ) -> tuple[Output, Path]:
        local = self._place.work / wagon.promise.payload
        if (before := self._place.finished(wagon.promise, local)) is not None:
            self._see(before[1])
            return before[0], local
        here = {entry.lfn: there[entry.lfn] for entry in wagon.inputs if entry.lfn in there}
        streams = streamed(wagon, self._manifest.verify)
        keep = later if streams else {entry.lfn for entry in wagon.inputs}
        orders = stage_in(self._manifest, wagon.inputs)
        self._teller.begin(wagon.promise.lfn, [(entry.lfn, entry.size) for entry in wagon.inputs])
        with Feed(
            orders, self._place.work, self._means, ahead=ahead, there=here, keep=keep,
            took=lambda report: self._teller.took(report.lfn),
        ) as feed:  # fmt: skip
            paths = {entry.lfn: self._place.local(entry) for entry in wagon.inputs} | here
            result = self._combine(wagon, feed, [paths[entry.lfn] for entry in wagon.inputs], local)
            readings = _compared(wagon.inputs, result, here)
            output = self._verified(wagon, result, [paths[entry.lfn] for entry in wagon.inputs], local)
        for lfn in (keep - later) - there.keys():
            paths[lfn].unlink(missing_ok=True)  # our own copy
        self._place.note(output, readings)
        self._see(readings)
        return output, local

    def _see(self, readings: Sequence[Reading]) -> None:
        self.seen |= {reading.lfn: reading for reading in readings}

    def _combine(self, wagon: Wagon, feed: Feed, paths: Sequence[Path], local: Path) -> MergeResult:
        """Run the format. An input that could not be had speaks louder than what the format made of it."""
        try:
            if wagon.format.one_by_one:
                result = wagon.format.merge(feed, local)
            else:
                result = wagon.format.merge(list(feed), local)
        except Exception as error:
            if feed.trouble is not None:
                raise _not_brought(feed.trouble) from None
            _blame_the_bytes(wagon.inputs, paths, error)
            _blame_the_disk(error)
            raise
        if feed.trouble is not None:
            raise _not_brought(feed.trouble)
        if not feed.complete:
            given, wanted = len(feed.given), len(wagon.inputs)
            raise Stopped(
                "inputs_left_out", f"{wagon.promise.lfn}: only {given} of {wanted} inputs were taken"
            )
        return result

    def _verified(self, wagon: Wagon, result: MergeResult, paths: Sequence[Path], local: Path) -> Output:
        promise, verify = wagon.promise, self._manifest.verify
        output = Output(
            promise.lfn,
            promise.url,
            result.size,
            result.adler32,
            result.n_events,
            by_type=dict(result.by_type),
        )
        if local.is_symlink() or not local.is_file() or local.stat().st_size != result.size:
            text = (
                f"{promise.lfn}: the file is not there, or has not the {result.size} bytes that were written"
            )
            raise Stopped("output_missing", text)
        if verify is Verify.NONE:
            return output
        if verify is Verify.SAME_CONTENT:
            match wagon.format.same_content(paths, local):
                case Different(where):
                    text = f"{promise.lfn} is not what its inputs hold: {'; '.join(where[:5])}"
                    raise Stopped("content_differs", text)
        return counted(output, promise, wagon.format, local)


def counted(output: Output, promise: Promise, made: Format, local: Path) -> Output:
    """The output with what is in it, read from the file itself."""
    if not promise.counter:
        return output
    try:
        if promise.counter == promise.tool:
            count = made.count(local)
            # of an archive the members are counted: the cross-check compares them with what went in
            n_read = count.by_type.get(MEMBERS) if count.n_events is None else count.n_events
            return replace(output, n_read=n_read, read_by_type=dict(count.by_type))
        return replace(output, n_read=counters.find(promise.counter)(local))
    except UnreadableInput as error:
        raise Stopped("output_unreadable", f"output {promise.lfn}: {error}") from None


def log_of(promise: Promise, work: Path) -> tuple[Output, Path]:
    """The job's log as an output."""
    local = payload.promised_file(promise, work)
    size, checksum = contents(local)
    return Output(promise.lfn, promise.url, size, checksum), local


def _not_brought(trouble: NotBrought) -> Stopped:
    return bad(trouble.report)


def _compared(inputs: Sequence[Input], result: MergeResult, there: Mapping[str, Path]) -> list[Reading]:
    """What the format took, which must be the manifest's inputs: all of them, with these bytes.

    Copies were compared on arrival. What was read where it lies is compared here: by what passed the format
    if that was all of the file, else by reading it.
    """
    if len(result.taken) != len(inputs):
        text = f"{len(result.taken)} files were taken, of {len(inputs)}"
        raise Stopped("inputs_left_out", text)
    found = []
    for entry, one in zip(inputs, result.taken, strict=True):
        adler32: Adler32 | None = one.adler32
        if adler32 is None:
            adler32 = contents(there[entry.lfn])[1] if entry.lfn in there else entry.adler32
        if one.size != entry.size:
            text = f"{one.size} bytes were read, the manifest says {entry.size}"
            raise _differs(entry, text, "size_mismatch")
        if adler32 != entry.adler32:
            text = f"its bytes have adler32 {adler32}, the manifest says {entry.adler32}"
            raise _differs(entry, text, "checksum_mismatch")
        found.append(Reading(entry.lfn, one.size, adler32, one.n_events, dict(one.by_type)))
    return found


def _differs(entry: Input, text: str, code: str) -> Stopped:
    return Stopped(code, f"input {entry.lfn}: {text}")


def _blame_the_bytes(inputs: Sequence[Input], paths: Sequence[Path], error: Exception) -> None:
    """Raises Stopped when the file that a format could not read is not the one of the manifest: then it is
    the storage's fault. Copies were compared on arrival; only files in place can be other ones."""
    if not isinstance(error, MergeError):
        return
    for entry, path in zip(inputs, paths, strict=True):
        if error.subject == str(path) and path.is_file() and contents(path) != (entry.size, entry.adler32):
            text = f"{path} has not the bytes of the manifest; what a reader said: {error}"
            raise _differs(entry, text, "checksum_mismatch") from None


def _blame_the_disk(error: Exception) -> None:
    """Raises Stopped when it was the scratch disk that is full."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        raise Stopped("scratch_space", f"the scratch disk is full: {error}") from None
