"""What the statement of a period says: facts of runs, products, merged files and removals, nothing judged.

Times are ISO 8601 with the offset from UTC, sizes are bytes, adler32 are 8 hexadecimal digits. None is
*nobody has said*, never zero. Each field has its sentence in docs/reference/statement.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def said(doc: str) -> Any:
    """A field with its sentence for the reference page."""
    return field(metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece of evidence: what a service said of a copy on tape."""

    grade: str = said("`a`, `b` or `c` (docs/glossary.md, evidence)")
    at: str = said("when it was taken")
    source: str = said("who said it")
    how: str = said("`service`: told, not read by us; `read`: we read the bytes")
    size: int | None = said("bytes, as told")
    adler32: str | None = said("checksum, as told")


@dataclass(frozen=True, slots=True)
class OnTape:
    """A copy of a merged file at a tape endpoint."""

    endpoint: str = said("name of the endpoint")
    path: str = said("its path there")
    state: str = said("state of the replica; only AVAILABLE counts")
    since: str = said("since when it is in that state")
    evidence: tuple[Seen, ...] = said("the pieces taken since it is AVAILABLE, oldest first")


@dataclass(frozen=True, slots=True)
class Removed:
    """Copies of the files that went into a part that were withdrawn or removed under one certificate."""

    seal: str = said("seal of the certificate; empty: there is none")
    issued_at: str = said("when it was issued; empty without one")
    state: str = said("TRASHED or DELETING: the bytes may be there still; DELETED")
    files: int = said("copies")
    size: int = said("bytes")
    named: int = said("how many of them the certificate names, with the size and adler32 of the catalogue")
    intact: bool = said("the seal is that of the body, computed again")
    written_off: int = said(
        "how many a person wrote off: the storage had lost them; they need no certificate"
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A merged file, and what became of the files that went into it."""

    part: int = said("number of the part")
    state: str = said("state of its merge group")
    runs: tuple[int, ...] = said("the runs that it holds files of; it is listed under the first")
    lfn: str = said("name of the merged file")
    size: int | None = said("bytes of the merged file; nobody has said before it is merged")
    adler32: str | None = said("its checksum")
    files: int = said("files that went in: per-chunk ones, or merged ones of another product")
    events_in: int | None = said("events of these files, read back, or as their jobs say; unknown if one is")
    events_out: int | None = said("events of the merged file, read back, or as the merge job says")
    on_tape: tuple[OnTape, ...] = said("copies at tape endpoints")
    within: str = said("`PRODUCT RUN/PART` of the merged file that it went into; empty: into none")
    on_disk: int = said("AVAILABLE copies of the merged file on disk")
    removed: tuple[Removed, ...] = said("copies of the files that went in that were withdrawn or removed")
    kept: int = said("copies of these files that are there")


@dataclass(frozen=True, slots=True)
class Waived:
    """Differences of a cross-check that a named person accepted."""

    part: int | None = said("of which part; nothing: of the run")
    by: str = said("who accepted them")
    at: str = said("when")
    reason: str = said("why")
    differences: tuple[str, ...] = said("what was accepted, in words")


@dataclass(frozen=True, slots=True)
class Product:
    """A product of a run. Sums of events are over the files of the run that are in parts."""

    product: str = said("its name")
    made_of: str = said("the product whose merged files it is made of; empty: of what jobs write")
    counted: str = said("`all`, `subset` or `none`: what its events are of those of the raw files")
    grade: str = said("evidence that is asked of a copy on tape")
    settle: int = said("seconds between the two pieces that settle a copy")
    files: int = said("files of this run in parts")
    left_out: int = said("files left out of all parts on purpose (docs/howto/merge-plans.md)")
    raw: int | None = said("events of their raw files; nothing of a product made of another")
    jobs: int | None = said("events as the jobs say that wrote them")
    read: int | None = said("events read back from them")
    differ: int = said("files of which these three do not agree, or one lacks (see `counted`)")
    check: str = said("state of the cross-check; empty: none was made")
    waivers: tuple[Waived, ...] = said("waivers in force")
    parts: tuple[Part, ...] = said("the parts called after this run")
    parts_elsewhere: tuple[str, ...] = said("`RUN/PART` of parts of other runs that hold files of this one")


@dataclass(frozen=True, slots=True)
class Gap:
    """A raw chunk that was not processed."""

    chunk: str = said("its number, zeros kept")
    lfn: str = said("name of the raw file")
    events: int | None = said("events lost with it")
    reason: str = said("why")
    approver: str = said("who approved it")
    at: str = said("when it was registered")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a task: its raw chunks, its gaps, its products."""

    task: str = said("name of the task")
    dataset: str = said("dataset of the raw files")
    open: bool = said("the dataset is open: files may still come")
    run: int = said("its number")
    chunks: int = said("raw files")
    size: int = said("their bytes, as far as known")
    events: int = said("their events by the raw catalogue, else as read, as far as known")
    unknown: int = said("raw files of which nobody has said how many events they hold")
    incomplete: int = said("raw files without size or checksum")
    unreadable: int = said("raw files without an AVAILABLE copy")
    undefined: str = said("why not all files of the run are known; empty: they are")
    processed: int = said("chunks whose job is DONE")
    held: int = said("chunks whose job is HELD")
    gaps: tuple[Gap, ...] = said("the gap register of the run")
    products: tuple[Product, ...] = said("every product of the task")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is stated, before it is judged."""

    period: str = said("what was asked for")
    tasks: tuple[str, ...] = said("the tasks it is about")
    made_at: str = said("when it was made; evidence is judged as of then")
    made_by: str = said("who made it")
    catalogue: str = said("URL of the catalogue, without password")
    remarks: tuple[str, ...] = said("what a reader must know, and changes no verdict")
    runs: tuple[Run, ...] = said("every run, in order")
