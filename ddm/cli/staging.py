"""``ddm stage-in`` and ``ddm stage-out``: programs of worker nodes (``ddm.cli.light``)."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence

from ddm.cli import light
from ddm.cli.light import Option, Program

OPTIONS = (
    Option("--dir", "The work directory, where the local files are or come.", "DIR", "."),
    Option("--report", "Where the report goes; beside the manifest, MANIFEST.report.json.", "FILE"),
    Option("--threads", "Calls to storages at a time.", "N", "4"),
    Option("--json", "Print the report on standard output as well."),
    Option("--quiet", "Say nothing but the line of an error."),
)

TEXTS: Mapping[str, str] = {
    "stage-in": """\
Bring the files of a manifest to this machine, compared on arrival.

Needs no database and no ddm.toml: MANIFEST (JSON; docs/howto/worker-nodes.md) has everything. Several sources
of a file are tried in the order of what is online, worked of late, and is near. What is there and equal is
kept, so repeat freely; a different file is never touched. In any case a report is left.
""",
    "stage-out": """\
Put the files of a manifest to storage, compared there: all are announced, or none.

Needs no database and no ddm.toml: MANIFEST (JSON; docs/howto/worker-nodes.md) has everything. Destinations
are tried in order. The report lists outputs only if all of them were put; else it says what lies where, for
clean-up. Nothing is overwritten. Repeat freely: equal files are adopted.
""",
}

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "stage-in": ("ddm stage-in inputs.json", "ddm stage-in inputs.json --dir work --json"),
    "stage-out": ("ddm stage-out outputs.json", "ddm stage-out outputs.json --report outputs.report.json"),
}


def _do(verb: str) -> Callable[[argparse.Namespace], int]:
    def do(args: argparse.Namespace) -> int:
        from ddm.cli import staging_run  # what moves bytes is not needed to tell how to use it

        return staging_run.run(
            verb,
            args.manifest,
            directory=args.dir,
            report=args.report or args.manifest.with_name(f"{args.manifest.name}.report.json"),
            threads=args.threads,
            as_json=args.json,
            quiet=args.quiet,
        )

    return do


PROGRAMS = {verb: Program(verb, TEXTS[verb], EXAMPLES[verb], OPTIONS, _do(verb)) for verb in TEXTS}


def run(verb: str, arguments: Sequence[str]) -> int:
    """The exit code. A report is left unless the usage is wrong."""
    return light.run(PROGRAMS[verb], arguments)
