"""The demo's reconstruction program: ``python -m ddm.demo.reco INPUT``, run by a job in its work directory.

It knows nothing of ddm. It reads the DATE events of one raw chunk and writes, into the directory it is
started in,

- ``mDST.root``: a tree ``mDST`` with an entry for each physics event;
- ``hist.root``: histograms ``events`` (filled once per physics event) and ``momentum`` (once per track);
- ``testevtdump.raw``: the physics events of the random trigger, word for word, or the 33-byte mark of an
  empty dump;
- ``events.json``: how many events it put into each of them.

``--lose N`` makes it dishonest, for ``ddm demo --fault bad-count``: the tree lacks the last N events, and the
program says nothing of it.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward
import numpy
import numpy.typing
import uproot

from ddm.demo.rawdata import RANDOM_TRIGGER
from merging.date import EMPTY_DUMP, EventType
from merging.datewalk import events
from merging.errors import UnreadableInput

_PATTERNS = struct.Struct("<2I")
_PATTERNS_AT = 32
"""Where the two words of the trigger pattern are in a header of version 3.6."""
_BRANCHES = {
    "run": "int32",
    "spill": "int32",
    "event": "int32",
    "n_tracks": "int32",
    "momentum": "var * float32",
}
Floats = numpy.typing.NDArray[numpy.float64]


@dataclass(frozen=True, slots=True)
class Reconstructed:
    """A physics event: where it was taken, the momenta of its tracks in GeV/c, and its raw bytes."""

    run: int
    spill: int
    event: int
    momenta: tuple[float, ...]
    trigger: int
    raw: bytes


def reconstruct(path: Path) -> list[Reconstructed]:
    """The physics events of a raw file. Raises UnreadableInput."""
    data = path.read_bytes()
    found = []
    for event in events(path):
        if event.type != EventType.PHYSICS:
            continue
        raw = data[event.offset : event.offset + event.size]
        low, high = _PATTERNS.unpack_from(raw, _PATTERNS_AT)
        (n_tracks,) = struct.unpack_from("<I", raw, event.header)
        momenta = struct.unpack_from(f"<{n_tracks}f", raw, event.header + 4)
        trigger = low >> 1 | high << 31 & 0xFFFFFFFF
        found.append(Reconstructed(event.run, event.burst, event.number, momenta, trigger, raw))
    return found


def write_tree(found: Sequence[Reconstructed], path: Path) -> None:
    """Write mDST.root. A chunk without events gives a tree with its branches and no entry."""
    with uproot.recreate(path) as out:
        tree = out.mktree("mDST", _BRANCHES, title="reconstructed events")
        if not found:
            return
        n_tracks = numpy.array([len(event.momenta) for event in found], dtype=numpy.int32)
        momenta = numpy.array([p for event in found for p in event.momenta], dtype=numpy.float32)
        tree.extend(
            {
                "run": numpy.array([event.run for event in found], dtype=numpy.int32),
                "spill": numpy.array([event.spill for event in found], dtype=numpy.int32),
                "event": numpy.array([event.event for event in found], dtype=numpy.int32),
                "n_tracks": n_tracks,
                "momentum": awkward.unflatten(momenta, n_tracks),
            }
        )


def write_histograms(found: Sequence[Reconstructed], path: Path) -> None:
    """Write hist.root."""
    spills = numpy.array([event.spill for event in found], dtype=numpy.float64)
    momenta = numpy.array([p for event in found for p in event.momenta], dtype=numpy.float64)
    with uproot.recreate(path) as out:
        out["events"] = histogram(spills, "physics events;spill;events", 200, 0.5, 200.5)
        out["momentum"] = histogram(momenta, "tracks;momentum (GeV/c);tracks", 100, 0.0, 200.0)


def histogram(values: Floats, title: str, bins: int, low: float, high: float) -> Any:
    """A TH1D filled once with each value; one outside goes to underflow or overflow, and is an entry."""
    title, of_x, of_y = title.split(";")
    edges = numpy.concatenate([[-numpy.inf], numpy.linspace(low, high, bins + 1), [numpy.inf]])
    contents = numpy.histogram(values, bins=edges)[0].astype(numpy.float64)
    inside = values[(values >= low) & (values < high)]
    identify = uproot.writing.identify
    return identify.to_TH1x(
        fName=None,
        fTitle=title,
        data=contents,
        fEntries=float(len(values)),
        fTsumw=float(len(inside)),
        fTsumw2=float(len(inside)),
        fTsumwx=float(inside.sum()),
        fTsumwx2=float((inside**2).sum()),
        fSumw2=contents.copy(),
        fXaxis=identify.to_TAxis(fName="xaxis", fTitle=of_x, fNbins=bins, fXmin=low, fXmax=high),
        fYaxis=identify.to_TAxis(fName="yaxis", fTitle=of_y, fNbins=1, fXmin=0.0, fXmax=1.0),
    )


def write_dump(found: Sequence[Reconstructed], path: Path) -> int:
    """Write testevtdump.raw; the number of events in it."""
    selected = [event.raw for event in found if event.trigger & RANDOM_TRIGGER]
    path.write_bytes(b"".join(selected) or EMPTY_DUMP)
    return len(selected)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ddm.demo.reco", description="Reconstruct one raw chunk, into the current directory."
    )
    parser.add_argument("input", type=Path, metavar="INPUT")
    parser.add_argument("--lose", type=int, default=0, metavar="N", help="lose N events and say nothing")
    parser.add_argument(
        "--lose-of", default="", metavar="TEXT", help="only of inputs with this in their name"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """The program. 0 when all files are written, 1 for an input that cannot be read."""
    args = _parser().parse_args(argv)
    try:
        found = reconstruct(args.input)
    except (OSError, UnreadableInput, struct.error) as error:
        print(f"{args.input} cannot be read: {error}", file=sys.stderr)
        return 1
    lost = args.lose if args.lose_of in args.input.name else 0
    write_tree(found[: max(0, len(found) - lost)], Path("mDST.root"))
    write_histograms(found, Path("hist.root"))
    dumped = write_dump(found, Path("testevtdump.raw"))
    counts = {"mDST.root": len(found), "hist.root": len(found), "testevtdump.raw": dumped}
    Path("events.json").write_text(json.dumps(counts), encoding="utf-8")
    print(f"{len(found)} events had been written to miniDST")
    print("End of Job")
    return 0


if __name__ == "__main__":
    sys.exit(main())
