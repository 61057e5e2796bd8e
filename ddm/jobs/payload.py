"""What a job runs in its work directory, and the names there; merges are in ``ddm.jobs.merges``.

The names in a work directory: each input under the base name of its LFN; the payloads under the names the
manifest gives them; ``job.log``, what the command printed (or a line for each merge), which may itself be
promised, packed when its LFN ends with ``.gz``; and ``events.json``, where a program may say how many events
it put into each payload (``{"mDST.root": 312}``). A payload without an entry there has an unknown count.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.faults import fault_of
from ddm.jobs.manifest import Manifest, Output, Promise

LOG = "job.log"
PACKED_LOG = "job.log.gz"
EVENTS = "events.json"
COUNT_INPUTS = "count_inputs"
"""The option of a manifest that names the event counter for the inputs of its command."""
MARK = ".ddm-job"
FINISHED = ".ddm-finished.json"
NOTES = (MARK, FINISHED)
"""The job's own notes: whose directory it is, and which merges are finished."""
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


def local_name(lfn: str) -> str:
    """The name of an LFN's file in the work directory: its base name."""
    return lfn.rpartition("/")[2]


def told(text: str, work: Path) -> str:
    """The text with files of the work directory by their names there: nobody finds them under their paths
    when the job is over."""
    return text.replace(f"{work}{os.sep}", "")


def promised_file(promise: Promise, work: Path) -> Path:
    """Where a promised file lies in the work directory."""
    if promise.payload == LOG and promise.lfn.endswith(".gz"):
        return work / PACKED_LOG
    return work / promise.payload


def check(manifest: Manifest) -> None:
    """Refuse a manifest whose files would meet in the work directory, or leave it."""
    names = [local_name(entry.lfn) for entry in manifest.inputs]
    payloads = [promise.payload for promise in manifest.promises]
    problems = _wrong_names(names, "input") + _wrong_names(payloads, "output")
    # An input that bears a payload's name would be taken for the output of a program that wrote nothing.
    reserved = {*payloads, LOG, PACKED_LOG, EVENTS}
    problems += [
        f"an input is called {name} like a file of the job; 'payload' gives an output another name there"
        for name in names
        if name in reserved
    ]
    lfns = _repeated([promise.lfn for promise in manifest.promises])
    urls = _repeated([url for promise in manifest.promises for url in promise.urls])
    problems += [f"two outputs have the name {lfn}" for lfn in lfns]
    problems += [f"two outputs would go to {url}" for url in urls]
    sources = _repeated([url for entry in manifest.inputs for url in {*entry.urls}])
    problems += [f"two inputs are {url}: its events would be there twice" for url in sources]
    problems += _wrong_tools(manifest)
    if problems:
        raise Stopped("manifest_refused", "; ".join(problems))


def check_names(lfns: Sequence[str]) -> None:
    """Refuse files that would meet in the work directory, or leave it. Raises Stopped."""
    if problems := _wrong_names([local_name(lfn) for lfn in lfns], "file"):
        raise Stopped("manifest_refused", "; ".join(problems))


def _wrong_names(names: Sequence[str], what: str) -> list[str]:
    problems = [f"two {what}s are called {name}" for name in _repeated(names)]
    problems += [f"{name!r} is no file name" for name in names if not _is_file_name(name)]
    return problems + [f"an {what} is called {name} like the job's notes" for name in names if name in NOTES]


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _is_file_name(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def _wrong_tools(manifest: Manifest) -> list[str]:
    tools = [promise for promise in manifest.promises if promise.tool]
    if not (manifest.command or manifest.promises):
        return ["there are no promises: nothing is to be made"]
    if bool(manifest.command) == bool(manifest.tool or tools):
        return ["a job has either a command or a merge tool"]
    if manifest.command:
        return []
    if not manifest.inputs:
        return ["there are no inputs: nothing is to be merged"]
    made = {promise.lfn for promise in merged(manifest)}
    problems = [
        f"nothing makes {promise.lfn}: it has no tool"
        for promise in manifest.promises
        if promise.lfn not in made and promise.payload != LOG
    ]
    problems += [
        f"the output {promise.lfn} would be the job's log"
        for promise in manifest.promises
        if promise.lfn in made and promise.payload in (LOG, PACKED_LOG)
    ]
    problems += [
        f"no input is for {promise.lfn}, made of {promise.of!r}"
        for promise in merged(manifest)
        if not manifest.inputs_of(promise)
    ]
    return problems + _left_out(manifest)


def _left_out(manifest: Manifest) -> list[str]:
    """Inputs of a product that no output is made of: a word that was mistyped must not lose a file."""
    wanted = {promise.of for promise in merged(manifest)}
    return [
        f"input {entry.lfn} is of {entry.product!r}, and no output is made of that"
        for entry in manifest.inputs
        if not wanted & {"", entry.product}
    ]


def merged(manifest: Manifest) -> list[Promise]:
    """The promises that merges make: those with a tool, and the first one if the manifest has a tool."""
    first = manifest.promises[:1] if manifest.tool else ()
    return [promise for promise in manifest.promises if promise.tool or promise in first]


def tool_of(manifest: Manifest, promise: Promise) -> tuple[str, Mapping[str, str]]:
    """The tool that makes the promise, with its options."""
    if promise.tool:
        return promise.tool, promise.options
    return manifest.tool, {name: value for name, value in manifest.options.items() if name != COUNT_INPUTS}


def run(manifest: Manifest, inputs: Sequence[Path], work: Path) -> Mapping[str, int | None]:
    """Run the command: what it says of events, by payload. Raises Stopped."""
    _execute(manifest, inputs, work)
    words = _events_by_payload(work / EVENTS)
    pack_log(manifest, work)
    return words


def note_merges(manifest: Manifest, outputs: Sequence[Output], work: Path) -> None:
    """Write the job's log, if somebody wants it: what was merged into what."""
    if not any(promise.payload == LOG for promise in manifest.promises):
        return
    lines = []
    for promise, output in zip(merged(manifest), outputs, strict=True):
        inputs = manifest.inputs_of(promise)
        events = "an unknown number of" if output.n_events is None else output.n_events
        tool, _ = tool_of(manifest, promise)
        lines.append(
            f"{manifest.label}: {tool} merged {len(inputs)} files into {output.size} bytes of"
            f" {promise.payload} with {events} events:"
        )
        lines += [f"  {local_name(entry.lfn)}" for entry in inputs]
    (work / LOG).write_text("\n".join(lines) + "\n", encoding="utf-8")
    pack_log(manifest, work)


def pack_log(manifest: Manifest, work: Path) -> None:
    """Pack the job's log, if that is promised and not done yet."""
    wanted = any(promised_file(promise, work).name == PACKED_LOG for promise in manifest.promises)
    if wanted and not (work / PACKED_LOG).exists():
        _pack(work / LOG, work / PACKED_LOG)


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
