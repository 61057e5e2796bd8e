"""What was seen of each run of each task, to say at the end whether its outputs are whole.

Some numbers for each run of a task: a production of millions of chunks has thousands of runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.states import JobState
from ddm.sources.prodsys.mapping import MANUAL, Mapped, Production
from ddm.sources.prodsys.names import DUMP, MCGEN


@dataclass(slots=True)
class _Seen:
    rows: int = 0
    finished: int = 0
    chunks: dict[str, int] = field(default_factory=dict)  # product → own files
    merged: dict[str, int] = field(default_factory=dict)  # product → rows that are in a merged file
    parts: dict[str, set[int]] = field(default_factory=dict)
    empty: int = 0
    waits: set[str] = field(default_factory=set)  # products whose cross-check waits for a person
    lost: int = 0  # rows of which something is missing in the catalogue


_DROPPED = frozenset(
    ("name_taken", "closed", "regrouped", "no_part", "numbers", "unknown_status", "hpc_input")
)


class Runs:
    """Fed with every row; asked when the last was read."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], _Seen] = {}
        self._jobs: dict[int, int] = {}

    def take(self, row: Mapped) -> None:
        task = row.row.task_id
        self._jobs[task] = self._jobs.get(task, 0) + 1
        run = row.run or row.row.run_number
        seen = self._seen.get((task, run))
        if seen is None:
            seen = self._seen[task, run] = _Seen()
        seen.rows += 1
        seen.finished += row.state is JobState.DONE
        seen.empty += row.empty_dump
        for output in row.outputs:
            if output.chunk:
                seen.chunks[output.product] = seen.chunks.get(output.product, 0) + 1
            if output.merged:
                seen.merged[output.product] = seen.merged.get(output.product, 0) + 1
                if output.merged.part is not None:
                    seen.parts.setdefault(output.product, set()).add(output.merged.part)
        for cause, text in row.troubles:
            if cause == "x_check":
                seen.waits.add(text)
            elif cause in _DROPPED:
                seen.lost += 1

    def missing(self, task: Production, product: str, merged: bool, run: int) -> str:
        """Why not every file of this product and run is known; "" if all are."""
        seen = self._seen.get((task.row.id, run))
        if seen is None:
            return "the run is in no job any more"
        if seen.lost:
            return f"{seen.lost} of {seen.rows} rows were not taken whole; see the report of the import"
        if seen.finished < seen.rows:
            return f"{seen.rows - seen.finished} of {seen.rows} chunks are not finished"
        empty = seen.empty if product == DUMP else 0
        if not merged:
            there = seen.chunks.get(product, 0) + empty
            return (
                ""
                if there == seen.rows
                else f"files of {seen.rows - there} chunks are gone or were never made"
            )
        there = seen.merged.get(product, 0) + empty
        if there < seen.rows:
            what = "have no file" if product == MCGEN else "are in no merged file"
            return f"{seen.rows - there} of {seen.rows} chunks {what}"
        if product in seen.waits:
            return f"the cross-check says '{MANUAL}'"
        parts = seen.parts.get(product, set())
        if gaps := sorted(set(range(max(parts, default=-1) + 1)) - parts):
            return f"part {gaps[0]} is missing"
        return ""

    def unlisted(self, task: Production) -> str:
        """What the list of the task names and no job has; "" if nothing."""
        listed = task.listed
        if listed.bad:
            return f"lines that name nothing: {', '.join(map(repr, listed.bad))}"
        if (jobs := self._jobs.get(task.row.id, 0)) < listed.files:
            return f"the list has {listed.files} files, {jobs} have a job"
        missing = []
        for run, chunks in sorted(listed.runs.items()):
            seen = self._seen.get((task.row.id, run))
            if (seen.rows if seen else 0) < chunks:
                missing.append(run)
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        return f"runs without all their jobs: {', '.join(map(str, missing[:5]))}{more}" if missing else ""
