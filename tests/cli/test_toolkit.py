from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from catalog.checksum import Adler32
from catalog.errors import CatalogUnavailable, ExitCode, NotRegistered
from ddm.cli import program, toolkit
from ddm.cli.program import NOUNS, ddm
from ddm.cli.toolkit import Table, emit, group, json_option, plain, progress

PRESENT = [noun for noun, (module, _) in NOUNS.items() if find_spec(module)]


def run(*arguments: str, **kw):
    return CliRunner().invoke(ddm, arguments, **kw)


def shell(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ddm", *arguments], capture_output=True, text=True, cwd=cwd, timeout=60
    )


def commands(found: click.Command, path: tuple[str, ...]):
    """The command and everything under it."""
    yield path, found
    for name, verb in getattr(found, "commands", {}).items():
        yield from commands(verb, (*path, name))


EVERY = [pair for noun in PRESENT for pair in commands(ddm.get_command(click.Context(ddm), noun), (noun,))]


# ------------------------------------------------------------------------------------------ help
@pytest.mark.parametrize(("path", "found"), EVERY, ids=[" ".join(path) for path, _ in EVERY])
def test_the_help_of_every_command_ends_with_examples_and_exit_codes(path, found):
    told = run(*path, "--help")
    assert told.exit_code == 0
    examples, codes = told.output.index("\nExamples:\n  ddm "), told.output.index("\nExit codes:\n")
    assert told.output.index("\nOptions:\n") < examples < codes
    assert found.help
    if not isinstance(found, click.Group):
        assert all(re.search(r"(^|[|(] ?)ddm ", example) for example in found.examples), found.examples
        assert "--json" in told.output or path[-1] == "completion"  # which prints a script


@pytest.mark.parametrize(("path", "found"), EVERY, ids=[" ".join(path) for path, _ in EVERY])
def test_every_example_is_of_its_command(path, found):
    if isinstance(found, click.Group):
        return
    for example in found.examples:
        words = [word for word in example.split("#")[0].split() if not word.startswith("-")]
        assert " ".join(path) in " ".join(words), example


