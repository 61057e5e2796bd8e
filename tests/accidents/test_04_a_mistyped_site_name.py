"""Accident 4: the exclusion of the HPC sites was a typo.

There: four modules excluded sites by names that no site had, so that the tasks of these sites were archived
and deleted like all others. Here nothing is excluded or included by a name that may match nothing: every name
in the configuration must be that of something (``ddm.configcheck``), a name that a command is given too, and
what a task was defined as is frozen in the catalogue (``files.define_task``): it cannot silently become
another one.

Seen to fail: with ``configcheck._exists`` asking nothing, mistyped names are taken; with the comparison in
``define_task`` left out, the flow goes on with another disk.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import ConflictingRegistration, ExitCode
from ddm import config
from ddm.errors import ConfigError
from tests.accidents.experiment import DAY, RUN, Experiment, toml

MISTYPED = [
    ('disk = "disk"', 'disk = "dsik"', "disk"),
    ('runner = "here"', 'runner = "hree"', "here"),
    ('products = ["dump", "logs"]', 'products = ["dmup", "logs"]', "dump"),
    ('archive_to = "tape"', 'archive_to = "tpae"', "tape"),
    ('kind = "tape"', 'kind = "tpae"', "tape"),
    ('backend = "simtape"', 'backend = "simtape"\nstie = "CERN"', "site"),
    ("[flow]", "[flwo]", "flow"),
    ('counted = "all"', 'counted = "al"', "all"),
    ('grace = "1 d"', 'inputs_after_archive = "kep"', "keep"),
    ('raw_name = "cdr{chunk}-{run}.raw"', 'raw_name = "cdr{chnuk}-{run}.raw"', "chunk"),
]


@pytest.mark.parametrize(("right", "wrong", "meant"), MISTYPED)
def test_04_a_name_that_matches_nothing_is_refused_and_the_right_one_told(
    tmp_path: Path, right: str, wrong: str, meant: str
) -> None:
    file = tmp_path / "ddm.toml"
    file.write_text(toml({"P08": {}}, **{right: wrong}))
    with pytest.raises(ConfigError) as refused:
        config.load(file, {})
    assert meant in str(refused.value)


WRONG_WORDS = [
    ("file", "register", "raw.csv", "--dataset", "2016/W14", "--endpoint", "tpae"),
    ("file", "register", "raw.csv", "--dataset", "2016/W14", "--endpoint", "tape", "--task", "P80"),
    ("dataset", "close", "2016/W15"),
    ("trash", "restore", "nobody-knows-it.raw", "--reason", "r"),
    ("gap", "add", "nobody-knows-it.raw", "--reason", "r", "--yes"),
    ("check", "repair", "275679", "dmup", "--reason", "r", "--yes"),
    ("check", "waive", "275679", "dmup", "--reason", "r", "--yes"),
]


def test_04_a_command_that_names_what_is_not_there_is_refused_and_does_nothing(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path / "e")
    experiment.register(experiment.take_data())
    before = experiment.asked("SELECT count(*), max(id) FROM history")
    for words in WRONG_WORDS:
        told = experiment.run(*(str(experiment.root / w) if w == "raw.csv" else w for w in words))
        assert told.exit_code in (ExitCode.USAGE, ExitCode.FAILED), (words, told.output)
    assert experiment.asked("SELECT count(*), max(id) FROM history") == before


def test_04_what_has_files_cannot_get_another_name_by_a_typo(tmp_path: Path) -> None:
    """The configuration is consistent, only it is another one than that of the files made so far."""
    experiment = Experiment(tmp_path / "e")
    experiment.register(experiment.take_data())
    experiment.tape.inject("*mergedDump*", "no-archive", None)
    experiment.go(3 * DAY)
    for name in ("endpoint.disk", "endpoint.tape", "product.dump"):
        old = name.split(".")[1]
        text = toml({"P08": {}}).replace(f"[{name}]", f"[{name}x]").replace(f'"{old}"', f'"{old}x"')
        (experiment.root / "ddm.toml").write_text(text.replace(f'kind = "{old}x"', f'kind = "{old}"'))
        experiment.settings = config.load(experiment.root / "ddm.toml", {})
        with pytest.raises(ConflictingRegistration):
            experiment.go(DAY)
    assert experiment.states(role="intermediate") == {"AVAILABLE": 4}


def test_04_a_task_of_a_mistyped_name_is_another_task_and_takes_nothing_from_the_first(
    tmp_path: Path,
) -> None:
    experiment = Experiment(tmp_path / "e")
    experiment.register(experiment.take_data())
    experiment.tape.inject("*mergedDump*", "no-archive", None)
    experiment.go(3 * DAY)
    before = {
        row.path: experiment.disk_file(row.path).read_bytes() for row in experiment.replicas(endpoint="disk")
    }
    assert len(before) == 6
    experiment.configure({"P80": {}})
    experiment.go(5 * DAY)
    assert {path: experiment.disk_file(path).read_bytes() for path in before} == before
    assert {(thing.noun, thing.run) for thing in experiment.held()} == {("job", RUN)}
    assert experiment.kept() == []
