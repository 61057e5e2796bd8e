"""What a file is, by its name: the templates of the configuration say role, product, run and chunk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from catalog.errors import BadName
from catalog.names import LFN, Template, Value, check_lfn
from catalog.states import Role
from ddm.configcheck import task_fields
from ddm.settings import Settings, TaskSettings

RAW = "raw"


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
        self._products: list[tuple[Template, Role, str]] = []
        for name in task.products:
            product = settings.products[name]
            for text, role in (
                (product.chunk_name, Role.INTERMEDIATE),
                (product.merged_name, Role.FINAL),
            ):
                self._products.append((Template(text, settings.names), role, name))
        self._directory = ""

    def lfn(self, text: str) -> LFN:
        """The text as an LFN. Raises BadName. Directories are checked once, since they repeat."""
        directory, slash, name = text.rpartition("/")
        if directory == self._directory and slash:
            check_lfn(f"/{name}")
        else:
            check_lfn(text)
            self._directory = directory
        return LFN(text)

    def of(self, lfn: str) -> Identity:
        """What the file of that name is. Raises BadName for a name of another experiment or production."""
        name = lfn.rpartition("/")[2]
        try:
            found = self.raw.parse(name)
        except BadName as error:
            refusal = error
        else:
            return Identity(Role.RAW, RAW, int(found["run"]), str(found["chunk"]), None)
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
            raise refusal
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
