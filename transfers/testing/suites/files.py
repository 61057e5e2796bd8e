"""Looking at files, listing and removing them: the rules of Prober, Lister and Remover."""

from __future__ import annotations

from typing import Any

import pytest

from transfers.errors import FileMissing
from transfers.model import Done, Entry, Observed, Span
from transfers.testing.suites.rig import ODD_NAMES, Rig, Suite, code_of, contents


class ProberSuite(Suite):
    def test_probe_gives_size_and_checksum(self, rig: Rig) -> None:
        path = rig.path("a.raw")
        rig.put(path, b"some events")
        seen = self.seen(rig, path)
        assert (seen.size, seen.adler32) == contents(b"some events")
        assert seen.locality.readable
        assert seen.how in ("service", "read")

    def test_probe_of_an_empty_file(self, rig: Rig) -> None:
        path = rig.path("empty.raw")
        rig.put(path, b"")
        seen = self.seen(rig, path)
        assert (seen.size, seen.adler32) == contents(b"")

    def test_probe_answers_for_every_path(self, rig: Rig) -> None:
        there, missing = rig.path("there.raw"), rig.path("missing.raw")
        deeper = rig.path("no/such/directory/x.raw")
        rig.put(there, b"x")
        answer = rig.storage.prober.probe([missing, there, deeper])
        assert set(answer) == {there, missing, deeper}
        assert isinstance(answer[there], Observed)
        assert code_of(answer[missing]) == "file_missing"
        assert code_of(answer[deeper]) == "file_missing"

    def test_probe_of_a_directory_is_not_a_file(self, rig: Rig) -> None:
        rig.put(rig.path("dir/x.raw"), b"x")
        answer = rig.storage.prober.probe([rig.path("dir")])
        assert not isinstance(answer[rig.path("dir")], Observed)

    def test_probe_takes_names_literally(self, rig: Rig) -> None:
        for number, name in enumerate(ODD_NAMES):
            rig.put(rig.path(name), b"x" * (number + 1))
        answer = rig.storage.prober.probe([rig.path(name) for name in ODD_NAMES])
        for number, name in enumerate(ODD_NAMES):
            observed = answer[rig.path(name)]
            assert isinstance(observed, Observed), (name, observed)
            assert observed.size == number + 1

    def test_probe_changes_nothing(self, rig: Rig) -> None:
        rig.put(rig.path("a.raw"), b"x")
        before = rig.names()
        assert self.seen(rig, rig.path("a.raw")) == self.seen(rig, rig.path("a.raw"))
        assert rig.names() == before


