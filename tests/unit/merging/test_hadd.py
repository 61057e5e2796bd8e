"""Histograms, profiles and small objects are merged as ROOT's hadd does, or refused with a reason.

Files are written and read back with uproot; sums are made independently with numpy over what uproot reads.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

uproot = pytest.importorskip("uproot")
numpy = pytest.importorskip("numpy")

from merging.errors import DifferentSchemas, MergeError, UnreadableInput  # noqa: E402
from merging.formats.rewrite.histograms import HistogramSum, same_content  # noqa: E402
from merging.hadd import model, rules  # noqa: E402
from merging.hadd.model import Options  # noqa: E402
from merging.rootio.edit import Edit, replaced  # noqa: E402
from merging.rootio.walk import Walked, walk  # noqa: E402
from tests.unit.merging import histfiles as hf  # noqa: E402

STATISTICS = (
    "fEntries",
    "fTsumw",
    "fTsumw2",
    "fTsumwx",
    "fTsumwx2",
    "fTsumwy",
    "fTsumwxy",
    "fTsumwz",
    "fTsumwt2",
)


def numbers(seed: int, size: int, dtype: str = "f8", top: int = 20) -> Any:
    return numpy.random.default_rng(seed).integers(0, top, size).astype(dtype)


def inputs(tmp_path: Path, objects: Sequence[Any]) -> list[Path]:
    """One file for each object, which is called ``d/h`` in all."""
    return [hf.write(tmp_path / f"in{number}.root", {"d/h": what}) for number, what in enumerate(objects)]


def arrays(histogram: Any) -> dict[str, Any]:
    """Bins, squares and entries of bins, read by uproot."""
    found = {
        name: numpy.array(histogram.all_members[name])
        for name in rules.SQUARES
        if name in histogram.all_members
    }
    if "fBinEntries" in histogram.all_members:
        found["fBinEntries"] = numpy.array(histogram.member("fBinEntries"))
    model = histogram
    while not model.classname.startswith("TArray"):
        model = model.bases[-1] if model.bases[-1].classname.startswith("TArray") else model.bases[0]
    return found | {"bins": numpy.array(model)}


def assert_sum(paths: Sequence[Path], output: Path, name: str = "d/h") -> Any:
    """Everything that is added is the sum; everything else is that of the first. Gives the merged object."""
    opened = [uproot.open(path)[name] for path in paths]
    result = uproot.open(output)[name]
    assert result.classname == opened[0].classname
    for what in STATISTICS:
        if what in result.all_members:
            assert result.member(what) == pytest.approx(sum(one.member(what) for one in opened), rel=1e-14), (
                what
            )
    parts = [arrays(one) for one in opened]
    for what, found in arrays(result).items():
        if any(len(part[what]) for part in parts):
            equal = rules.SQUARES.get(what, what).replace("fArray", "bins")
            total = sum(
                part[what] if len(part[what]) else abs(part[equal].astype("f8"))
                for part in [_wide(p) for p in parts]
            )
            assert numpy.array_equal(found, total.astype(found.dtype)), what
    for what, value in opened[0].all_members.items():
        if (
            isinstance(value, int | float | str)
            and what not in STATISTICS
            and not what.startswith(("fTsum", "@"))
        ):
            assert result.all_members[what] == value, what
    return result


def _wide(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value.astype("i8" if value.dtype.kind == "i" else "f8") for name, value in part.items()}


MANY = {
    **{
        f"TH1{letter}": lambda seed, d=dtype: hf.th1(numbers(seed, 6, d))
        for letter, dtype in hf.TYPES.items()
    },
    **{
        f"TH2{letter}": lambda seed, d=dtype: hf.th2(numbers(seed, 20, d), (3, 2))
        for letter, dtype in hf.TYPES.items()
    },
    **{
        f"TH3{letter}": lambda seed, d=dtype: hf.th3(numbers(seed, 60, d), (3, 2, 1))
        for letter, dtype in hf.TYPES.items()
    },
    "TH1D weighted": lambda seed: hf.th1(numbers(seed, 6) / 4, squares=numbers(seed + 50, 6) / 16),
    "TH2F weighted": lambda seed: hf.th2(numbers(seed, 20, "f4") / 4, (3, 2), numbers(seed + 50, 20) / 16),
    "TProfile": lambda seed: hf.profile(numbers(seed, 6), numbers(seed + 9, 6)),
    "TProfile weighted": lambda seed: hf.profile(
        numbers(seed, 6), numbers(seed + 9, 6), numbers(seed + 8, 6)
    ),
    "TProfile2D": lambda seed: hf.profile2(numbers(seed, 20), numbers(seed + 9, 20), (3, 2)),
    "TProfile3D": lambda seed: hf.profile3(numbers(seed, 60), numbers(seed + 9, 60), (3, 2, 1)),
}


@pytest.mark.parametrize("what", MANY)
def test_every_class_is_added_bin_by_bin_with_statistics(tmp_path: Path, what: str) -> None:
    paths = inputs(tmp_path, [MANY[what](seed) for seed in range(3)])
    output = hf.merged(paths, tmp_path / "out.root")
    result = assert_sum(paths, output)
    assert result.classname == what.split()[0]
    assert hf.differences(paths, output) == []


@pytest.mark.parametrize("what", ["TH1F", "TH2D", "TH1D weighted", "TProfile weighted"])
def test_the_slow_way_through_uproot_gives_the_same(tmp_path: Path, what: str) -> None:
    paths = inputs(tmp_path, [MANY[what](seed) for seed in range(4)])
    total = HistogramSum(uproot.open(paths[0])["d/h"], "d/h", paths[0])
    for path in paths[1:]:
        total.add(uproot.open(path)["d/h"], path)
    with uproot.recreate(tmp_path / "slow.root") as out:
        total.write(out)
    output = hf.merged(paths, tmp_path / "out.root")
    assert same_content(uproot.open(output)["d/h"], uproot.open(tmp_path / "slow.root")["d/h"])


PUBLIC = Path(__file__).parents[2] / "data" / "root"
FROM_ROOT = [
    "from-geant4",
    "histograms",
    "issue-172",
    "issue-181",
    "issue-222",
    "issue-227a",
    "issue-227b",
    "issue-250",
    "issue-513",
    "issue-707",
    "issue-722",
    "issue-861",
    "issue213",
    "issue33",
    "issue66",
]


@pytest.mark.parametrize("name", FROM_ROOT)
def test_histograms_that_root_wrote_are_added(tmp_path: Path, name: str) -> None:
    """Versions 5.2 to 6.3, with fits, statistics boxes, labels, buffers, and members nobody here can read."""
    paths = [tmp_path / f"in{number}.root" for number in range(3)]
    for path in paths:
        path.symlink_to(PUBLIC / f"uproot-{name}.root")
    output = hf.merged(paths, tmp_path / "out.root")
    assert hf.differences(paths, output) == []
    with uproot.open(output) as file:
        found = file.classnames(cycle=False)
        for path, classname in found.items():
            if rules.dimension(classname):
                assert_sum(paths, output, path)
            elif classname.startswith("TParameter"):
                assert file[path].member("fVal") == 3 * uproot.open(paths[0])[path].member("fVal")
        assert any(rules.dimension(classname) or "TParameter" in classname for classname in found.values())


def test_bins_of_64_bits_are_added_and_never_wrap_around(tmp_path: Path) -> None:
    bins = [0, 1 << 61, 3, -(1 << 60), 5, 6]
    paths = [
        hf.long_histogram(path, tmp_path / f"long{number}.root", bins)
        for number, path in enumerate(inputs(tmp_path, [hf.th1(numbers(seed, 6)) for seed in range(5)]))
    ]
    output = hf.merged(paths[:3], tmp_path / "out.root")
    assert hf.differences(paths[:3], output) == []
    assert struct.pack(">6q", *(3 * number for number in bins)) in _payload(output)
    with pytest.raises(MergeError, match=r"long3.root: histogram 'd/h' at offset \d+: .*64-bit"):
        hf.merged(paths, tmp_path / "over.root")


def test_squares_that_only_some_have_are_filled_in(tmp_path: Path) -> None:
    negative = numpy.array([0.0, -2.0, 3.0, 0.0, 1.0, 0.0])
    paths = inputs(
        tmp_path,
        [
            hf.th1(negative),
            hf.th1(numbers(1, 6), squares=numbers(2, 6) * 2.5),
            hf.th1(-negative),
            hf.th1(numbers(3, 6)),
        ],
    )
    for order in (paths, paths[1:] + paths[:1]):
        output = hf.merged(order, tmp_path / f"{order[0].stem}-out.root")
        assert_sum(order, output)
        assert hf.differences(order, output) == []


def test_squares_of_profiles_are_filled_in_with_entries(tmp_path: Path) -> None:
    paths = inputs(
        tmp_path,
        [
            hf.profile(numbers(1, 6), numbers(2, 6)),
            hf.profile(numbers(3, 6), numbers(4, 6), numbers(5, 6) + 0.5),
        ],
    )
    for order in (paths, paths[::-1]):
        assert_sum(order, hf.merged(order, tmp_path / f"{order[0].stem}-out.root"))


@pytest.mark.parametrize(("letter", "largest"), [("C", 127), ("S", 32767), ("I", 2147483647)])
def test_integer_bins_that_overflow_are_refused_or_stay_at_the_largest(
    tmp_path: Path, letter: str, largest: int
) -> None:
    bins = numpy.array([0, largest - 1, 2, 3, -largest, 0], dtype=hf.TYPES[letter])
    paths = inputs(tmp_path, [hf.th1(bins), hf.th1(bins)])
    with pytest.raises(MergeError, match=rf"'d/h' \(TH1{letter}\).*bin 1 holds {2 * largest - 2}.*{largest}"):
        hf.merged(paths, tmp_path / "out.root")
    output = hf.merged(paths, tmp_path / "out.root", Options(saturate=True))
    found = arrays(uproot.open(output)["d/h"])["bins"]
    assert found.tolist() == [0, largest, 4, 6, -largest, 0]
    assert hf.differences(paths, output, Options(saturate=True)) == []


OTHER = {
    "bins": (hf.th1(numbers(1, 7)), "x axis: bins 5, not 4"),
    "range": (hf.th1(numbers(1, 6), x=hf.axis(4, 0.0, 2.0)), r"x axis: range \(0.0, 2.0\), not \(0.0, 1.0\)"),
    "edges": (
        hf.th1(numbers(1, 6), x=hf.axis(4, fXbins=numpy.array([0, 0.1, 0.2, 0.5, 1]))),
        "x axis: edges",
    ),
    "labels": (
        hf.th1(numbers(1, 6), x=hf.axis(4, fLabels=hf.labels("a", "b"))),
        r"x axis: labels \(1: 'a', 2: 'b'\)",
    ),
    "growing": (
        hf.th1(numbers(1, 6), x=hf.axis(4, 0.0, 2.0, fBits2=rules.CAN_EXTEND)),
        r"other bins \(its axes grow with what is filled\)",
    ),
}


@pytest.mark.parametrize("what", OTHER)
def test_other_bins_are_refused_with_file_object_and_difference(tmp_path: Path, what: str) -> None:
    other, difference = OTHER[what]
    paths = inputs(tmp_path, [hf.th1(numbers(0, 6)), hf.th1(numbers(2, 6)), other])
    with pytest.raises(DifferentSchemas, match=rf"in2.root: histogram 'd/h' at offset \d+.*{difference}"):
        hf.merged(paths, tmp_path / "out.root")
    assert not (tmp_path / "out.root").exists()


def test_edges_that_differ_by_rounding_are_equal(tmp_path: Path) -> None:
    paths = inputs(
        tmp_path,
        [hf.th1(numbers(0, 6), x=hf.axis(4, 0.1, 0.3)), hf.th1(numbers(1, 6), x=hf.axis(4, 0.1, 0.1 * 3))],
    )
    assert_sum(paths, hf.merged(paths, tmp_path / "out.root"))


def test_equal_labels_are_added_in_whatever_order_they_are_stored(tmp_path: Path) -> None:
    strings = [hf.label("one", 1), hf.label("two", 2)]
    first = hf.th1(numbers(0, 6), x=hf.axis(4, fLabels=hf.labels("one", "two"), fBits2=1))
    second = hf.th1(numbers(1, 6), x=hf.axis(4, fLabels=hf.identify.to_THashList(strings[::-1]), fBits2=1))
    paths = inputs(tmp_path, [first, second])
    result = assert_sum(paths, hf.merged(paths, tmp_path / "out.root"))
    assert [str(text) for text in result.member("fXaxis").member("fLabels")] == ["one", "two"]


def test_titles_of_other_lengths_are_no_trouble_and_that_of_the_first_stays(tmp_path: Path) -> None:
    titles = ["short", "much longer than the first", "short", *("x" * size for size in range(20))]
    paths = inputs(tmp_path, [hf.th1(numbers(seed, 6), title=title) for seed, title in enumerate(titles)])
    result = assert_sum(paths, hf.merged(paths, tmp_path / "out.root"))
    assert result.member("fTitle") == "short"


def test_other_titles_of_the_same_length_are_not_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A title with the number of its chunk would cost a thousand times a comparison of bytes otherwise."""
    walks: list[str] = []
    monkeypatch.setattr(model, "walk", lambda *some: walks.append(some[1]) or walk(*some))
    caplog.set_level("INFO", "merging.hadd")
    paths = inputs(tmp_path, [hf.th1(numbers(seed, 6), title=f"chunk {seed:04}") for seed in range(20)])
    output = hf.merged(paths, tmp_path / "out.root")
    assert len(walks) == 2  # the first, when it comes and when it is written
    assert assert_sum(paths, output).member("fTitle") == "chunk 0000"
    assert "'d/h' (TH1D): not the same in all inputs, that of the first stays: title" in caplog.text
    assert hf.differences(paths, output) == []


