"""Files of histograms for tests, written with uproot; a merge of them without trees; bytes that are bent."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import uproot
from uproot.writing import identify

from merging.hadd.kinds import Histograms, Others
from merging.hadd.model import Options
from merging.rootio.compression import Compression
from merging.rootio.edit import Edit, edited
from merging.rootio.file import DIRECTORIES, RootFile
from merging.rootio.keys import key_length
from merging.rootio.streamerinfo import Element, StreamerInfo
from merging.rootio.walk import Walked, walk
from merging.rootio.writer import Writer

TYPES = {"C": "i1", "S": "i2", "I": "i4", "F": "f4", "D": "f8"}


def axis(n_bins: int = 4, low: float = 0.0, high: float = 1.0, **more: Any) -> Any:
    return identify.to_TAxis(more.pop("name", "xaxis"), more.pop("title", ""), n_bins, low, high, **more)


def label(text: str, number: int) -> Any:
    string = identify.to_TObjString(text)
    string._bases[0]._members["@fUniqueID"] = number
    return string


def labels(*texts: str) -> Any:
    return identify.to_THashList([label(text, number) for number, text in enumerate(texts, 1)])


def th1(bins: Any, *, squares: Any = None, x: Any = None, title: str = "a title", **more: Any) -> Any:
    """A TH1 of the type of the array ``bins``, flow included; totals as if filled at the centres of bins."""
    bins = numpy.asarray(bins)
    x = x or axis(len(bins) - 2)
    inside = bins[1:-1].astype("f8")
    centres = numpy.arange(len(inside)) + 0.5
    totals = more.pop(
        "totals", [inside.sum(), inside.sum(), (inside * centres).sum(), (inside * centres**2).sum()]
    )
    entries = more.pop("entries", float(abs(bins.astype("f8")).sum()))
    return identify.to_TH1x("h", title, bins, entries, *totals, squares, x, **more)


def th2(bins: Any, shape: tuple[int, int], squares: Any = None) -> Any:
    totals = [float(number) for number in range(1, 8)]
    axes = [axis(shape[0]), axis(shape[1], name="yaxis")]
    return identify.to_TH2x("h", "two", bins, 10.0, *totals, squares, *axes)


def th3(bins: Any, shape: tuple[int, int, int], squares: Any = None) -> Any:
    totals = [float(number) for number in range(1, 12)]
    axes = [axis(size, name=f"{letter}axis") for size, letter in zip(shape, "xyz", strict=True)]
    return identify.to_TH3x("h", "three", bins, 10.0, *totals, squares, *axes)


def profile(sums: Any, entries: Any, squares: Any = None, *, entries_total: float = 7.0) -> Any:
    totals = [float(number) for number in range(1, 7)]
    second, squares = numpy.asarray(sums) ** 2, numpy.zeros(0) if squares is None else squares
    x = axis(len(sums) - 2)
    return identify.to_TProfile("h", "profile", sums, entries_total, *totals, second, entries, squares, x)


def profile2(sums: Any, entries: Any, shape: tuple[int, int]) -> Any:
    totals = [float(number) for number in range(1, 10)]
    axes = [axis(shape[0]), axis(shape[1], name="yaxis")]
    return identify.to_TProfile2D(
        "h", "profile", sums, 7.0, *totals, numpy.asarray(sums) ** 2, entries, numpy.zeros(0), *axes
    )


def profile3(sums: Any, entries: Any, shape: tuple[int, int, int]) -> Any:
    totals = [float(number) for number in range(1, 14)]
    axes = [axis(size, name=f"{letter}axis") for size, letter in zip(shape, "xyz", strict=True)]
    return identify.to_TProfile3D(
        "h", "profile", sums, 7.0, *totals, numpy.asarray(sums) ** 2, entries, numpy.zeros(0), *axes
    )


def write(path: Path, objects: Mapping[str, Any]) -> Path:
    """A new file with these objects by path."""
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as out:
        for name, what in objects.items():
            out[name] = what
    return path


def merged(inputs: Sequence[Path], output: Path, options: Options | None = None) -> Path:
    """The objects of the inputs that the kinds under test take, merged by them; no others."""
    kinds = (Histograms(options), Others(options))
    writer = Writer(output, output.name, Compression())
    parts: dict[str, Any] = {}
    try:
        for path in inputs:
            with RootFile(path) as file:
                writer.streamers.add(file.streamers())
                for found in file.objects():
                    kind = next((kind for kind in kinds if kind.takes(found.key.classname)), None)
                    if kind is None:
                        continue
                    if found.path not in parts:
                        parts[found.path] = kind.begin(found, writer, writer.directory(found.folder))
                    parts[found.path].take(file, found)
        for part in parts.values():
            part.write()
        writer.close()
    except BaseException:
        output.unlink()
        raise
    finally:
        writer.abandon()
    return output


def differences(inputs: Sequence[Path], output: Path, options: Options | None = None) -> list[str]:
    """What a comparison of the merged file with the inputs says."""
    kinds = (Histograms(options), Others(options))
    with RootFile(output) as out:
        comparisons = {
            found.path: next(kind for kind in kinds if kind.takes(found.key.classname)).compare(out, found)
            for found in out.objects()
            if found.key.classname not in DIRECTORIES
        }
        for path in inputs:
            with RootFile(path) as file:
                for found in file.objects():
                    if found.path in comparisons:
                        comparisons[found.path].take(file, found)
        return [text for comparison in comparisons.values() for text in comparison.differences()]


def bent(source: Path, target: Path, bend: Callable[[Walked], Sequence[Edit]]) -> Path:
    """The file again, the bytes of its objects changed; the way to states that uproot does not write."""
    with RootFile(source) as file:
        writer = Writer(target, target.name, Compression())
        writer.streamers.add(file.streamers())
        for found in file.objects():
            key = found.key
            if key.classname not in DIRECTORIES:
                taken = walk(file.payload(key), key.classname, file.streamers(), key.keylen)
                data = edited(taken, bend(taken), key_length(key.classname, key.name, key.title))
                writer.directory(found.folder).put(key.classname, key.name, key.title, data)
        writer.close()
    return target


def long_histogram(source: Path, target: Path, bins: Sequence[int]) -> Path:
    """The TH1D of a file as a TH1L, which has other bins and is the same otherwise."""
    with RootFile(source) as file:
        (found,) = (one for one in file.objects() if one.key.classname == "TH1D")
        key = found.key
        taken = walk(file.payload(key), "TH1D", file.streamers(), key.keylen)
        block = taken.root.members["fArray"]
        edits = [Edit(block.start, block.stop, struct.pack(f">{len(bins)}q", *bins))]
        writer = Writer(target, target.name, Compression())
        writer.streamers.add(file.streamers())
        for info in file.streamers():
            if info.classname == "TH1D":
                base, array = info.elements
                elements = (base, replace(array, name="TArrayL64"))
                writer.streamers.put(replace(info, classname="TH1L", elements=elements, checksum=1))
        data = edited(taken, edits, key_length("TH1L", key.name, key.title))
        writer.directory(found.folder).put("TH1L", key.name, key.title, data)
        writer.close()
    return target


def with_bits(bits: int) -> Callable[[Walked], Sequence[Edit]]:
    """Set these status bits of the object."""

    def bend(taken: Walked) -> Sequence[Edit]:
        at = taken.root.place("@bits")[1] + 6
        return [Edit(at, at + 4, struct.pack(">I", int(taken.root.members["@bits"]) | bits))]

    return bend


def parameters(path: Path, values: Mapping[str, tuple[str, Any, int]]) -> Path:
    """A file of TParameter: by name, the type (``int``, ``double``, ``bool`` …), the value and the bits."""
    letters = {
        "int": ("i", 3, 4),
        "Long64_t": ("q", 16, 8),
        "double": ("d", 8, 8),
        "float": ("f", 5, 4),
        "bool": ("?", 18, 1),
    }
    writer = Writer(path, path.name, Compression())
    for name, (kind, value, bits) in values.items():
        letter, code, size = letters[kind]
        classname = f"TParameter<{kind}>"
        elements = (
            Element("TStreamerBase", "TObject", "", 0, 66, 0, 0, 0, (0, 0, 0, 0, 0), "BASE", (1,)),
            Element("TStreamerString", "fName", "", 0, 65, 24, 0, 0, (0, 0, 0, 0, 0), "TString"),
            Element("TStreamerBasicType", "fVal", "", 0, code, size, 0, 0, (0, 0, 0, 0, 0), kind),
        )
        writer.streamers.put(StreamerInfo(classname, "", 0, 1, 2, elements))
        body = struct.pack(">HHII", 2, 1, 0, 0x03000000 | bits) + bytes([len(name)]) + name.encode()
        body += struct.pack(f">{letter}", value)
        data = struct.pack(">I", len(body) | 0x40000000) + body
        writer.top.put(classname, name, "", data)
    writer.close()
    return path
