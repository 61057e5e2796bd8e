"""``ddm ls``: what is in a directory, as the service says it or as the catalogue has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from ddm.cli.moving import blaming, settings_of, told_by_the_answer
from ddm.cli.toolkit import Session, command, emit, json_option, pass_session
from ddm.cli.words import size, when
from ddm.exitcodes import FAULTS
from ddm.operations.looking import Line, of_service
from ddm.places import Places
from transfers.prefixes import is_url
from transfers.staging import Means


@command(
    "ls",
    examples="ddm ls /castor/cern.ch/compass/data/2016/raw/W14\n"
    "ddm ls -l root://door.example//eos/experiment/run1\n"
    "ddm ls -l -r eos:/analysis --json\n"
    "ddm ls '/castor/*/mDST-275678-*.root'",
    exits=[*FAULTS, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("where")
@click.option("-l", "--long", "long", is_flag=True, help="Size, time, adler32 and where each file is.")
@click.option("-r", "--recursive", is_flag=True, help="What is below, too.")
@click.option("-h", "--human", is_flag=True, help="Sizes for people.")
@json_option
@pass_session
def cli(session: Session, where: str, long: bool, recursive: bool, human: bool, as_json: bool) -> None:
    """List files. WHERE decides whom to ask, and the answer says it.

    A URL, or ENDPOINT:/PATH, is asked of the service: what is really there. Anything else is a directory of
    LFNs, an LFN, a base name or a pattern, and is looked up in the catalogue: what should be there. A local
    directory is ./DIR or file:///DIR.
    """
    if is_url(where) or ":/" in where or where in (".", "..") or where.startswith(("./", "../")):
        told_by_the_answer()
        with blaming():
            places = Places(settings_of(session), Means(clock=SystemClock()))
            told = of_service(places, places.of(where), recursive=recursive)
            _tell("service", where, told if recursive else sorted(told, key=_path), long, human, as_json)
        return
    from ddm.cli.operator import catalogue  # a listing of a service loads no database
    from ddm.operations.lfns import of_catalogue

    with catalogue(session) as catalog:
        found = of_catalogue(catalog, session.settings(), where, recursive=recursive)
    _tell("catalogue", where, found, long, human, as_json)


def _path(line: Line) -> str:
    return line.path


def _tell(whom: str, where: str, told: Iterable[Line], long: bool, human: bool, as_json: bool) -> None:
    if as_json:
        emit({"from": whom, "where": where, "entries": list(told)}, as_json, str)
        return
    click.echo(f"ddm: as the {whom} says", err=True)
    for line in _texts(told, long, human):
        click.echo(line)


def _texts(lines: Iterable[Line], long: bool, human: bool) -> Iterator[str]:
    """One line each, as they come."""
    for line in lines:
        name = line.path + ("/" if line.is_directory else "")
        if not long:
            yield name
            continue
        number = "-" if line.size is None or line.is_directory else str(line.size)
        if human and line.size is not None and not line.is_directory:
            number = size(line.size) or "-"
        adler = "-" if line.adler32 is None else str(line.adler32)
        at = when(line.modified_at) or "-"
        yield f"{number:>14}  {at:<19}  {adler:<8}  {line.where or '-':<10}  {name}"
