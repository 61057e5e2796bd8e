"""Files and directories that are there whole or not at all, and never in the place of another.

They are written under a name of their own beside the final one, brought to disk, and then get the final name
if nobody has it. A program that is killed leaves at most a ``.NAME.part-…``, which nothing reads.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import BadInput, CatalogUnavailable

SIDES = ("", "-wal", "-shm", "-journal")  # the files of a SQLite database


def refuse_existing(path: Path) -> None:
    """Raises BadInput if anything has that name, CatalogUnavailable if its directory is not there."""
    if os.path.lexists(path):
        raise BadInput("it exists, and nothing is ever overwritten: choose another name", subject=str(path))
    if not os.path.isdir(path.parent):
        raise CatalogUnavailable(
            f"no such directory, or one you may not enter: {path.parent}", subject=str(path)
        )


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """The name under which to write what will be ``path``; after an exception nothing is left of it."""
    refuse_existing(path)
    part = _part(path)
    try:
        with _said_clearly(path):
            yield part
            sync(part)
            try:
                os.link(part, path)  # unlike a rename, a link never replaces
            except FileExistsError:
                refuse_existing(path)
            sync(path.parent)
    finally:
        for side in SIDES:
            part.with_name(part.name + side).unlink(missing_ok=True)


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """The directory in which to write what will be ``path``; after an exception nothing is left of it."""
    refuse_existing(path)
    part = _part(path)
    try:
        with _said_clearly(path):
            part.mkdir(mode=0o777)
            yield part
            for entry in part.iterdir():
                sync(entry)
            sync(part)
            refuse_existing(path)
            os.rename(part, path)  # replaces an empty directory at most
            sync(path.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)  # after the rename there is none; what is left harms nobody


def sync(path: Path) -> None:
    """What was written to the file or directory survives a power cut from here on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part-{os.getpid()}")


@contextmanager
def _said_clearly(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        raise CatalogUnavailable(
            f"it cannot be written: {what}; nothing is left of it", subject=str(path)
        ) from error
