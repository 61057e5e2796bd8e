"""The ``ddm`` program: which nouns there are, and how an error becomes one line and an exit code."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Any, NoReturn

import click
from click.exceptions import Abort, NoArgsIsHelpError

from catalog.errors import DataManagementError, ExitCode
from ddm.cli.toolkit import Session, shared_options
from ddm.exitcodes import EXIT_CODES, INTERRUPTED

NOUNS: Mapping[str, tuple[str, str]] = {
    "demo": ("ddm.cli.demo", "take a small period of an experiment from tape to archive"),
    "init": ("ddm.cli.init", "write a commented ddm.toml"),
    "doctor": ("ddm.cli.doctor", "look whether everything that ddm needs is there"),
    "endpoint": ("ddm.cli.endpoint", "show the endpoints, their space, and which one new files go to"),
    "db": ("ddm.cli.db", "make, upgrade, check, back up, export and move the catalogue"),
    "dataset": ("ddm.cli.dataset", "add, show, close and group datasets; versions, metadata, owners"),
    "group": ("ddm.cli.group", "make and show the groups that datasets belong to"),
    "meta": ("ddm.cli.meta", "say more of files than their names do: typed keys and their values"),
    "file": ("ddm.cli.file", "register files; find and show them, where they are, what they are made of"),
    "run": ("ddm.cli.run", "show which runs are complete, which are not, and why"),
    "history": ("ddm.cli.history", "show what changed, of anything, since a time, by somebody"),
    "events": ("ddm.cli.events", "ask how many events files have; share a file among processes"),
    "flow": ("ddm.cli.flow", "run the flow, once or for good, and show where it is"),
    "explain": ("ddm.cli.explain", "say why a file, run or job is where it is, and what would move it"),
    "stage": ("ddm.cli.stage", "request, follow and release recalls from tape"),
    "job": ("ddm.cli.job", "show jobs, resume held ones"),
    "log": ("ddm.cli.log", "show the logs of jobs, from their files, from archives, from tape"),
    "merge": ("ddm.cli.merge", "plan, show, redo and void merges"),
    "check": ("ddm.cli.check", "show, run and waive cross-checks"),
    "gap": ("ddm.cli.gap", "register chunks that will never come"),
    "carry": ("ddm.cli.carry", "carry files by hand to and from sites that ddm cannot reach"),
    "leftovers": ("ddm.cli.leftovers", "report temporary files that killed processes left behind"),
    "archive": ("ddm.cli.archive", "show what is on tape and what is on its way"),
    "trash": ("ddm.cli.trash", "list, restore and empty the trash"),
    "certificate": ("ddm.cli.certificate", "show and verify delete certificates: why something was deleted"),
    "hold": ("ddm.cli.hold", "keep files from being withdrawn or removed"),
    "task": ("ddm.cli.task", "list productions, clean up after one that is archived"),
    "reconcile": ("ddm.cli.reconcile", "compare what storages hold with what the catalogue says of them"),
    "report": ("ddm.cli.report", "state what a period came to, with the proof; check a statement later"),
    "copy": ("ddm.cli.copy", "copy files between here and storages, compared; resumes"),
    "get": ("ddm.cli.get", "fetch files of the catalogue by LFN, from the best replica"),
    "put": ("ddm.cli.put", "put a local file to an endpoint and register it"),
    "ls": ("ddm.cli.ls", "list files, as the service or the catalogue knows them"),
    "checksum": ("ddm.cli.checksum", "compute and check adler32, crc32c, md5 and sha256"),
    "stage-in": ("ddm.cli.stage_in", "bring the files of a manifest to a worker node"),
    "stage-out": ("ddm.cli.stage_out", "put the files of a manifest to storage, all or none"),
    "completion": ("ddm.cli.completion", "make the shell complete commands, options and names"),
}
"""Every noun: its module, loaded when the noun is used, and its line in ``ddm --help``."""

EXAMPLES = ("ddm demo", "ddm init", "ddm flow run", "ddm flow status --json", "ddm explain RUN")


def version() -> str:
    """The version of the installed distribution."""
    try:
        return metadata.version("ddm")
    except metadata.PackageNotFoundError:
        return "not installed (running from its source)"


class Program(click.Group):
    """The top of the tree. Its ``main`` ends the process, and no traceback reaches a user."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [noun for noun, (module, _) in NOUNS.items() if find_spec(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = import_module(NOUNS[cmd_name][0]).cli
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(noun, NOUNS[noun][1]) for noun in self.list_commands(ctx)])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            formatter.write("".join(f"{'':{formatter.current_indent}}{line}\n" for line in EXAMPLES))
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in EXIT_CODES.items()])

    def main(  # type: ignore[override]  # click's overloads depend on standalone_mode; ours always exits
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        arguments = list(sys.argv[1:] if args is None else args)
        session = Session()
        extra = {**extra, "standalone_mode": False, "obj": session}
        try:
            code = super().main(arguments, prog_name or "ddm", **extra)
            sys.stdout.flush()
        except BrokenPipeError:
            _hush()
            code = ExitCode.FAILED
        except (Abort, KeyboardInterrupt):
            click.echo("ddm: interrupted; run the same command again to go on", err=True)
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001  the border: whatever it is, a user gets one line
            code = _tell(error, session, "--json" in arguments)
        sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def _hush() -> None:
    """Nobody reads our output any more: what is still buffered goes nowhere, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(error: Exception, session: Session, as_json: bool) -> int:
    """Print the error for people, with ``--json`` also for programs; its exit code."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return ExitCode.USAGE
    if session.debug:
        traceback.print_exception(error)
    found = describe(error)
    click.echo(line(found), err=True)
    if as_json and not session.emitted:
        click.echo(json.dumps({key: found[key] for key in ("error", "message", "subject", "advice")}))
    return int(found["exit_code"])


def describe(error: Exception) -> dict[str, Any]:
    """What to tell about an error: ``error`` (a stable word), message, subject, advice, exit code."""
    match error:
        case DataManagementError():
            told = (error.code, str(error), error.subject, error.advice, error.exit_code)
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else "ddm"
            told = ("usage", error.format_message(), "", f"see '{path} --help'", ExitCode.USAGE)
        case click.ClickException():
            told = ("failed", error.format_message(), "", "", error.exit_code)
        case FileExistsError(filename=name) if name:
            what = "it is there already, and is not overwritten"
            told = ("system", what, str(name), "give another name, or move it away", ExitCode.FAILED)
        case OSError(strerror=str(what)):
            advice = "check the path, its permissions and the space on its disk; --debug tells more"
            told = ("system", what, str(error.filename or ""), advice, ExitCode.FAILED)
        case _:
            text = f"this should not happen: {type(error).__name__}: {error}"
            advice = "please report it, with what the same command prints with --debug"
            told = ("unexpected", text, "", advice, ExitCode.FAILED)
    return dict(zip(("error", "message", "subject", "advice", "exit_code"), told, strict=True))


def line(found: Mapping[str, Any]) -> str:
    """``ddm: what (about what); advice``, on one line."""
    text = str(found["message"]).rstrip(".")
    if found["subject"] and found["subject"] not in text:
        text += f" ({found['subject']})"
    if found["advice"]:
        text += f"{'' if text.endswith('?') else ';'} {found['advice']}"
    return "ddm: " + " ".join(text.split())


def _print_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"ddm {version()}")
        context.exit()


ddm = Program(
    "ddm",
    help="From tape to archive: register, recall, process, merge, check, archive, delete with proof.",
    params=[
        *shared_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version.",
        ),
    ],
)
