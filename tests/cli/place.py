"""A small experiment on disk for the tests of commands: a ddm.toml, an empty catalogue, a raw list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from ddm.cli.program import ddm
from ddm.templates import demo_toml

RAW = "/castor/cern.ch/compass/data/2016/raw/W14"


class Place:
    """A directory with a ddm.toml, and the commands run in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("disk", "tape"):
            (root / name).mkdir(parents=True)
        (root / "ddm.toml").write_text(demo_toml(program=["true"]))

    @classmethod
    def again(cls, root: Path) -> Place:
        """One that was copied from another."""
        place = cls.__new__(cls)
        place.root = root
        return place

    def run(self, *arguments: object) -> Result:
        words = [str(word) for word in arguments]
        return CliRunner().invoke(ddm, [*words, "--config", str(self.root / "ddm.toml")])

    def good(self, *arguments: object) -> str:
        """The output of a command that must succeed."""
        told = self.run(*arguments)
        assert told.exit_code == 0, told.output
        return told.stdout

    def json(self, *arguments: object) -> Any:
        """The answer of a command that must succeed."""
        return json.loads(self.good(*arguments, "--json"))

    def refused(self, code: int, *arguments: object) -> str:
        """The one line of a command that must end with this code."""
        told = self.run(*arguments)
        assert told.exit_code == code, told.output
        assert told.stderr.count("\n") == 1, told.stderr
        return told.stderr

    def list(self, *lines: str, name: str = "raw.csv", header: str = "lfn,size,adler32,n_events") -> Path:
        path = self.root / name
        path.write_text("\n".join([header, *lines]) + "\n")
        return path

    def raw_list(self, chunks: int = 3, run: int = 275678) -> Path:
        return self.list(*(f"{RAW}/cdr11{n:03d}-{run}.raw,{1000 + n},0000000{n},10" for n in range(chunks)))

    def register(self, chunks: int = 3) -> None:
        """An upgraded catalogue with a run of raw files."""
        self.good("db", "upgrade")
        self.good("file", "register", self.raw_list(chunks), "--dataset", "2016/W14", "--endpoint", "tape")
