"""``ddm merge run`` and ``ddm check run``: programs of worker nodes (``ddm.cli.light``)."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ddm.cli.light import Option, Program

SHARED = (
    Option("--dir", "The work directory: new, empty, or of an earlier try. Default: MANIFEST.work", "DIR"),
    Option("--report", "Where the report goes. Default: MANIFEST.report.json", "FILE"),
    Option("--space", "Disk that may be used there, if the batch system sets a limit: 20 GB.", "SIZE"),
    Option("--ahead", "Bytes of inputs fetched before they are needed, at most.", "SIZE", "256 MB"),
    Option("--in-place", "Read inputs on this machine's file systems where they lie, without a copy."),
    Option("--same-content", "Read merged files and inputs again, and compare what they hold."),
)
TOLD = (
    Option("--json", "Print the report on standard output as well."),
    Option("--quiet", "Say nothing but the line of an error."),
)

MERGE_TEXT = """\
Do the job of a manifest: fetch its inputs, merge them, put what came of it to storage, and leave a report.

Needs no database and no ddm.toml: MANIFEST (JSON; docs/howto/merge-jobs.md) has everything; 'ddm merge
manifest' writes one of a merge group. Inputs come one by one where the format allows that, so that scratch
space is needed for the output and a few inputs; it is looked at first. Every input is compared with its size
and adler32; with one missing nothing is merged. Outputs are compared at their destination, never over another
file: all are announced, or none. Interrupted or killed, the same command goes on, or begins anew.
"""
CHECK_TEXT = """\
Count the files of a manifest again, from the files themselves, and report sizes, checksums and events.

Takes the manifest of a merge: its inputs, and its promises that say size and adler32 of what was merged
before. With --same-content merged files are compared with their inputs. Needs no database and no ddm.toml;
'ddm check take' takes the report into the catalogue. Changes nothing.
"""


def _do(verb: str) -> Callable[[argparse.Namespace], int]:
    def do(args: argparse.Namespace) -> int:
        from ddm.cli import nodes_run  # what does the work is not needed to tell how to use it

        return nodes_run.run(verb, args)

    return do


_MERGE, _CHECK = "merge run", "check run"
PROGRAMS = {
    "merge": Program(
        _MERGE,
        MERGE_TEXT,
        ("ddm merge run merge.json", "ddm merge run merge.json --dir $TMPDIR/work --space '20 GB' --json"),
        (*SHARED, Option("--keep", "Keep the work directory of a job that failed, to go on there."), *TOLD),
        _do(_MERGE),
    ),
    "check": Program(
        _CHECK,
        CHECK_TEXT,
        ("ddm check run merge.json", "ddm check run merge.json --in-place --same-content"),
        (*SHARED, *TOLD),
        _do(_CHECK),
    ),
}
