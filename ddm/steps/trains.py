"""Trains: merges of several products of a run that one job does, from configuration (``train`` of a product).

Each product keeps its own job row, group and attempts. Those that go together are given to the runner as one
manifest, under the label of the first of them, their *leader*; the others *ride*, and say so in their
``native`` (``+j17a1 4711``: in the job j17a1, which the runner calls 4711). That is written down before the
runner is asked, so that a restart asks for the leader. The report of the whole is cut into one for each job.
All of it is put to storage, or nothing. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from catalog.db.jobs import RIDES
from catalog.model import OpenJob
from ddm.jobs.manifest import Manifest, Report, Verify
from ddm.jobs.payload import local_name
from ddm.jobs.ports import JobRef

STRICTEST = (Verify.SAME_CONTENT, Verify.COUNT, Verify.NONE)


@dataclass(frozen=True, slots=True)
class Train:
    """Jobs that one manifest does; the first is the leader."""

    jobs: tuple[OpenJob, ...]

    @property
    def leader(self) -> OpenJob:
        return self.jobs[0]

    @property
    def riders(self) -> tuple[OpenJob, ...]:
        return self.jobs[1:]


def trains(jobs: Iterable[OpenJob], name_of: Callable[[OpenJob], str]) -> list[Train]:
    """The jobs as they are sent: merges of one task, train, run and part together, in the order of their ids.

    ``name_of``: the train that a job's product goes with; "" for a job that goes alone.
    """
    found: dict[tuple[object, ...], list[OpenJob]] = {}
    for job in sorted(jobs, key=lambda job: job.id):
        name = name_of(job)
        key = (job.task_id, name, job.run, job.part) if name else (job.id,)
        found.setdefault(key, []).append(job)
    return [Train(tuple(some)) for some in found.values()]


def rides(leader: str, native: str = "") -> str:
    """The ``native`` of a job that rides."""
    return f"{RIDES}{leader} {native}".rstrip()


def whole(label: str, native: str) -> JobRef:
    """What the runner is asked about: the job itself, or the one that it rides in."""
    if not native.startswith(RIDES):
        return JobRef(label, native)
    leader, _, its_native = native.removeprefix(RIDES).partition(" ")
    return JobRef(leader, its_native)


def combined(manifests: Sequence[Manifest]) -> Manifest | None:
    """One manifest that does all of them, under the label of the first; None if their files would meet in the
    work directory. Each has one product, which is also that of its inputs."""
    if len(manifests) == 1:
        return manifests[0]
    names = [local_name(entry.lfn) for one in manifests for entry in one.inputs]
    names += [promise.payload for one in manifests for promise in one.promises]
    if any(times > 1 for times in Counter(names).values()):
        return None
    first = manifests[0]
    verify = next(word for word in STRICTEST if any(one.verify is word for one in manifests))
    return replace(
        first,
        inputs=tuple(
            replace(entry, product=one.promises[0].product) for one in manifests for entry in one.inputs
        ),
        promises=tuple(replace(promise, of=promise.product) for one in manifests for promise in one.promises),
        backends={prefix: door for one in manifests for prefix, door in one.backends.items()},
        verify=verify,
    )


def share(report: Report, label: str, outputs: Iterable[str], inputs: Iterable[str]) -> Report:
    """The part of a train's report that is about one of its jobs: its outputs and inputs, by LFN."""
    mine, read = set(outputs), set(inputs)
    return replace(
        report,
        label=label,
        outputs=tuple(output for output in report.outputs if output.lfn in mine),
        read={lfn: n for lfn, n in report.read.items() if lfn in read},
        inputs=tuple(entry for entry in report.inputs if entry.lfn in read),
    )


def companions(
    chosen: Sequence[OpenJob], ready: Sequence[OpenJob], name_of: Callable[[OpenJob], str]
) -> list[int]:
    """Those of the ready jobs that go with the chosen ones, by id."""

    def key(job: OpenJob) -> tuple[object, ...]:
        return (job.task_id, name_of(job), job.run, job.part)

    wanted = {key(job) for job in chosen if name_of(job)}
    known = {job.id for job in chosen}
    return [job.id for job in ready if job.id not in known and name_of(job) and key(job) in wanted]
