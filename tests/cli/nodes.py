"""Merges to do on a worker node, in tests: a storage of DATE files, manifests, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.checksum import adler32
from ddm.cli import light, nodes
from merging.date import EventType, build_event


def date_events(n_events: int, size: int = 400) -> bytes:
    return b"".join(build_event(EventType.PHYSICS, 1, 1, n, bytes(size)) for n in range(n_events))


class Site:
    """A storage in a directory, and beside it a worker node with its manifests."""

    def __init__(self, root: Path) -> None:
        self.root, self.store, self.node = root, root / "store", root / "node"
        self.store.mkdir()
        self.node.mkdir()
        self.prefix = f"file://{self.store}"

    def input(self, name: str, data: bytes, **fields: Any) -> dict[str, Any]:
        (self.store / name).write_bytes(data)
        lfn, url = f"/x/{name}", f"{self.prefix}/{name}"
        return {"lfn": lfn, "url": url, "size": len(data), "adler32": str(adler32([data])), **fields}

    def promise(self, name: str, tool: str = "date", **fields: Any) -> dict[str, Any]:
        return {"lfn": f"/out/{name}", "url": f"{self.prefix}/{name}", "tool": tool, **fields}

    def manifest(self, inputs: list[dict], promises: list[dict], **fields: Any) -> Path:
        path = self.node / "m.json"
        papers = {"version": 1, "label": "m1", "inputs": inputs, "promises": promises, **fields}
        path.write_text(json.dumps(papers))
        return path

    def merge(self, n_inputs: int = 4, events: int = 20, **fields: Any) -> Path:
        """A merge of DATE files into ``merged``."""
        inputs = [self.input(f"f{n}.raw", date_events(events + n)) for n in range(n_inputs)]
        return self.manifest(inputs, [self.promise("merged", counter="date")], **fields)

    def run(self, manifest: Path, *options: str, verb: str = "merge") -> int:
        return light.run(nodes.PROGRAMS[verb], [str(manifest), *options])

    @property
    def report(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads((self.node / "m.json.report.json").read_text())
        return found

    def expected(self, n_inputs: int = 4) -> bytes:
        return b"".join((self.store / f"f{n}.raw").read_bytes() for n in range(n_inputs))

    def merged(self) -> bytes | None:
        path = self.store / "merged"
        return path.read_bytes() if path.exists() else None

    def debris(self) -> set[str]:
        """What lies somewhere and is neither an input, nor the output, nor a paper."""
        there = {path.name for path in self.store.iterdir()} | {path.name for path in self.node.iterdir()}
        return {
            name
            for name in there
            if name not in ("merged", "m.json", "m.json.report.json") and not name.endswith(".raw")
        }
