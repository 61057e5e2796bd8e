"""The bench of copies sees what is wrong at the end, and is wrong then."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench import transfers as bench
from tests.bench.transfers import add_arguments, compared, run
from tests.fixtures_xrootd import xrootd_programs
from transfers.model import CopyOrder, Done, Outcome

__all__ = ["xrootd_programs"]


def two(place: Path) -> tuple[Path, Path]:
    for side in ("source", "target"):
        for name, data in {"a": b"events", "sub/b": bytes(3 << 20), "empty": b""}.items():
            file = place / side / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return place / "source", place / "target"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda target: (target / "a").write_bytes(b"eventz"),
        lambda target: (target / "sub/b").write_bytes(bytes((3 << 20) - 1) + b"x"),
        lambda target: (target / "sub/b").unlink(),
        lambda target: (target / "sub/.left.part").touch(),
        lambda target: (target / "empty").write_bytes(b"x"),
    ],
)
def test_any_other_byte_or_name_is_seen(spoil: Callable[[Path], Any], tmp_path: Path) -> None:
    source, target = two(tmp_path)
    assert compared(source, target) == []
    spoil(target)
    assert len(compared(source, target)) == 1


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args([*words, "--seconds", "0"])


@pytest.mark.xrootd
def test_a_small_bench_is_right_and_a_copier_that_lies_is_wrong(
    xrootd_programs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = arguments("--small", "16", "--large", "1", "--gigabytes", "0.01")
    figures, problems = run(chosen)
    assert problems == []
    assert {"small_files_per_s", "large_MB_per_s", "small_vs_xrdcp", "large_vs_xrdcp"} <= set(figures)
    assert {"client_cpu_s_per_GB", "checksum_GB_per_s", "checksum_vs_zlib"} <= set(figures)
    honest = bench.open_storage

    class Liar:
        def __init__(self, copier: Any) -> None:
            self._copier = copier

        def copy(self, orders: list[CopyOrder]) -> dict[str, Outcome]:
            self._copier.copy(orders[1:]) if orders[1:] else None
            return {order.path: Done() for order in orders}

    def open_storage(*args: Any, **more: Any) -> Any:
        storage = honest(*args, **more)
        return argparse.Namespace(copier=Liar(storage.copier))

    monkeypatch.setattr(bench, "open_storage", open_storage)
    figures, problems = run(chosen)
    assert len(problems) >= 2
    assert any("is not at the destination" in problem for problem in problems)