class ListerSuite(Suite):
    """For storages that have a lister."""

    def listed(self, rig: Rig, directory: str, *, recursive: bool = False) -> dict[str, Entry]:
        """The entries by path; each only once."""
        assert rig.storage.lister is not None
        entries = list(rig.storage.lister.list(directory, recursive=recursive))
        by_path = {entry.path: entry for entry in entries}
        assert len(by_path) == len(entries)
        return by_path

    def test_a_list_has_every_entry_of_the_directory(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"some events")
        rig.put(rig.path("dir/empty.raw"), b"")
        rig.put(rig.path("dir/sub/b.raw"), b"x")
        rig.put(rig.path("other/c.raw"), b"x")
        found = self.listed(rig, rig.path("dir"))
        sizes = {path: entry.size for path, entry in found.items() if not entry.is_directory}
        assert sizes == {rig.path("dir/a.raw"): 11, rig.path("dir/empty.raw"): 0}
        assert {path for path, entry in found.items() if entry.is_directory} == {rig.path("dir/sub")}

    def test_a_recursive_list_has_every_file_below(self, rig: Rig) -> None:
        names = {"dir/a.raw", "dir/sub/b.raw", "dir/sub/deeper/c.raw", "dir/other/d.raw"}
        for name in names:
            rig.put(rig.path(name), b"x")
        rig.put(rig.path("dirt/e.raw"), b"x")
        found = self.listed(rig, rig.path("dir"), recursive=True)
        assert {path for path, entry in found.items() if not entry.is_directory} == {
            rig.path(name) for name in names
        }

    def test_list_tells_no_wrong_checksums_and_times(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"some events")
        (entry,) = self.listed(rig, rig.path("dir")).values()
        assert entry.adler32 in (None, contents(b"some events")[1])
        assert entry.modified_at is None or entry.modified_at.tzinfo is not None

    def test_list_takes_names_literally(self, rig: Rig) -> None:
        for name in ODD_NAMES:
            rig.put(rig.path(f"odd/{name}"), b"x")
        assert set(self.listed(rig, rig.path("odd"))) == {rig.path(f"odd/{name}") for name in ODD_NAMES}

    def test_list_of_what_is_not_there(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        with pytest.raises(FileMissing):
            self.listed(rig, rig.path("dis"))

    def test_list_of_many(self, rig: Rig) -> None:
        names = {f"many/f{number:03}.raw" for number in range(120)}
        for name in names:
            rig.put(rig.path(name), b"x")
        assert set(self.listed(rig, rig.path("many"))) == {rig.path(name) for name in names}


class RemoverSuite(Suite):
    def test_remove_removes_just_that_file(self, rig: Rig) -> None:
        names = ("a.raw", "a.raw.001", "a.ra", "ab.raw", "sub/a.raw")
        for name in names:
            rig.put(rig.path(name), b"x")
        path = rig.path("a.raw")
        assert rig.storage.remover.remove([path]) == {path: Done()}
        assert rig.look(path) is None
        assert rig.names() == {rig.path(name) for name in names[1:]}

    def test_remove_again_says_missing(self, rig: Rig) -> None:
        path = rig.path("a.raw")
        rig.put(path, b"x")
        rig.put(rig.path("b.raw"), b"x")
        assert rig.storage.remover.remove([path]) == {path: Done()}
        assert code_of(rig.storage.remover.remove([path])[path]) == "file_missing"

    def test_remove_takes_names_literally(self, rig: Rig) -> None:
        names = (*ODD_NAMES, "star1.raw", "100%.raw", "a b.raw")
        for name in names:
            rig.put(rig.path(name), b"x")
        wild = rig.path("star*.raw")
        assert code_of(rig.storage.remover.remove([wild])[wild]) == "file_missing"
        paths = [rig.path(name) for name in ODD_NAMES]
        assert rig.storage.remover.remove(paths) == {path: Done() for path in paths}
        assert rig.names() == {rig.path(name) for name in names[len(ODD_NAMES) :]}

    def test_remove_mixes_good_and_bad(self, rig: Rig) -> None:
        there, missing = rig.path("there.raw"), rig.path("missing.raw")
        rig.put(there, b"x")
        outcomes = rig.storage.remover.remove([missing, there])
        assert set(outcomes) == {there, missing}
        assert outcomes[there] == Done()
        assert code_of(outcomes[missing]) == "file_missing"

    def test_remove_refuses_a_directory(self, rig: Rig) -> None:
        rig.put(rig.path("dir/x.raw"), b"x")
        outcome = rig.storage.remover.remove([rig.path("dir")])[rig.path("dir")]
        assert not isinstance(outcome, Done)
        assert rig.names() == {rig.path("dir/x.raw")}

    def test_a_removed_path_can_be_written_again(self, rig: Rig) -> None:
        order = self.order(rig, "a.root", b"new")
        rig.put(order.path, b"old bytes")
        assert rig.storage.remover.remove([order.path]) == {order.path: Done()}
        assert self.copied(rig, order) == Done()
        assert rig.look(order.path) == contents(b"new")


class RangeReaderSuite(Suite):
    """For storages that read stretches of files."""

    def test_stretches_are_what_the_file_holds_there(self, rig: Rig) -> None:
        path, other = rig.path("a.zip"), rig.path("b.zip")
        data = bytes(range(256)) * 40
        rig.put(path, data)
        rig.put(other, b"short")
        spans = [Span(path, 0, 10), Span(path, 5000, 300), Span(other, 1, 3), Span(path, len(data) - 1, 1)]
        found = self.ranges(rig, *spans)
        held = {path: data, other: b"short"}
        assert found == {span: held[span.path][span.offset :][: span.length] for span in spans}

    def test_a_stretch_ends_with_the_file(self, rig: Rig) -> None:
        path = rig.path("a.zip")
        rig.put(path, b"0123456789")
        spans = [Span(path, 8, 5), Span(path, 10, 5), Span(path, 20, 1), Span(path, 3, 0)]
        assert self.ranges(rig, *spans) == {spans[0]: b"89", spans[1]: b"", spans[2]: b"", spans[3]: b""}

    def test_a_missing_file_spoils_only_its_own_stretches(self, rig: Rig) -> None:
        path, gone = rig.path("a.zip"), rig.path("gone.zip")
        rig.put(path, b"0123456789")
        found = self.ranges(rig, Span(gone, 0, 4), Span(path, 0, 4))
        assert found[Span(path, 0, 4)] == b"0123"
        assert code_of(found[Span(gone, 0, 4)]) == "file_missing"

    def test_a_large_stretch_comes_whole(self, rig: Rig) -> None:
        path = rig.path("large.zip")
        data = bytes(range(251)) * 40_000  # about 10 MB: more than servers give in one answer
        rig.put(path, data)
        span = Span(path, 7, len(data) - 9)
        assert self.ranges(rig, span) == {span: data[7:-2]}

    def test_what_is_on_tape_only_is_not_recalled(self, rig: Rig) -> None:
        if not rig.storage.capabilities.tape:
            pytest.skip("not a tape endpoint")
        path = rig.path("a.zip")
        rig.put_on_tape(path, b"0123456789")
        assert code_of(self.ranges(rig, Span(path, 0, 4))[Span(path, 0, 4)]) == "not_online"

    def ranges(self, rig: Rig, *spans: Span) -> dict[Span, Any]:
        if rig.storage.ranges is None or not rig.fetches:
            pytest.skip("reads files only whole")
        return dict(rig.storage.ranges.ranges(spans))
