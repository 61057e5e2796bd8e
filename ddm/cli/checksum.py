"""``ddm checksum``: of files here and at storages, and lists of them checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from catalog.checksum import Algorithm
from catalog.clock import SystemClock
from catalog.errors import ExitCode
from catalog.faults import fault_of
from ddm.cli.moving import Mover, blaming, ending, settings_of, told_by_the_answer
from ddm.cli.toolkit import Session, command, emit, json_option, pass_session
from ddm.cli.words import Lines, counted, shortened
from ddm.exitcodes import FAULTS
from ddm.operations import summing
from ddm.operations.summing import Checked, Sum
from ddm.places import Places
from transfers.staging import Means


@command(
    "checksum",
    examples="ddm checksum mDST.root\n"
    "ddm checksum root://door.example//eos/x/mDST.root eos:/y/other.root\n"
    "ddm checksum --algorithm sha256 *.root > sums.txt\n"
    "ddm checksum --algorithm sha256 --check sums.txt",
    exits=[ExitCode.SOME_FAILED, *FAULTS],
)
@click.argument("words", metavar="[FILE]...", nargs=-1)
@click.option(
    "-a",
    "--algorithm",
    type=click.Choice([str(name) for name in Algorithm]),
    default=str(Algorithm.ADLER32),
    show_default=True,
    help="Which checksum.",
)
@click.option("-c", "--check", "listed", type=click.File("r"), help="Check the files of this list.")
@json_option
@pass_session
def cli(
    session: Session, words: tuple[str, ...], algorithm: str, listed: Iterable[str] | None, as_json: bool
) -> int:
    """Print the checksums of files, one on each line, or check a list of them.

    FILE is a local path, a URL, or ENDPOINT:/PATH. A storage is asked for the adler32 that it keeps or
    computes; for another algorithm the file is read. A list has the lines that this command, md5sum and
    sha256sum write, also with ALGORITHM: before the value; leading zeros may be missing.
    """
    if bool(words) == (listed is not None):
        raise click.UsageError("give files, or --check LIST", click.get_current_context())
    told_by_the_answer()
    mover = Mover("checksum")
    places = Places(settings_of(session), Means(clock=SystemClock(), watch=mover))
    kind = Algorithm(algorithm)
    if listed is not None:
        lines = summing.read_list(listed, kind, getattr(listed, "name", "LIST"))
        with blaming(mover):
            checked = summing.check(places, lines, mover)
        good = [entry.equal for entry in checked]
        code = ending(mover, good, [_fault(entry) for entry in checked])
        emit(_as_json(checked) if as_json else checked, as_json, _render_checked)
        return code
    with blaming(mover):
        found = summing.sums(places, words, kind, mover)
    for bad in found:
        if bad.code and not as_json:
            click.echo(f"ddm: {bad.word}: {bad.code}: {shortened(bad.text, 300)}", err=True)
    emit(found, as_json, _render)
    return ending(mover, [not entry.code for entry in found], [_fault_of(entry) for entry in found])


def _fault_of(found: Sum) -> str:
    return fault_of(found.code) if found.code else ""


def _fault(entry: Checked) -> str:
    """Other bytes than the list says are the storage's fault, also when it is this machine's disk."""
    return _fault_of(entry.found) or ("" if entry.equal else fault_of("checksum_mismatch"))


def _as_json(checked: Sequence[Checked]) -> list[dict[str, object]]:
    return [
        {
            "file": entry.word,
            "equal": entry.equal,
            "expected": entry.expected,
            "found": entry.found.checksum,
            "how": entry.found.how,
            "code": entry.found.code,
            "text": entry.found.text,
        }
        for entry in checked
    ]


def _render(found: Sequence[Sum]) -> Lines:
    for entry in found:
        if entry.checksum is not None:
            yield f"{entry.checksum.value}  {entry.word}"


def _render_checked(checked: Sequence[Checked]) -> Lines:
    for entry in checked:
        if entry.equal:
            yield f"{entry.word}: OK"
        elif entry.found.code:
            yield f"{entry.word}: NOT READ ({entry.found.code}: {shortened(entry.found.text)})"
        else:
            yield f"{entry.word}: DIFFERS ({entry.found.checksum}, the list says {entry.expected})"
    bad = sum(not entry.equal for entry in checked)
    if bad:
        yield f"{bad} of {counted(len(checked), 'file')} differ or cannot be read"
