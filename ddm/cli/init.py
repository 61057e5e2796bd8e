"""``ddm init``: write a commented ddm.toml to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click

from catalog.errors import ExitCode
from ddm.cli.toolkit import command, emit, json_option
from ddm.config import FILE_NAME
from ddm.errors import ConfigError, ConfigExists
from ddm.templates import TEMPLATES


@command("init", examples="ddm init\nddm init /data/production --template compass", exits=[ExitCode.USAGE])
@click.argument("directory", default=".", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False))
@click.option("--template", default="compass", show_default=True, type=click.Choice(sorted(TEMPLATES)))
@json_option
def cli(directory: Path, template: str, as_json: bool) -> None:
    """Write a commented ddm.toml into DIR (here, if none is given).

    A file that is there already is never touched.
    """
    path = write_new(directory / FILE_NAME, TEMPLATES[template]())
    answer = {"written": path, "template": template}
    emit(answer, as_json, lambda _: f"wrote {path}\nedit it, then run 'ddm db create' and 'ddm doctor'")


def write_new(path: Path, text: str) -> Path:
    """Write a file whole or not at all, and only if nothing has its name. Raises ConfigError."""
    path = Path(os.path.abspath(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            os.link(temporary, path)  # unlike a rename, a link never replaces
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError:
        raise ConfigExists(f"{path} exists; nothing was written", subject=str(path)) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", subject=str(path)) from None
    return path
