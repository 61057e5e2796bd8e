"""Broken ROOT files by chance: every outcome must be a refusal that names the file, or a right result.

``python -m tests.corpus.mutate --cases 1000 --seed 1`` changes bytes of real files, two thirds of them
outside of the data proper (keys, directories, headers of trees, histograms, page lists, where a byte means
most), and merges a sound file with the broken one. It is *right* when

* a MergeError is raised that names the broken file, or
* the output has what uproot reads in the inputs, broken as they are. What uproot cannot read in the broken
  input may be unreadable in the output too: compressed data are copied as they are, and are not looked into.

It is *wrong* when another exception comes out, the time or the memory is over, something is left behind, or
the output reads otherwise than the inputs.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import struct
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy
import uproot

from merging.errors import MergeError, UnreadableInput
from merging.formats.ports import Format
from merging.rootio.file import RootFile
from tests.corpus import reading
from tests.corpus.__main__ import TooLong, limited
from tests.corpus.reading import TABLES, Unread
from tests.corpus.verify import bins as bins_of
from tests.rootfiles import DATA

FILES = (
    "uproot-sample-5.26.00-uncompressed.root",
    "uproot-sample-6.20.04-uncompressed.root",
    "uproot-small-flat-tree.root",
    "uproot-stl_containers.root",
    "uproot-nesteddirs.root",
    "uproot-leaflist.root",
    "uproot-small-dy-withoffsets.root",
    "uproot-issue-275-split1.root",
    "uproot-issue213.root",
    "uproot-histograms.root",
    "uproot-issue-227a.root",
    "uproot-issue-513.root",
    "test_multiple_cluster_groups_rntuple_v1-0-0-0.root",
    "test_stl_containers_rntuple_v1-0-0-0.root",
    "rntviewer-testfile-uncomp-single-rntuple-v1-0-0-0.root",
)
SECONDS = 20
_EXTREMES = (0, 1, 0x40000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_DATA = ("TBasket", "RBlob")

Change = Callable[[random.Random, bytearray, int], None]


def flip(chance: random.Random, data: bytearray, at: int) -> None:
    data[at] ^= 1 << chance.randrange(8)


def other(chance: random.Random, data: bytearray, at: int) -> None:
    data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def zeros(chance: random.Random, data: bytearray, at: int) -> None:
    end = min(at + chance.choice((2, 4, 8, 64, 512)), len(data))
    data[at:end] = bytes(end - at)


def extreme(chance: random.Random, data: bytearray, at: int) -> None:
    at = min(at, len(data) - 4)
    struct.pack_into(chance.choice((">I", "<I")), data, at, chance.choice(_EXTREMES))


def cut(chance: random.Random, data: bytearray, at: int) -> None:
    del data[at:]


def gone(chance: random.Random, data: bytearray, at: int) -> None:
    del data[at : at + chance.choice((1, 4, 100))]


def twice(chance: random.Random, data: bytearray, at: int) -> None:
    data[at:at] = data[at : at + chance.choice((1, 4, 100))]


CHANGES: tuple[tuple[Change, int], ...] = (
    (flip, 6), (other, 6), (extreme, 6), (zeros, 3), (cut, 1), (gone, 1), (twice, 1),
)  # fmt: skip


def metadata(path: Path) -> list[tuple[int, int]]:
    """The stretches of a sound file that are no data proper: first byte and the one behind the last."""
    with RootFile(path) as file:
        found = [(0, file.header.begin)]
        for key in file.records():
            data = key.classname in _DATA
            found.append((key.seek, key.seek + (key.keylen if data else key.nbytes)))
    return found


def mutated(path: Path, seed: int) -> tuple[bytes, str]:
    """The file with one to three changes, always the same ones for one seed; and what they were."""
    chance = random.Random(f"{path.name} {seed}")
    data = bytearray(path.read_bytes())
    stretches = metadata(path)
    told = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if chance.random() < 2 / 3:
            first, end = chance.choice(stretches)
            at = chance.randrange(first, end)
        else:
            at = chance.randrange(len(data))
        at = min(at, len(data) - 1)
        change = chance.choices([one for one, _ in CHANGES], [weight for _, weight in CHANGES])[0]
        change(chance, data, at)
        told.append(f"{change.__name__} at {at}")
    return bytes(data), ", ".join(told)


def outcome(made: Format, good: Path, bad: Path, output: Path) -> str:
    """``refused …``, ``equal``, ``as unreadable as before``, or ``wrong: …``."""
    output.unlink(missing_ok=True)
    before = bad.read_bytes()
    try:
        with limited(SECONDS):
            made.merge([good, bad], output)
    except MergeError as error:
        if list(output.parent.iterdir()):
            return f"wrong: leaves {[path.name for path in output.parent.iterdir()]}"
        if bad.name not in str(error):
            return f"wrong: does not name the file: {error}"
        if isinstance(error, UnreadableInput) and "offset" not in str(error):
            return f"wrong: does not tell where: {error}"
        return f"refused ({type(error).__name__})"
    except TooLong:
        return "wrong: takes too long"
    except MemoryError:
        return "wrong: takes too much memory"
    except Exception as error:
        return f"wrong: {type(error).__name__}: {error}"
    if bad.read_bytes() != before:
        return "wrong: the input has changed"
    return _compared(made, good, bad, output)


def _compared(made: Format, good: Path, bad: Path, output: Path) -> str:
    """What uproot reads in the output is what it reads in the inputs."""
    unreadable = False
    with limited(3 * SECONDS):
        try:
            names = reading.classes(bad)
            reading.classes(good)
        except Exception:
            return "as unreadable as before"
        try:
            found = reading.classes(output)
        except Exception as error:
            return f"wrong: the output cannot be read: {type(error).__name__}: {error}"
        if set(names) != set(found):
            return f"wrong: objects {sorted(set(names) ^ set(found))}"
        for name, cls in names.items():
            if cls in TABLES:
                problem, readable = _table(good, bad, output, name)
            elif cls.startswith(("TH1", "TH2", "TH3", "TProfile")):
                problem, readable = _histogram(good, bad, output, name)
            else:
                continue
            if problem:
                return f"wrong: '{name}' ({cls}): {problem}"
            unreadable |= not readable
    return "as unreadable as before" if unreadable else "equal"


def _table(good: Path, bad: Path, output: Path, name: str) -> tuple[str, bool]:
    try:
        broken = dict(reading.columns(bad, name))
        lost = reading.entries(bad, name)
    except Exception:
        return "", False  # uproot cannot say what would be right
    sound = dict(reading.columns(good, name))
    try:
        merged = dict(reading.columns(output, name))
        entries = reading.entries(output, name)
    except Exception as error:
        return f"cannot be read: {type(error).__name__}: {error}", False
    if entries != reading.entries(good, name) + lost:
        return f"{entries} entries", True
    readable = True
    for column, values in broken.items():
        one = sound.get(column)
        if isinstance(values, Unread) or isinstance(one, Unread) or one is None:
            readable = False
        elif merged.get(column) != one + values:
            if dict(reading.columns(bad, name)).get(column) != values:
                readable = False  # uproot read what lay in its memory, and reads something else now
                continue
            return f"column {column}: {str(merged.get(column))[-200:]} is not …{str(values)[-200:]}", True
    return "", readable


def _histogram(good: Path, bad: Path, output: Path, name: str) -> tuple[str, bool]:
    def bins(path: Path) -> Any:
        with uproot.open(path) as file:
            return bins_of(file[name])

    try:
        added = bins(good) + bins(bad)
    except Exception:
        return "", False
    try:
        merged = bins(output)
    except Exception as error:
        return f"cannot be read: {type(error).__name__}: {error}", False
    if merged.shape != added.shape or not numpy.allclose(merged, added, rtol=1e-5, equal_nan=True):
        return f"bins {merged} are not {added}", True
    return "", True


def case(made: Format, name: str, seed: int, folder: Path) -> tuple[str, str]:
    """One broken file: what was done to it, and the outcome."""
    bad = folder / "bad.root"
    out = folder / "out"
    out.mkdir(exist_ok=True)
    data, told = mutated(DATA / name, seed)
    bad.write_bytes(data)
    try:
        result = outcome(made, DATA / name, bad, out / "merged.root")
    except TooLong:
        result = "as unreadable as before"  # uproot's, on the broken file
    for path in out.iterdir():
        path.unlink()
    return told, result


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.mutate", description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0, help="the first")
    parser.add_argument("--only", default="*", help="a pattern of names")
    given = parser.parse_args(words)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    from merging import registry

    made = registry.load("merging.formats", "root", "format")()
    names = [name for name in FILES if Path(name).match(given.only)]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        for seed in range(given.seed, given.seed + given.cases):
            name = names[seed % len(names)]
            told, result = case(made, name, seed, Path(folder))
            counts[result.partition(":")[0]] += 1
            if result.startswith("wrong"):
                print(f"{name} seed {seed} ({told}): {result[:600]}", flush=True)
    print(json.dumps(counts, indent=1))
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
