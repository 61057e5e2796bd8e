"""``ddm stage-in`` and ``ddm stage-out``: the programs of worker nodes.

No database, no configuration, and almost no imports: a batch job starts them again and again, on machines
that are not ours. So the arguments are read by the standard library here; ``ddm.cli.stage_in`` and
``stage_out`` show the same table of options in the tree of commands.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from catalog.errors import ExitCode
from ddm.exitcodes import EXIT_CODES, FAULTS


@dataclass(frozen=True, slots=True)
class Option:
    """An option of both programs; ``metavar`` "" for a flag."""

    name: str
    help: str
    metavar: str = ""
    default: str = ""


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

EXAMPLES: Mapping[str, Sequence[str]] = {
    "stage-in": ("ddm stage-in inputs.json", "ddm stage-in inputs.json --dir work --json"),
    "stage-out": ("ddm stage-out outputs.json", "ddm stage-out outputs.json --report outputs.report.json"),
}

EXITS = (
    ExitCode.DONE,
    ExitCode.FAILED,
    ExitCode.USAGE,
    *FAULTS,
    ExitCode.INTERRUPTED,
    ExitCode.TERMINATED,
)


def main(arguments: Sequence[str]) -> NoReturn:
    """``[stage-in, MANIFEST, …]``: do it and end the process."""
    verb, *rest = arguments
    sys.exit(run(verb, rest))


def run(verb: str, arguments: Sequence[str]) -> int:
    """The exit code. A report is left unless the usage is wrong."""
    args = _parser(verb).parse_args(arguments)
    if args.verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
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


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one line, as with the other commands."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}; see '{self.prog} --help'\n")


def _parser(verb: str) -> argparse.ArgumentParser:
    epilog = ["Examples:", *(f"  {line}" for line in EXAMPLES[verb]), "", "Exit codes:"]
    epilog += [f"  {code:<5}{EXIT_CODES[code]}" for code in sorted(EXITS)]
    parser = _Parser(
        prog=f"ddm {verb}",
        description=TEXTS[verb],
        epilog="\n".join(epilog),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("manifest", type=_file, metavar="MANIFEST")
    for option in OPTIONS:
        _add(parser, option)
    parser.add_argument("-v", "--verbose", action="store_true", help="Log every call to a storage.")
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    if not option.metavar:
        parser.add_argument(option.name, action="store_true", help=option.help)
        return
    kind: Callable[[str], int | Path] = _number if option.metavar == "N" else Path
    text = option.help + (f" Default: {option.default}" if option.default else "")
    default = kind(option.default) if option.default else None
    parser.add_argument(option.name, type=kind, metavar=option.metavar, help=text, default=default)


def _file(text: str) -> Path:
    if not Path(text).name:
        raise argparse.ArgumentTypeError(f"{text!r} names no file")
    return Path(text)


def _number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above zero")
    return int(text)
