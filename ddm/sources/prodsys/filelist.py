"""The list that a task was made from: LFNs, run numbers, or ``run,number of chunks`` for generated data."""

from __future__ import annotations

from dataclasses import dataclass, field

from ddm.sources.prodsys.names import GENERATION, RECONSTRUCTION
from ddm.sources.prodsys.rows import TaskRow


@dataclass(frozen=True, slots=True)
class Listed:
    """What a task's list asks for: ``files`` in all, or jobs of each run (at least so many)."""

    files: int = 0
    runs: dict[int, int] = field(default_factory=dict)
    bad: tuple[str, ...] = ()  # lines that are neither, the first few


def read_filelist(task: TaskRow) -> Listed:
    """What the list of the task asks for; nothing for one that clones the jobs of its parent."""
    lines = [line.strip() for line in (task.filelist or "").splitlines()]
    lines = [line for line in lines if line]
    if task.type == RECONSTRUCTION:
        return Listed()
    if task.type != GENERATION and task.files_source == "files list":
        return Listed(files=len(set(lines)))
    runs: dict[int, int] = {}
    bad: list[str] = []
    for line in lines:
        run, _, chunks = line.partition(",") if task.type == GENERATION else (line, "", "1")
        if _number(run) and _number(chunks):
            runs[int(run)] = runs.get(int(run), 0) + int(chunks) if task.type == GENERATION else 1
        elif len(bad) < 5:
            bad.append(line[:80])
    return Listed(runs=runs, bad=tuple(bad))


def _number(text: str) -> bool:
    text = text.strip()
    return text.isascii() and text.isdigit() and len(text) < 10
