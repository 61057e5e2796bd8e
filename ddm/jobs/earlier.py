"""Inputs that an earlier job makes: their sizes and checksums are those of its report.

A manifest has of such an input its ``lfn``, the ``urls`` where it may lie, ``from_report``, the report's
name in the directory of the manifest, and ``from_job``, the label that must be in it. When the manifest is
read, the report must be there, of that job, without an error, and tell exactly one such output at one of
these URLs; else the manifest cannot be used, and nothing is merged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog import papers
from catalog.papers import ManifestUnreadable, got
from ddm.jobs.manifest import Manifest, read_manifest, read_report


def read(path: Path) -> Manifest:
    """The manifest in the file, completed. Raises ManifestUnreadable, OSError."""
    return completed(path.read_text(encoding="utf-8"), path.parent)


def completed(text: str, directory: Path) -> Manifest:
    """The manifest in the text, with the reports of that directory. Raises ManifestUnreadable, OSError."""
    inputs = papers.document(text).get("inputs")
    if not isinstance(inputs, list) or not any(map(_is_made, inputs)):
        return read_manifest(text)
    data = dict(papers.document(text))
    data["inputs"] = [_completed(entry, directory) if _is_made(entry) else entry for entry in inputs]
    return read_manifest(json.dumps(data))


def _is_made(entry: Any) -> bool:
    return isinstance(entry, dict) and "from_report" in entry


def _completed(entry: Mapping[str, Any], directory: Path) -> Mapping[str, Any]:
    lfn, job = got(entry, "lfn", papers.text), got(entry, "from_job", papers.text)
    urls = got(entry, "urls", papers.texts)
    name = got(entry, "from_report", papers.text)
    if name != papers.base_name(name):
        raise ManifestUnreadable(f"the report {name!r} is not beside its manifest")
    try:
        report = read_report((directory / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ManifestUnreadable(f"{lfn} is not made yet: there is no {name}; run its job first") from None
    made = [output for output in report.outputs if output.lfn == lfn]
    if report.label != job or report.code or report.exit_code or len(made) != 1:
        what = report.code or f"a report of {report.label!r} with {len(made)} of it"
        raise ManifestUnreadable(f"{lfn} is not made by {job}: {name} tells {what}; run its job again")
    (output,) = made
    if output.url not in urls:
        raise ManifestUnreadable(f"{lfn} was put to {output.url}, which is none of its places")
    events = output.n_events if output.n_read is None else output.n_read
    seen = {"size": output.size, "adler32": str(output.adler32), "n_events": events}
    return {"lfn": lfn, "url": output.url, **seen}
