"""What ddm needs of a job runner (local processes, Slurm, HTCondor, PanDA …): four plural methods.

The contract: a returned ``JobRef`` means that the runner will answer polls about it; a raised JobError means
that nothing was submitted. Labels are unique per attempt and searchable. None of the methods blocks for long.
The runner's word is a hint; a report that keeps its promises is the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ddm.jobs.manifest import Manifest, Report


@dataclass(frozen=True, slots=True)
class JobRef:
    """A job that the runner has. ``native`` is the runner's own id (pid, cluster id, PanDA id)."""

    label: str
    native: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The runner did not take the job. ``transient``: ask again later; otherwise a person looks."""

    text: str
    transient: bool = True


@dataclass(frozen=True, slots=True)
class Running:
    """Queued or running."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Over. ``report`` is what the worker left, None if nothing; ``text`` says for people how."""

    report: Report | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Vanished:
    """The runner does not know it. It may still be running somewhere, so its outputs must never be reused."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The runner could not say. Ask again."""

    text: str = ""


JobStatus = Running | Ended | Vanished | NoAnswer


@dataclass(frozen=True, slots=True)
class Tidied:
    """The runner has nothing left of a job; or what it left, and why. ``files`` and ``size`` went."""

    files: int = 0
    size: int = 0
    left: str = ""


@runtime_checkable
class Tidier(Protocol):
    """What a runner may do beside: remove its own papers of jobs that are over."""

    def tidy(self, labels: Sequence[str], *, act: bool = True) -> Mapping[str, Tidied]:
        """Remove what the runner itself made for these jobs: by name, never what it does not know.

        A job that runs, or may, keeps everything. A label that the runner does not know is left out. Without
        ``act`` only a look. Repeat freely.
        """
        ...


class Runner(Protocol):
    @property
    def slots(self) -> int:
        """How many jobs it takes at once."""
        ...

    def submit(self, manifests: Sequence[Manifest]) -> Mapping[str, JobRef | Refused]:
        """Start the jobs; one answer per label. A label the runner already has is adopted."""
        ...

    def poll(self, refs: Sequence[JobRef]) -> Mapping[str, JobStatus]:
        """One status per label. Repeat freely: an ended job stays ended."""
        ...

    def cancel(self, refs: Sequence[JobRef]) -> None:
        """Stop the jobs if they run. Repeat freely."""
        ...

    def find(self, labels: Sequence[str]) -> Mapping[str, JobRef]:
        """The jobs the runner has under these labels: to adopt them after a restart."""
        ...
