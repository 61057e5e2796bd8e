"""The rows of ProdSys that are read, as they stand there; see its prodsys/models.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args, get_type_hints

Value = str | int | None

TASKS, JOBS = "prodsys_task", "prodsys_job"


class BadRow(ValueError):
    """A row with a value that its column cannot hold; the text says which."""


class TaskRow(NamedTuple):
    """A production or a part of one."""

    id: int
    name: str
    type: str
    parent_task_id: int | None
    site: str
    path: str
    soft: str
    production: str
    year: int | None
    period: str | None
    prodslt: int
    phastver: int
    files_source: str
    filelist: str | None
    status: str
    status_files_deleted: str


class JobRow(NamedTuple):
    """A chunk of a task, with the states of everything made from it."""

    id: int
    task_id: int
    file: str
    number_of_events: int
    attempt: int
    status: str
    run_number: int
    chunk_number: int
    panda_id: int
    date_updated: str | None
    status_merging_mdst: str | None
    chunk_number_merging_mdst: int
    status_castor_mdst: str | None
    status_x_check: str
    status_merging_histos: str | None
    chunk_number_merging_histos: int
    status_castor_histos: str | None
    status_merging_evntdmp: str | None
    chunk_number_merging_evntdmp: int
    status_x_check_evntdmp: str
    status_castor_evntdmp: str | None
    status_castor_mcgen: str | None


_DEFAULTS: dict[str, Value] = {  # of columns that older versions of ProdSys did not have
    "site": "CERN_COMPASS_PROD",
    "files_source": "files list",
    "status_files_deleted": "no",
    "prodslt": 0,
    "phastver": 7,
    "number_of_events": -1,
    "attempt": 0,
    "panda_id": 0,
    "chunk_number_merging_mdst": -1,
    "chunk_number_merging_histos": -1,
    "chunk_number_merging_evntdmp": -1,
    "status_x_check": "no",
    "status_x_check_evntdmp": "no",
}
NEEDED = {
    TASKS: ("id", "name", "type", "path", "soft", "status"),
    JOBS: ("id", "task_id", "file", "status", "run_number", "chunk_number"),
}
"""Without these columns a table is not the one of ProdSys."""


def _kinds(row: type[TaskRow] | type[JobRow]) -> tuple[tuple[tuple[type, ...], Value], ...]:
    """For each column the types it may have, and what stands for NULL."""
    hints = get_type_hints(row)
    return tuple((get_args(kind) or (kind,), _DEFAULTS.get(name)) for name, kind in hints.items())


_TASK_KINDS, _JOB_KINDS = _kinds(TaskRow), _kinds(JobRow)
_JOB_TYPES = tuple(frozenset(kinds) for kinds, _ in _JOB_KINDS)


def task_row(values: Sequence[Value]) -> TaskRow:
    """The row of these values, in the order of the fields. Raises BadRow."""
    return TaskRow(*_checked(values, _TASK_KINDS, TaskRow._fields))  # type: ignore[arg-type]


def job_row(values: Sequence[Value]) -> JobRow:
    """The row of these values, in the order of the fields. Raises BadRow."""
    for value, types in zip(values, _JOB_TYPES, strict=True):
        if type(value) not in types:
            return JobRow(*_checked(values, _JOB_KINDS, JobRow._fields))  # type: ignore[arg-type]
    return JobRow(*values)  # type: ignore[arg-type]


def _checked(
    values: Sequence[Value], kinds: Sequence[tuple[tuple[type, ...], Value]], names: Sequence[str]
) -> list[Value]:
    found: list[Value] = []
    for value, (types, default), name in zip(values, kinds, names, strict=True):
        value = default if value is None else value
        if type(value) not in types:
            wanted = "a number" if int in types else "text"
            raise BadRow(f"{name}: {wanted} is expected, not {'NULL' if value is None else repr(value)[:80]}")
        found.append(value)
    return found
