"""A merge in levels: one manifest becomes many, none of which reads more files than a job can. Pure.

Every job but the last writes an intermediate file beside the output, under a name of its own; the last one
makes the promise of the manifest, from intermediate files whose sizes and checksums the reports of the jobs
before it tell (``ddm.jobs.earlier``). No intermediate file has a product: it is a file of the chain only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog import papers
from catalog.errors import BadInput
from ddm.jobs.manifest import Input, Manifest, Promise
from ddm.jobs.payload import local_name, tool_of
from merging.chain import Link, Reach, chain
from merging.model import Member

IN_LEVELS = ("concat", "date", "jsonl", "parquet", "root")
"""Formats where merging merged files gives what merging all inputs gives. Archives are none of them: a zip of
zips has other members; nor is a program of which nobody knows."""


@dataclass(frozen=True, slots=True)
class Made:
    """An input that an earlier job of the chain makes: see ``ddm.jobs.earlier``."""

    lfn: str
    urls: tuple[str, ...]
    from_report: str
    from_job: str


@dataclass(frozen=True, slots=True)
class Step:
    """A job of the chain: the name of its manifest, its level from 1, what it reads and what it makes."""

    name: str
    level: int
    label: str
    inputs: tuple[Input | Made, ...]
    promise: Promise
    paper: Manifest

    @property
    def text(self) -> str:
        """The manifest as it is written."""
        head = replace(self.paper, label=self.label, inputs=(), promises=(self.promise,))
        data: dict[str, Any] = {"version": papers.VERSION, **papers.plain(head)}
        data["inputs"] = [papers.plain(entry) for entry in self.inputs]
        return json.dumps(data, indent=1, ensure_ascii=False)


def steps(manifest: Manifest, per_job: int) -> tuple[Step, ...]:
    """The jobs of the merge, none of which reads more than so many files, in an order in which they can run.

    Raises BadInput for a manifest of more than one merge, or a format that cannot merge in levels;
    UnplannableInputs if a job may read less than two files.
    """
    _refuse(manifest)
    members = [Member(at, entry.lfn, str(at), entry.size) for at, entry in enumerate(manifest.inputs)]
    plan = chain(members, Reach(max_inputs=per_job))
    below: Sequence[Input | Made] = manifest.inputs
    found: list[Step] = []
    for level in plan.levels:
        handed: list[Input | Made] = []
        for link in level:
            inputs = tuple(below[link.start : link.stop])
            last = level is plan.levels[-1]
            if link.is_job or last:
                found.append(_step(manifest, link, inputs, last=last))
                handed.append(_made(found[-1]))
            else:
                handed += inputs
        below = handed
    return tuple(found)


def _refuse(manifest: Manifest) -> None:
    if manifest.command or len(manifest.promises) != 1 or manifest.promises[0].of:
        raise BadInput("only a merge of one product goes in levels", subject=manifest.label)
    tool, _ = tool_of(manifest, manifest.promises[0])
    if tool not in IN_LEVELS:
        raise BadInput(
            f"nobody knows that the format '{tool}' gives the same in levels as in one job",
            subject=manifest.label,
            advice=f"formats that do: {', '.join(IN_LEVELS)}",
        )


def _step(manifest: Manifest, link: Link, inputs: tuple[Input | Made, ...], *, last: bool) -> Step:
    word = f"{link.level}-{link.number:04d}"
    (promise,) = manifest.promises
    if last:
        return Step(f"{word}.json", link.level, manifest.label, inputs, promise, manifest)
    name = f"level{word}-{local_name(promise.lfn)}"
    part = replace(
        promise,
        lfn=_beside(promise.lfn, name),
        url=_beside(promise.url, name),
        fallbacks=tuple(_beside(url, name) for url in promise.fallbacks),
        payload=name,
        product="",
        of="",
    )
    return Step(f"{word}.json", link.level, f"{manifest.label}-{word}", inputs, part, manifest)


def _beside(place: str, name: str) -> str:
    return f"{place.rpartition('/')[0]}/{name}"


def _made(step: Step) -> Made:
    return Made(step.promise.lfn, step.promise.urls, f"{step.name}.report.json", step.label)
