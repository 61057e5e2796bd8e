"""What a file is, by its name: the templates of the configuration say role, product, run and chunk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from catalog.errors import BadName
from catalog.names import LFN, MAX_LFN_BYTES, Template, Value, check_lfn
from catalog.states import Role
from ddm.configcheck import task_fields
from ddm.settings import Settings, TaskSettings

RAW = "raw"

_GOOD_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII).fullmatch


class Identity(NamedTuple):
    """What a file is. ``chunk`` is empty for a merged file; only that has a ``part``."""

    role: Role
    product: str
    run: int
    chunk: str
    part: int | None


class Names:
    """The names of one task: raw files, per-chunk and merged files of its products."""

    def __init__(self, task: TaskSettings, settings: Settings) -> None:
        self.task = task.name
        self._fixed: Mapping[str, Value] = task_fields(task)
        self.raw = Template(task.raw_name, settings.names)
        self._raw = self.raw.quick("run", "chunk")
        self._products: list[tuple[Template, Role, str]] = []
        for name in task.products:
            product = settings.products[name]
            for text, role in (
                (product.chunk_name, Role.INTERMEDIATE),
                (product.merged_name, Role.FINAL),
            ):
                if text and "{run}" in text:  # else nobody can tell the run from the name
                    self._products.append((Template(text, settings.names), role, name))
        self._directory = ""  # the one that was checked last, and how many bytes a name in it may have
        self._longest = 0

    def lfn(self, text: str) -> LFN:
        """The text as an LFN. Raises BadName. Directories are checked once, since they repeat."""
        directory, slash, name = text.rpartition("/")
        if directory == self._directory and slash:
            if not _GOOD_NAME(name) or len(name) > self._longest:
                check_lfn(text)
        else:
            check_lfn(text)
            self._directory = directory
            self._longest = MAX_LFN_BYTES - 1 - len(directory.encode())
        return LFN(text)

    def raw_of(self, text: str) -> tuple[LFN, int, str] | None:
        """LFN, run and chunk of a raw file, if that is what the text surely names: for many, quickly."""
        directory, _, name = text.rpartition("/")
        if directory != self._directory or len(name) > self._longest or not name.isascii():
            return None
        raw = self._raw(name)  # a template makes good names only
        return (LFN(text), int(raw[0]), raw[1]) if raw and directory else None

    def of(self, lfn: str) -> Identity:
        """What the file of that name is. Raises BadName for a name of another experiment or production."""
        name = lfn.rpartition("/")[2]
        if raw := self._raw(name):
            return Identity(Role.RAW, RAW, int(raw[0]), raw[1], None)
        for template, role, product in self._products:
            try:
                found = template.parse(name)
            except BadName:
                continue
            self._check(name, found)
            chunk = str(found["chunk"]) if role is Role.INTERMEDIATE else ""
            part = int(found.get("part", 0)) if role is Role.FINAL else None
            return Identity(role, product, int(found["run"]), chunk, part)
        if not self._products:
            self.raw.parse(name)  # says why not
        forms = ", ".join(
            repr(template.text) for template in (self.raw, *(entry[0] for entry in self._products))
        )
        raise BadName(f"{name!r} is no name of task {self.task}: none of {forms}", subject=lfn)

    def _check(self, name: str, found: Mapping[str, Value]) -> None:
        for field, value in found.items():
            if field in self._fixed and self._fixed[field] != value:
                raise BadName(
                    f"{name!r} is of another production: {field} is {value}, "
                    f"task {self.task} has {self._fixed[field]}",
                    subject=name,
                )