def test_other_colours_and_limits_stay_those_of_the_first(tmp_path: Path) -> None:
    paths = inputs(
        tmp_path, [hf.th1(numbers(0, 6), fMaximum=9.0), hf.th1(numbers(1, 6), fMaximum=5.0, fLineColor=3)]
    )
    assert assert_sum(paths, hf.merged(paths, tmp_path / "out.root")).member("fMaximum") == 9.0


def test_histograms_whose_bins_were_set_get_their_totals_from_the_bins(tmp_path: Path) -> None:
    filled = hf.th1(numbers(0, 6))
    made = hf.th1(numpy.array([5.0, 1.0, 0.0, 2.0, 0.0, 9.0]), totals=[0.0] * 4)
    paths = inputs(tmp_path, [filled, made])
    result = uproot.open(hf.merged(paths, tmp_path / "out.root"))["d/h"]
    before = uproot.open(paths[0])["d/h"]
    assert result.member("fTsumw") == before.member("fTsumw") + 3
    assert result.member("fTsumw2") == before.member("fTsumw2") + 3
    assert result.member("fTsumwx") == before.member("fTsumwx") + 1 * 0.125 + 2 * 0.625
    assert result.member("fTsumwx2") == before.member("fTsumwx2") + 0.125**2 + 2 * 0.625**2
    assert hf.differences(paths, tmp_path / "out.root") == []


