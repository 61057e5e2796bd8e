"""``ddm leftovers``: temporary files that killed processes left behind."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from ddm.cli.toolkit import Table, command, emit, go_ahead, json_option, yes_option
from ddm.units import human_size
from transfers.leftovers import Leftover, Use, find, remove


@command(
    "leftovers",
    examples="ddm leftovers /data/compass\nddm leftovers /data/compass --remove --yes",
    exits=[ExitCode.HELD],
)
@click.argument(
    "directories", metavar="DIRECTORY...", nargs=-1, required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)  # fmt: skip
@click.option("--remove", "act", is_flag=True, help="Remove those whose writer is proven dead; needs --yes.")
@yes_option
@json_option
def cli(directories: tuple[Path, ...], act: bool, yes: bool, as_json: bool) -> int:
    """Report temporary files of ddm below directories of a local or shared file system.

    A file is 'left' if it was made on this host, nobody has written to it for an hour, and the lock that its
    writer holds while it lives is free. Only such are removed, each looked at again under its lock; nothing
    else ever is. Where the file system has nameless files (ext4, XFS, Btrfs, tmpfs) a kill leaves none. Ends
    with 4 if any stays.
    """
    clock = SystemClock()
    found = [one for directory in directories for one in find(directory, clock.now())]
    left = [one for one in found if one.use is Use.LEFT]
    removed = []
    if act and left and go_ahead(yes):
        removed = [one for one in left if remove(one, clock.now())]
    answer = {"found": found, "removed": [one.path for one in removed]}
    emit(answer, as_json, lambda _: _render(found, removed))
    return ExitCode.HELD if len(found) > len(removed) else ExitCode.DONE


def _render(found: list[Leftover], removed: list[Leftover]) -> Iterable[str | Table]:
    rows = [
        (
            str(one.path),
            "removed" if one in removed else one.use.value,
            human_size(one.size),
            f"{one.modified_at:%Y-%m-%d %H:%M}",
            one.why or None,
        )
        for one in found
    ]
    yield Table(("file", "is", "size", "written to", "why not left"), rows) if rows else "nothing is left"
