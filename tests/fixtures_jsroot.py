"""jsroot, a second reader of ROOT files that shares nothing with uproot or with us; no silent skip in CI.

``tools/install-jsroot`` brings it. One process of node reads all files of a session. Import the fixture where
it is used: ``from tests.fixtures_jsroot import jsroot``.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent / "readers" / "jsroot.mjs"
VERSION = SCRIPT.with_suffix(".version").read_text().split()[0]


@dataclass(frozen=True)
class Contents:
    """What jsroot found: classes by path, tables (trees and RNTuples) by path, members of all other objects.

    A column is a list of values, or the text of what jsroot says where it cannot read one.
    """

    classes: dict[str, str]
    entries: dict[str, int]
    columns: dict[str, dict[str, list[Any] | str]]
    objects: dict[str, dict[str, Any]]


class Jsroot:
    """A process that reads one file after the other."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[str] | None = None

    def read(self, path: Path, cuts: Mapping[str, Sequence[int]] | None = None) -> Contents:
        """All of a file. With ``cuts``, numbers of entries by table, columns are digests of such parts."""
        reply = self._ask({"path": str(path), "cuts": cuts})
        if "error" in reply:
            raise ValueError(f"jsroot cannot read {path}: {reply['error']}")
        tables = reply["tables"]
        return Contents(
            reply["classes"],
            {name: table["entries"] for name, table in tables.items()},
            {
                name: {
                    column: told.get("error") or told.get("digests") or told.get("values")
                    for column, told in table["columns"].items()
                }
                for name, table in tables.items()
            },
            reply["objects"],
        )

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [self._home / "node", "--max-old-space-size=2048", SCRIPT, self._home],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BaseException:
            self.close()  # what it still says would be taken for the next answer
            raise
        if not line:
            raise ValueError(f"jsroot died of {request['path']}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def installed() -> Path | None:
    """Where jsroot of the right version is, if it is."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = next(iter(sorted(cache.glob(f"ddm/jsroot-{VERSION}-*"))), None)
    return home if home and (home / "node").exists() else None


@pytest.fixture(scope="session")
def jsroot() -> Iterator[Jsroot]:
    """Fails (CI) or skips (elsewhere) where jsroot is not installed."""
    home = installed()
    if home is None:
        message = f"needs jsroot {VERSION} (run: tools/install-jsroot)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    reader = Jsroot(home)
    yield reader
    reader.close()