def test_where_no_histogram_has_totals_the_sum_has_none(tmp_path: Path) -> None:
    paths = inputs(tmp_path, [hf.th1(numbers(seed, 6), totals=[0.0] * 4) for seed in range(2)])
    assert assert_sum(paths, hf.merged(paths, tmp_path / "out.root")).member("fTsumw") == 0


def test_averages_cannot_be_added(tmp_path: Path) -> None:
    (path,) = inputs(tmp_path, [hf.th1(numbers(0, 6))])
    average = hf.bent(path, tmp_path / "average.root", hf.with_bits(rules.IS_AVERAGE))
    for order in ([path, average], [average, path]):
        with pytest.raises(MergeError, match=r"average.root: histogram 'd/h' at offset .* averages"):
            hf.merged(order, tmp_path / "out.root")


@pytest.mark.parametrize(("waiting", "refused"), [(2.0, True), (-2.0, False), (0.0, False)])
def test_entries_that_wait_in_the_buffer_are_not_lost(tmp_path: Path, waiting: float, refused: bool) -> None:
    """A buffer of ROOT: number of entries (negative: they are in the bins already), weight and x of each."""

    def buffered(taken: Walked) -> list[Edit]:
        return [
            replaced(taken.root, "fBufferSize", 5),
            replaced(taken.root, "fBuffer", [waiting, 1, 0.5, 1, 0.25]),
        ]

    paths = inputs(tmp_path, [hf.th1(numbers(seed, 6)) for seed in range(2)])
    full = hf.bent(paths[1], tmp_path / "full.root", buffered)
    for number, order in enumerate(([paths[0], full], [full, paths[0]])):
        output = tmp_path / f"out{number}.root"
        if refused:
            with pytest.raises(
                MergeError, match=r"full.root: histogram 'd/h' at offset .* 2 entries .* never put into bins"
            ):
                hf.merged(order, output)
            continue
        result = uproot.open(hf.merged(order, output))["d/h"]
        assert result.member("fEntries") == sum(uproot.open(path)["d/h"].member("fEntries") for path in order)
        if number:
            assert result.member("fBuffer")[0] == 0