def test_the_help_of_all_lists_the_nouns_and_loads_none():
    code = (
        "import sys; from ddm.cli.program import ddm\n"
        "try: ddm(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'rich', 'uproot', 'XRootD', 'ddm.cli.doctor', 'transfers.model'}\n"
        "print('loaded', sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "loaded []" in told.stdout
    assert all(f"\n  {noun} " in told.stdout for noun in PRESENT)
    assert "Exit codes:\n  0 " in told.stdout


def test_the_options_of_all_commands_stand_before_or_after_the_noun(tmp_path):
    missing = str(tmp_path / "none.toml")
    for arguments in (["--config", missing, "doctor"], ["doctor", "--config", missing]):
        told = run(*arguments)
        assert "none.toml: cannot be read" in told.output
        assert told.exit_code == ExitCode.USAGE


def test_the_version_is_told():
    assert run("--version").output.startswith("ddm ")


# ------------------------------------------------------------------------------------------ errors
def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ddm doctor`` raises the error."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("ddm.cli.doctor.examine", fail)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["flie"], "ddm: No such command 'flie'"),
        (["init", "--tempalte", "x"], "see 'ddm init --help'"),
        (["init", "a", "b"], "see 'ddm init --help'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments, says):
    told = run(*arguments)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert says in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_bad_configuration_is_one_line_and_exit_code_2(tmp_path):
    (tmp_path / "ddm.toml").write_text("[flow]\nbacth = 1\n")
    told = shell("doctor", cwd=tmp_path)
    assert told.returncode == 2
    assert "[flow] bacth: unknown key; did you mean 'batch'?" in told.stdout


def test_a_directory_that_cannot_be_made_is_one_line_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")
    told = run("demo", "--dir", str(tmp_path / "file" / "demo"))
    assert told.exit_code == 1
    assert told.stderr.startswith(f"ddm: Not a directory ({tmp_path / 'file' / 'demo'}); check the path")
    assert told.stderr.count("\n") == 1


def test_an_error_is_one_line_with_advice_and_its_exit_code(monkeypatch):
    failing(NotRegistered("no such file", subject="/eos/x"), monkeypatch)
    told = run("doctor")
    assert told.exit_code == 1
    assert told.stderr.startswith("ddm: no such file (/eos/x); check the name or number")
    assert told.stderr.count("\n") == 1
    assert told.stdout == ""


def test_the_exit_code_is_that_of_the_error(monkeypatch):
    failing(CatalogUnavailable("disk\nfull"), monkeypatch)
    told = run("doctor")
    assert told.exit_code == ExitCode.BUSY
    assert told.stderr.startswith("ddm: disk full; ")


def test_with_json_an_error_is_one_document_on_standard_output(monkeypatch):
    failing(NotRegistered("no such file", subject="/eos/x"), monkeypatch)
    told = run("doctor", "--json")
    assert json.loads(told.stdout) == {
        "error": "not_registered",
        "message": "no such file",
        "subject": "/eos/x",
        "advice": NotRegistered.advice,
    }
    assert told.stderr.startswith("ddm: no such file")


def test_an_unexpected_error_is_one_line_that_asks_to_report_it(monkeypatch):
    failing(KeyError("x"), monkeypatch)
    told = run("doctor")
    assert told.exit_code == 1
    assert "this should not happen: KeyError: 'x'; please report it" in told.stderr
    assert "Traceback" not in told.output
    assert "Traceback" in run("doctor", "--debug").stderr


def test_an_interruption_says_how_to_go_on(monkeypatch):
    failing(KeyboardInterrupt(), monkeypatch)
    told = run("doctor")
    assert told.exit_code == 130
    assert "ddm: interrupted; run the same command again to go on" in told.stderr


def test_a_reader_that_goes_away_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    told = subprocess.run(
        [sys.executable, "-m", "ddm", "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(writing)
    assert told.stderr == ""


def test_nothing_but_the_program_itself_prints_the_help_and_says_usage():
    told = run()
    assert told.exit_code == 2
    assert "Usage: ddm" in told.stderr


# ------------------------------------------------------------------------------------------ output
class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Facts:
    lfn: Path
    at: datetime
    age: timedelta
    colour: Colour
    adler32: Adler32
    runs: tuple[int, ...]


FACTS = Facts(
    Path("/eos/x"), datetime(2016, 8, 1, tzinfo=UTC), timedelta(minutes=2), Colour.RED, Adler32(0x2A), (1, 2)
)
cli = group("fact", "facts")


@cli.command(examples="ddm fact show", exits=[ExitCode.HELD])
@json_option
def show(as_json: bool) -> int:
    """Show the facts."""
    emit(FACTS, as_json, lambda facts: ["one file", Table(("file", "runs"), [(facts.lfn, 2), ("y", None)])])
    return ExitCode.HELD


@cli.command(examples="ddm fact late")
@json_option
def late(as_json: bool) -> None:
    """Answer, then fail."""
    emit(FACTS, as_json, str)
    raise NotRegistered("too late")


@pytest.fixture
def _fact(monkeypatch):
    monkeypatch.setattr(program, "NOUNS", {"fact": (__name__, "facts")})


def test_verbs_are_in_their_order_each_with_its_first_sentence_whole():
    sentence = "Say something that is longer than a line of help has room for, and must be told all the same."
    for in_order, names in ((True, ["tell", "ask"]), (False, ["ask", "tell"])):
        noun = group("word", "words", in_order=in_order)
        for name in ("tell", "ask"):
            noun.command(name, help=f"{sentence} And more.", examples=f"ddm word {name}")(lambda: None)
        told = CliRunner().invoke(noun, ["--help"], obj=toolkit.Session()).output
        listed = " ".join(told.split("Commands:")[1].split("Examples:")[0].split())
        assert listed == f"{names[0]} {sentence} {names[1]} {sentence}"


@pytest.mark.usefixtures("_fact")
def test_an_answer_is_a_table_for_people_or_a_document_for_programs():
    told = run("fact", "show")
    assert told.stdout == "one file\nfile    runs\n/eos/x     2\ny          -\n"
    assert told.exit_code == ExitCode.HELD
    assert json.loads(run("fact", "show", "--json").stdout) == {
        "lfn": "/eos/x",
        "at": "2016-08-01T00:00:00+00:00",
        "age": 120.0,
        "colour": "red",
        "adler32": "0000002a",
        "runs": [1, 2],
    }


@pytest.mark.usefixtures("_fact")
def test_standard_output_never_holds_two_documents():
    told = run("fact", "late", "--json")
    assert json.loads(told.stdout)["lfn"] == "/eos/x"
    assert told.exit_code == 1
    assert told.stderr.startswith("ddm: too late")


@pytest.mark.usefixtures("_fact")
def test_the_help_of_a_noun_shows_an_example_of_each_verb_and_a_verb_its_exit_codes():
    told = run("fact", "--help")
    assert "Examples:\n  ddm fact late\n  ddm fact show\n" in told.output
    told = run("fact", "show", "--help")
    assert "Exit codes:\n  0    done\n  1    failed\n  2    wrong usage" in told.output
    assert "  4    something waits for a person\n" in told.output
    assert "  3 " not in told.output


def test_a_name_never_breaks_a_line_or_a_terminal():
    table = Table(("name", "n"), [("a\nb\x1b[2J\udcff ü", 1)])
    assert plain(table).splitlines()[1] == "a\\nb\\x1b[2J\\udcff ü  1"


def test_a_plain_table_is_aligned_and_keeps_brackets():
    table = Table(("file", "size"), [("[bold]a", 5), ("b" * 200, 12345)], title="Files")
    assert plain(table).splitlines()[:3] == [
        "Files",
        "file".ljust(200) + "   size",
        "[bold]a".ljust(200) + "      5",
    ]


def test_progress_without_a_terminal_is_a_line_now_and_then(capsys):
    times = iter([0.0, 1.0, 6.0, 6.0, 7.0, 8.0, 8.0])
    with progress("recall", total=4, every=5, now=lambda: next(times)) as shown:
        shown.advance()
        shown.advance(note="run 278485")
        shown.at(4)
    assert capsys.readouterr().err == "recall: 2 of 4 files, run 278485\nrecall: 4 of 4 files\n"


def test_more_than_was_foreseen_is_not_told_as_a_part_of_it(capsys, monkeypatch):
    with progress("scan", total=4, every=0) as shown:
        shown.at(5)
    assert capsys.readouterr().err == "scan: 5 files\nscan: 5 files\n"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress("scan", total=4) as shown:
        shown.at(5)
    assert "5/?" in capsys.readouterr().err


def test_progress_on_a_terminal_is_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress("recall", total=4) as shown:
        shown.advance(4)
    assert "4/4" in capsys.readouterr().err


def test_without_yes_nothing_is_done_and_said_so(capsys):
    assert toolkit.go_ahead(True)
    assert not toolkit.go_ahead(False)
    assert "add --yes to do it" in capsys.readouterr().err
