"""What a job runs in its work directory: a command, or a merge tool; and what it says about events.

The names in a work directory: each input under the base name of its LFN; the payloads under the names the
manifest gives them; ``job.log``, what the command printed (or the merge tool's line), which may itself be
promised, packed when its LFN ends with ``.gz``; and ``events.json``, where a program may say how many events
it put into each payload (``{"mDST.root": 312}``). A payload without an entry there has an unknown count.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.checksum import Adler32
from catalog.faults import fault_of
from ddm.jobs.manifest import Manifest, Promise
from merging.registry import find_format

LOG = "job.log"
PACKED_LOG = "job.log.gz"
EVENTS = "events.json"
_TAIL = 20
"""Lines of the log that a failed command's report quotes."""


class Stopped(Exception):
    """The job ends here, without outputs: the report's code, a sentence for people, whose fault it is, and
    where bytes were left all the same."""

    def __init__(self, code: str, text: str, fault: str = "", left: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.fault = fault or fault_of(code)
        self.left = tuple(left)


@dataclass(frozen=True, slots=True)
class Word:
    """What the program says of a file it wrote: events, and (merge tools) size and adler32 as written."""

    n_events: int | None = None
    bytes: tuple[int, Adler32] | None = None


def local_name(lfn: str) -> str:
    """The name of an LFN's file in the work directory: its base name."""
    return lfn.rpartition("/")[2]


def promised_file(promise: Promise, work: Path) -> Path:
    """Where a promised file lies in the work directory."""
    if promise.payload == LOG and promise.lfn.endswith(".gz"):
        return work / PACKED_LOG
    return work / promise.payload


def check(manifest: Manifest) -> None:
    """Refuse a manifest whose files would meet in the work directory, or leave it."""
    names = [local_name(entry.lfn) for entry in manifest.inputs]
    payloads = [promise.payload for promise in manifest.promises]
    problems = [f"two inputs are called {name}" for name in _repeated(names)]
    problems += [f"two outputs are called {name}" for name in _repeated(payloads)]
    problems += [f"{name!r} is no file name" for name in names + payloads if not _is_file_name(name)]
    # An input that bears a payload's name would be taken for the output of a program that wrote nothing.
    reserved = {*payloads, LOG, PACKED_LOG, EVENTS}
    problems += [f"an input is called {name} like a file of the job" for name in names if name in reserved]
    if bool(manifest.command) == bool(manifest.tool):
        problems.append("a job has either a command or a merge tool")
    if manifest.tool and not (manifest.inputs and manifest.promises):
        problems.append("a merge has inputs and an output")
    if problems:
        raise Stopped("manifest_refused", "; ".join(problems))


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _is_file_name(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def run(manifest: Manifest, inputs: Sequence[Path], work: Path) -> Mapping[str, Word]:
    """Run the command or the merge tool; the word about each file by its name. Raises Stopped, MergeError."""
    if manifest.tool:
        words = {manifest.promises[0].payload: _merge(manifest, inputs, work)}
    else:
        _execute(manifest, inputs, work)
        words = {name: Word(count) for name, count in _events_by_payload(work / EVENTS).items()}
    if any(promised_file(promise, work).name == PACKED_LOG for promise in manifest.promises):
        _pack(work / LOG, work / PACKED_LOG)
    return words


def _merge(manifest: Manifest, inputs: Sequence[Path], work: Path) -> Word:
    result = find_format(manifest.tool, manifest.options).merge(inputs, work / manifest.promises[0].payload)
    names = "".join(f"  {path.name}\n" for path in inputs)
    events = "an unknown number of" if result.n_events is None else result.n_events
    (work / LOG).write_text(
        f"{manifest.label}: {manifest.tool} merged {len(inputs)} files into {result.size} bytes"
        f" with {events} events:\n{names}",
        encoding="utf-8",
    )
    return Word(result.n_events, (result.size, result.adler32))


def _execute(manifest: Manifest, inputs: Sequence[Path], work: Path) -> None:
    command = _filled(manifest.command, [path.name for path in inputs], str(work.absolute()))
    # The payload finds its software by the worker's environment, as on any batch system.
    environment = {**os.environ, **manifest.environment}
    with open(work / LOG, "xb") as log:
        try:
            code = subprocess.run(
                command,
                cwd=work,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        except OSError as error:
            raise Stopped("payload_failed", f"{command[0]} cannot be started: {error}") from None
    if code:
        how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        raise Stopped("payload_failed", f"{command[0]} {how}; its last lines:\n{tail(work / LOG)}")


def _filled(command: Sequence[str], names: Sequence[str], outdir: str) -> list[str]:
    """The command with its placeholders filled; an argument ``{inputs}`` becomes one for each input."""
    filled: list[str] = []
    for argument in command:
        if argument == "{inputs}":
            filled += names
        elif "{input}" in argument and not names:
            raise Stopped("manifest_refused", f"the command wants {argument}, and the job has no input")
        else:
            filled.append(argument.replace("{input}", names[0] if names else "").replace("{outdir}", outdir))
    return filled


def tail(path: Path, lines: int = _TAIL) -> str:
    """The last lines of a text file, at most 4000 bytes."""
    with open(path, "rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4000))
        text = stream.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def _events_by_payload(path: Path) -> dict[str, int | None]:
    if not path.exists():
        return {}
    try:
        counts = json.loads(path.read_bytes())
    except ValueError as error:
        raise Stopped("payload_failed", f"{EVENTS} is not JSON: {error}") from None
    if not isinstance(counts, dict) or not all(map(_is_count, counts.values())):
        raise Stopped("payload_failed", f"{EVENTS} must map payload names to numbers of events")
    return counts


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def _pack(log: Path, packed: Path) -> None:
    """Pack the log; without name and time, so that the same log gives the same bytes."""
    with (
        open(log, "rb") as source,
        open(packed, "xb") as out,
        gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as target,
    ):
        shutil.copyfileobj(source, target)