def test_objects_that_are_damaged_are_named_with_their_offset(tmp_path: Path) -> None:
    paths = inputs(tmp_path, [hf.th1(numbers(seed, 60)) for seed in range(2)])
    data = bytearray(paths[1].read_bytes())
    data[data.index(b"ZL\x08") + 40] ^= 0xFF  # the first that is compressed is the histogram
    paths[1].write_bytes(data)
    with pytest.raises(UnreadableInput, match=r"in1.root: .*h.* at offset \d+"):
        hf.merged(paths, tmp_path / "out.root")


def test_lengths_that_do_not_go_together_are_unreadable(tmp_path: Path) -> None:
    paths = inputs(tmp_path, [hf.th1(numbers(seed, 6)) for seed in range(2)])
    short = hf.bent(paths[1], tmp_path / "short.root", lambda taken: [replaced(taken.root, "fArray", [1.0])])
    for order in ([paths[0], short], [short, paths[0]]):
        with pytest.raises(
            UnreadableInput, match=r"short.root: 'd/h' \(TH1D\) at offset \d+: fArray has 1 elements"
        ):
            hf.merged(order, tmp_path / "out.root")


MODES = {"+": 0, "*": 1 << 16, "M": 1 << 17, "m": 1 << 18, "f": 1 << 19, "l": 1 << 20}
CONSTANT = 1 << 21


