"""Programs of worker nodes: no database, no configuration, and almost no imports.

A batch job starts them again and again, on machines that are not ours. So their arguments are read by the
standard library here; ``ddm.cli.lightly`` shows the same tables of options in the tree of commands.
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

EXITS = (
    ExitCode.DONE,
    ExitCode.FAILED,
    ExitCode.USAGE,
    *FAULTS,
    ExitCode.INTERRUPTED,
    ExitCode.TERMINATED,
)


@dataclass(frozen=True, slots=True)
class Option:
    """An option; ``metavar`` "" for a flag, ``N``, ``SIZE`` (such as 20 GB), else a path."""

    name: str
    help: str
    metavar: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """One of them: what it is called below ``ddm``, its help, and what it does with its arguments: its exit
    code."""

    name: str
    text: str
    examples: tuple[str, ...]
    options: tuple[Option, ...]
    do: Callable[[argparse.Namespace], int]


def run(program: Program, arguments: Sequence[str]) -> int:
    """The exit code. A report is left unless the usage is wrong."""
    args = _parser(program).parse_args(arguments)
    if args.verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    return program.do(args)


def main(program: Program, arguments: Sequence[str]) -> NoReturn:
    """Do it and end the process."""
    sys.exit(run(program, arguments))


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one line, as with the other commands."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}; see '{self.prog} --help'\n")


def _parser(program: Program) -> argparse.ArgumentParser:
    epilog = ["Examples:", *(f"  {line}" for line in program.examples), "", "Exit codes:"]
    epilog += [f"  {code:<5}{EXIT_CODES[code]}" for code in sorted(EXITS)]
    parser = _Parser(
        prog=f"ddm {program.name}",
        description=program.text,
        epilog="\n".join(epilog),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("manifest", type=_file, metavar="MANIFEST")
    for option in program.options:
        _add(parser, option)
    parser.add_argument("-v", "--verbose", action="store_true", help="Log every call to a storage.")
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    if not option.metavar:
        parser.add_argument(option.name, action="store_true", help=option.help)
        return
    kind = KINDS.get(option.metavar, Path)
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


def _size(text: str) -> int:
    from catalog.units import parse_size

    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


KINDS: Mapping[str, Callable[[str], int | Path]] = {"N": _number, "SIZE": _size}
