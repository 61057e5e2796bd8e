"""What is no tree in files of the format ``root``: options, refusals, and how it goes with trees in one pass.

The rules are in docs/howto/merge-histograms.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

uproot = pytest.importorskip("uproot")
numpy = pytest.importorskip("numpy")

from merging.errors import DifferentSchemas, MergeError, NotCopyable  # noqa: E402
from merging.formats.root import RootFiles  # noqa: E402
from merging.model import Different, Same  # noqa: E402
from merging.registry import find_format  # noqa: E402
from tests.unit.merging import histfiles as hf  # noqa: E402


def h(*bins: float, dtype: str = "f8") -> Any:
    return hf.th1(numpy.array([0, *bins, 0], dtype))


def files(tmp_path: Path, *contents: dict[str, Any]) -> list[Path]:
    return [hf.write(tmp_path / f"in{number}.root", content) for number, content in enumerate(contents)]


def test_objects_that_one_input_lacks_or_has_alone_are_refused(tmp_path: Path) -> None:
    paths = files(tmp_path, {"a": h(1, 2), "d/b": h(3, 4)}, {"a": h(1, 2)})
    with pytest.raises(DifferentSchemas, match=r"in1\.root: lacks 'd/b' \(TH1D\)"):
        RootFiles().merge(paths, tmp_path / "out.root")
    with pytest.raises(DifferentSchemas, match=r"in0\.root: has 'd/b' \(TH1D\), which .*in1\.root lacks"):
        RootFiles().merge(paths[::-1], tmp_path / "out.root")
    assert not (tmp_path / "out.root").exists()


def test_the_union_of_objects_is_merged_from_those_that_have_them(tmp_path: Path) -> None:
    paths = files(
        tmp_path, {"a": h(1, 2), "d/b": h(3, 4)}, {"a": h(10, 20)}, {"d/b": h(30, 40), "c": h(5, 6)}
    )
    tool = find_format("root", {"objects": "union"})
    tool.merge(paths, tmp_path / "out.root")
    with uproot.open(tmp_path / "out.root") as file:
        found = {name: file[name].values().tolist() for name in ("a", "d/b", "c")}
    assert found == {"a": [11, 22], "d/b": [33, 44], "c": [5, 6]}
    assert tool.same_content(paths, tmp_path / "out.root") == Same()
    assert isinstance(tool.same_content(paths[:2], tmp_path / "out.root"), Different)


@pytest.mark.parametrize("step", [1, -1])
def test_events_that_only_some_inputs_tell_are_no_number_of_events(tmp_path: Path, step: int) -> None:
    paths = files(tmp_path, {"events": h(5), "a": h(1)}, {"a": h(2)})
    with pytest.raises(DifferentSchemas, match=r"only .*in0\.root tells its events, not .*in1\.root"):
        find_format("root", {"objects": "union"}).merge(paths[::step], tmp_path / "out.root")
    assert not (tmp_path / "out.root").exists()


def test_another_class_is_refused(tmp_path: Path) -> None:
    paths = files(tmp_path, {"h": h(1, 2)}, {"h": h(1, 2, dtype="f4")})
    with pytest.raises(DifferentSchemas, match=r"in1\.root: 'h' is a TH1F, before it was a TH1D"):
        RootFiles().merge(paths, tmp_path / "out.root")


def test_integer_bins_are_refused_or_saturate(tmp_path: Path) -> None:
    paths = files(tmp_path, {"h": h(30_000, 1, dtype="i2")}, {"h": h(30_000, 1, dtype="i2")})
    with pytest.raises(MergeError, match=r"'h' \(TH1S\) cannot hold the sum: fArray bin 1 holds 60000"):
        RootFiles().merge(paths, tmp_path / "out.root")
    assert not (tmp_path / "out.root").exists()
    tool = RootFiles(overflow="saturate")
    tool.merge(paths, tmp_path / "out.root")
    assert uproot.open(tmp_path / "out.root")["h"].values().tolist() == [32767, 2]
    assert tool.same_content(paths, tmp_path / "out.root") == Same()


def test_what_cannot_be_merged_is_refused_or_kept_from_the_first(tmp_path: Path) -> None:
    lists = [hf.identify.to_TList([hf.identify.to_TObjString(text)]) for text in ("one", "two")]
    paths = files(tmp_path, {"list": lists[0], "h": h(1, 2)}, {"list": lists[1], "h": h(1, 2)})
    with pytest.raises(NotCopyable, match=r"in0\.root: 'list' at offset \d+ is a TList"):
        RootFiles().merge(paths, tmp_path / "out.root")
    tool = RootFiles(keep_first="TCanvas TList")
    tool.merge(paths, tmp_path / "out.root")
    with uproot.open(tmp_path / "out.root") as file:
        assert [str(text) for text in file["list"]] == ["one"]
        assert file["h"].values().tolist() == [2, 4]
    assert tool.same_content(paths, tmp_path / "out.root") == Same()


@pytest.mark.parametrize(
    ("option", "said"), [("objects", "'same' or 'union'"), ("overflow", "'refuse' or 'saturate'")]
)
def test_options_are_words(option: str, said: str) -> None:
    with pytest.raises(MergeError, match=f"root: {option} is {said}, not 'maybe'"):
        find_format("root", {option: "maybe"})


def test_trees_and_all_objects_in_one_pass(tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        path = hf.write(
            tmp_path / f"in{number}.root", {"events": h(number + 1), "d/e/h": h(1, number), "note": "text"}
        )
        with uproot.update(path) as out:
            out.mktree("d/tree", {"x": "int32"}).extend({"x": numpy.full(number + 2, number, "i4")})
        paths.append(path)
    output = tmp_path / "out.root"
    result = RootFiles().merge(iter(paths), output)
    assert (result.n_events, dict(result.by_type)) == (9, {"d/tree": 9})
    with uproot.open(output) as file:
        assert file["d/tree/x"].array().tolist() == [0] * 2 + [1] * 3 + [2] * 4
        assert file["d/e/h"].values().tolist() == [3, 3]
        assert file["events"].member("fEntries") == 6
        assert str(file["note"]) == "text"
    assert RootFiles().same_content(paths, output) == Same()
    different = RootFiles().same_content([paths[0], paths[2], paths[2]], output)
    assert isinstance(different, Different)
    assert any("'d/e/h'" in text for text in different.where)


def test_thousands_of_events_are_counted_by_the_histogram(tmp_path: Path) -> None:
    paths = files(tmp_path, {"events": h(3000.0)}, {"events": h(1.0)}, {"events": h(0.0)})
    result = RootFiles().merge(paths, tmp_path / "out.root")
    assert result.n_events == 3001
    assert [taken.n_events for taken in result.taken] == [3000, 1, 0]
    assert RootFiles().count(tmp_path / "out.root").n_events == 3001