@pytest.mark.parametrize(
    ("mode", "kind", "values", "result"),
    [
        ("+", "int", [1, 2, 3], 6),
        ("+", "Long64_t", [1 << 40, 1], (1 << 40) + 1),
        ("+", "double", [0.5, 0.25], 0.75),
        ("*", "int", [2, 3, 4], 24),
        ("M", "float", [1.0, 5.0, 2.0], 5.0),
        ("m", "int", [4, 2, 3], 2),
        ("f", "int", [4, 2, 3], 4),
        ("l", "double", [4.0, 2.0, 3.0], 3.0),
        ("+", "bool", [False, True], True),
        ("*", "bool", [True, False], False),
        ("m", "bool", [True, False], False),
        ("M", "bool", [False, True], True),
        ("l", "bool", [True, False], False),
        ("f", "bool", [True, False], True),
    ],
)
def test_parameters_are_combined_by_their_mode(
    tmp_path: Path, mode: str, kind: str, values: Sequence[Any], result: Any
) -> None:
    paths = [
        hf.parameters(tmp_path / f"in{number}.root", {"p": (kind, value, MODES[mode] | CONSTANT)})
        for number, value in enumerate(values)
    ]
    output = hf.merged(paths, tmp_path / "out.root")
    found = uproot.open(output)["p"]
    assert found.member("fVal") == result
    assert found.member("@fBits") & MODES[mode] == MODES[mode]
    assert not found.member("@fBits") & CONSTANT
    assert hf.differences(paths, output) == []
    assert hf.differences(paths[:1], output) or result == values[0]


def test_a_parameter_that_is_everywhere_the_same_says_so(tmp_path: Path) -> None:
    paths = [hf.parameters(tmp_path / f"in{n}.root", {"p": ("int", 7, CONSTANT)}) for n in range(3)]
    found = uproot.open(hf.merged(paths, tmp_path / "out.root"))["p"]
    assert (found.member("fVal"), found.member("@fBits") & CONSTANT) == (21, CONSTANT)


def test_a_parameter_whose_type_cannot_hold_the_sum_is_refused(tmp_path: Path) -> None:
    paths = [hf.parameters(tmp_path / f"in{n}.root", {"p": ("int", 1 << 30, 0)}) for n in range(2)]
    with pytest.raises(MergeError, match=r"'p': 2147483648 does not fit a TParameter<int>"):
        hf.merged(paths, tmp_path / "out.root")


def test_strings_stay_those_of_the_first(tmp_path: Path) -> None:
    paths = [
        hf.write(tmp_path / f"in{n}.root", {"s": text}) for n, text in enumerate(["one", "another", "one"])
    ]
    output = hf.merged(paths, tmp_path / "out.root")
    assert str(uproot.open(output)["s"]) == "one"
    assert uproot.open(output).keys() == ["s;1"]
    assert hf.differences(paths, output) == []
    assert hf.differences(paths[1:], output) != []


