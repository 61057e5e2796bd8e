"""The configuration files that ddm writes: ``compass`` to start from, and the one of the demo."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Literal


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")


def compass_toml() -> str:
    """The commented ddm.toml of ``ddm init``: every setting, with its sentence; it loads as it is."""
    return _text("compass.toml")


_SHORT = {"drives": "2", "mount": "0.2", "unmount": "0.1", "seek": "0.01", "archive_delay": "0.2"}
"""A tape library whose seconds are short."""

TEMPLATES: Mapping[str, Callable[[], str]] = {"compass": compass_toml}
"""What ``ddm init --template`` offers."""


def _quoted(value: str | Sequence[str]) -> str:
    """The value in TOML."""
    return json.dumps(value, ensure_ascii=False)


def demo_toml(
    *,
    program: Sequence[str],
    storage: Literal["local", "xrootd"] = "local",
    disk_prefix: str = "file://{here}/disk",
    tape_prefix: str = "simtape://{here}/tape",
    disk_options: Mapping[str, str] | None = None,
    tape_options: Mapping[str, str] | None = None,
    stage_budget: int = 2_000_000,
    targets: Mapping[str, str] | None = None,
    slots: int = 2,
    dataset: str = "2016/W14",
) -> str:
    """The ddm.toml of the demo: the names of ``compass``, small sizes, short times.

    ``storage`` chooses the backends and their default options (local: posix and simtape). ``stage_budget``
    is bytes; ``targets`` maps a product to the size of a merged file, e.g. ``{"mDST": "60 kB"}``.
    ``program`` is the command of a job.
    """
    backends = {"local": ("posix", "simtape"), "xrootd": ("xrootd", "xrootd")}[storage]
    tape_defaults = _SHORT if storage == "local" else {}
    sizes = {"mDST": "60 kB", "hist": "60 kB", "evtdump": "60 kB", "logs": "60 kB", **(targets or {})}
    return Template(_text("demo.toml")).substitute(
        disk_backend=_quoted(backends[0]),
        tape_backend=_quoted(backends[1]),
        disk_prefix=_quoted(disk_prefix),
        tape_prefix=_quoted(tape_prefix),
        disk_options=_options(disk_options or {}),
        tape_options=_options(tape_defaults if tape_options is None else tape_options),
        stage_budget=stage_budget,
        slots=slots,
        dataset=_quoted(dataset),
        program=_quoted(list(program)),
        **{f"target_{name}": _quoted(size) for name, size in sizes.items()},
    )


def _options(options: Mapping[str, str]) -> str:
    inside = ", ".join(f"{_quoted(name)} = {_quoted(value)}" for name, value in options.items())
    return f"{{ {inside} }}" if inside else "{}"