def test_only_the_highest_cycle_counts(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        path = tmp_path / f"in{number}.root"
        with uproot.recreate(path) as out:
            out["d/h"] = hf.th1(numbers(50, 6))
            out["d/h"] = hf.th1(numbers(number, 6))
        paths.append(path)
    output = hf.merged(paths, tmp_path / "out.root")
    assert uproot.open(output).keys() == ["d;1", "d/h;1"]
    assert_sum(paths, output)


def test_what_is_not_everywhere_is_added_where_it_is(tmp_path: Path) -> None:
    """Whether that is allowed is for the format to decide, by the option ``objects``."""
    contents = [{"a": hf.th1(numbers(0, 6))}, {"a": hf.th1(numbers(1, 6)), "b": hf.th1(numbers(2, 6))}]
    contents += [{"b": hf.th1(numbers(3, 6))}, {"a": hf.th1(numbers(4, 6)), "b": hf.th1(numbers(5, 6))}]
    paths = [hf.write(tmp_path / f"in{number}.root", content) for number, content in enumerate(contents)]
    output = hf.merged(paths, tmp_path / "out.root")
    for name in "ab":
        having = [path for path, content in zip(paths, contents, strict=True) if name in content]
        assert_sum(having, output, name)


def test_objects_that_nobody_can_read_stay_where_they_were(tmp_path: Path) -> None:
    """An object of an unknown class in the list of functions refers to places that count from its key."""

    def with_unknown(taken: Walked) -> list[Edit]:
        functions = taken.root.members["fFunctions"]
        body = struct.pack(">HI", 1, 7)
        unknown = (
            struct.pack(">I", 0xFFFFFFFF) + b"TMystery\0" + struct.pack(">I", len(body) | 0x40000000) + body
        )
        item = struct.pack(">I", len(unknown) | 0x40000000) + unknown + b"\0"
        return [Edit(functions.end - 4, functions.end, struct.pack(">I", 1) + item)]

    paths = inputs(tmp_path, [hf.th1(numbers(seed, 6)) for seed in range(2)])
    odd = [hf.bent(path, tmp_path / f"odd{path.name}", with_unknown) for path in paths]
    output = hf.merged(odd, tmp_path / "out.root")
    assert hf.differences(odd, output) == []
    assert b"TMystery" in _payload(output)


# What the comparison sees: the two files it is given, and nothing that was noted.


def test_a_lost_input_a_doubled_one_and_a_single_entry_are_seen(tmp_path: Path) -> None:
    paths = inputs(tmp_path, [hf.th1(numbers(seed, 6, "f4"), squares=numbers(seed, 6)) for seed in range(3)])
    output = hf.merged(paths, tmp_path / "out.root")
    assert hf.differences(paths, output) == []
    assert hf.differences(paths[::-1], output) == []
    assert any("fEntries" in text for text in hf.differences(paths[:2], output))
    assert hf.differences([*paths, paths[0]], output) != []

    def one_more(taken: Walked) -> list[Edit]:
        bins = taken.root.members["fArray"].array().copy()
        bins[2] += 1
        return [replaced(taken.root, "fArray", bins)]

    changed = hf.bent(output, tmp_path / "changed.root", one_more)
    (text,) = hf.differences(paths, changed)
    assert "histogram 'd/h' of changed.root: fArray of bin 2 is" in text


def test_one_entry_in_ten_millions_is_seen(tmp_path: Path) -> None:
    paths = inputs(tmp_path, [hf.th1(numpy.full(6, 1e6 + seed, "f4")) for seed in range(10)])
    output = hf.merged(paths, tmp_path / "out.root")
    assert hf.differences(paths, output) == []

    def one_less(taken: Walked) -> list[Edit]:
        return [replaced(taken.root, "fArray", taken.root.members["fArray"].array() - [0, 0, 1, 0, 0, 0])]

    (text,) = hf.differences(paths, hf.bent(output, tmp_path / "less.root", one_less))
    assert "fArray of bin 2 is 10000044.0, the inputs make 10000045.0" in text


def test_sums_of_fractions_may_differ_by_rounding_and_no_more(tmp_path: Path) -> None:
    paths = inputs(tmp_path, [hf.th1(numpy.full(6, 0.1 * (seed + 1), "f4")) for seed in range(5)])
    output = hf.merged(paths, tmp_path / "out.root")

    def shifted(relative: float) -> Path:
        def bend(taken: Walked) -> list[Edit]:
            return [replaced(taken.root, "fArray", taken.root.members["fArray"].array() * (1 + relative))]

        return hf.bent(output, tmp_path / f"by{relative}.root", bend)

    assert hf.differences(paths, shifted(1.2e-7)) == []
    assert hf.differences(paths, shifted(1e-5)) != []


def _payload(path: Path) -> bytes:
    from merging.rootio.file import RootFile

    with RootFile(path) as file:
        return b"".join(
            file.payload(one.key) for one in file.objects() if one.key.classname != "TDirectoryFile"
        )
