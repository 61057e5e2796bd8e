"""Looking into many directories: the rules of Walker. Every directory is whole, or told as not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from transfers.errors import StorageError
from transfers.model import NOT_TOLD, Failed, Listing, Looked, Unknown
from transfers.testing.suites.rig import ODD_NAMES, Rig, Suite, code_of, contents
from transfers.walking import Frontier, tree, walker_of

MANY = 3000
"""Files of a large directory; those of the nightly one are 50 000."""


class WalkerSuite(Suite):
    """For storages that can be listed, with a walker of their own or without."""

    def looked(self, rig: Rig, directories: Sequence[str]) -> dict[str, Looked]:
        """What came of each directory; each is told once."""
        told = list(walker_of(rig.storage).walk(Frontier(directories).following))
        assert len(told) == len(directories)
        assert {directory for directory, _ in told} == set(directories)
        return dict(told)

    def listing(self, rig: Rig, name: str) -> Listing:
        path = rig.path(name)
        found = self.looked(rig, [path])[path]
        assert isinstance(found, Listing), found
        return found

    def test_a_directory_is_told_whole(self, rig: Rig) -> None:
        sizes = {"a.raw": b"some events", "empty.raw": b"", "sub/b.raw": b"x", "sub/deeper/c.raw": b"x"}
        for name, data in sizes.items():
            rig.put(rig.path(f"dir/{name}"), data)
        found = self.listing(rig, "dir")
        assert dict(zip(found.names, found.sizes, strict=True)) == {"a.raw": 11, "empty.raw": 0}
        assert list(found.directories) == ["sub"]
        assert not found.linked
        assert not found.others

    def test_no_wrong_sums_and_times(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"some events")
        found = self.listing(rig, "dir")
        assert set(found.sums) <= {NOT_TOLD, contents(b"some events")[1]}
        assert all(at == NOT_TOLD or 0 < at < 1 << 40 for at in found.modified)
        assert len(found.sums) == len(found.modified) == len(found.names)

    def test_the_same_directory_with_a_slash_behind(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        asked = rig.path("dir") + "/"
        found = self.looked(rig, [asked])[asked]
        assert isinstance(found, Listing)
        assert list(found.names) == ["a.raw"]

    def test_many_directories_each_with_its_own(self, rig: Rig) -> None:
        names = [f"d{number:02}" for number in range(40)]
        for name in names:
            rig.put(rig.path(f"{name}/{name}.raw"), b"x")
        found = self.looked(rig, [rig.path(name) for name in names])
        for name in names:
            listing = found[rig.path(name)]
            assert isinstance(listing, Listing)
            assert list(listing.names) == [f"{name}.raw"]

    def test_a_tree_is_found_from_its_top(self, rig: Rig) -> None:
        deep = "/".join(f"level{number}" for number in range(20))
        files = {"top.raw", "one/a.raw", "two/b.raw", "two/three/c.raw", f"{deep}/d.raw"}
        for name in files:
            rig.put(rig.path(name), b"x")
        found = {
            f"{directory}/{name}"
            for directory, looked in tree(walker_of(rig.storage), [rig.base])
            if isinstance(looked, Listing)
            for name in looked.names
        }
        assert found == {rig.path(name) for name in files}

    def test_what_is_not_there_is_told_beside_what_is(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        found = self.looked(rig, [rig.path("none"), rig.path("dir"), rig.path("none/below")])
        assert isinstance(found[rig.path("dir")], Listing)
        assert code_of(found[rig.path("none")]) == "file_missing"
        assert code_of(found[rig.path("none/below")]) == "file_missing"

    def test_a_file_is_no_directory(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        rig.put(rig.path("dir/b/c.raw"), b"x")
        asked = [rig.path("dir/a.raw"), rig.path("dir/b")]
        found = self.looked(rig, asked)
        assert code_of(found[asked[0]]) in ("file_missing", "unsupported")
        assert isinstance(found[asked[1]], Listing)

    def test_names_are_told_literally(self, rig: Rig) -> None:
        for name in ODD_NAMES:
            rig.put(rig.path(f"odd/{name}"), b"x")
        assert set(self.listing(rig, "odd").names) == set(ODD_NAMES)

    def test_directories_are_asked_for_literally(self, rig: Rig) -> None:
        for name in ODD_NAMES:
            rig.put(rig.path(f"odd/{name}/a.raw"), b"x")
        found = dict(tree(walker_of(rig.storage), [rig.path("odd")]))
        assert set(found) == {rig.path("odd")} | {rig.path(f"odd/{name}") for name in ODD_NAMES}
        assert {type(looked) for looked in found.values()} == {Listing}

    def test_no_path_leads_out(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        for path in ("/../etc", rig.path("dir/../.."), rig.path("./dir")):
            assert code_of(self.looked(rig, [path])[path]) == "permission_refused"

    def test_whoever_stops_early_leaves_nothing_behind(self, rig: Rig) -> None:
        names = [rig.path(f"d{number:02}") for number in range(30)]
        for name in names:
            rig.put(f"{name}/a.raw", b"x")
        for _ in range(3):
            walk = walker_of(rig.storage).walk(Frontier(names).following)
            directory, looked = next(walk)
            assert directory in names
            assert isinstance(looked, Listing)
            walk.close()  # type: ignore[attr-defined]
        assert len(self.looked(rig, names)) == len(names)


class RealWalkerSuite(WalkerSuite):
    """For storages whose files are on a file system of this machine, where harm can be done: ``rig.place``.

    ``tells_bytes``: names that are no UTF-8 can be told. ``tells_breaks``: names with a line break can be.
    ``sees_odd``: what is no file is told. ``notices_back``: a directory that leads to one above is not
    followed.
    """

    tells_bytes = tells_breaks = sees_odd = notices_back = True

    def place(self, rig: Rig, name: str) -> Path:
        """Where a directory of the test is on this machine."""
        raise NotImplementedError

    def test_an_empty_directory(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        (self.place(rig, "dir") / "a.raw").unlink()
        assert not self.listing(rig, "dir").names

    @pytest.mark.parametrize("mode", [0o000, pytest.param(0o444, id="can be read but not entered"), 0o111])
    def test_a_directory_that_cannot_be_read_is_no_list(self, rig: Rig, mode: int) -> None:
        self.skip_where_all_is_readable()
        for name in ("closed/a.raw", "closed/b/c.raw", "open/d.raw"):
            rig.put(rig.path(name), b"x")
        closed = self.place(rig, "closed")
        closed.chmod(mode)
        try:
            found = self.looked(rig, [rig.path("closed"), rig.path("open")])
        finally:
            closed.chmod(0o755)
        assert isinstance(found[rig.path("open")], Listing)
        told = found[rig.path("closed")]
        if isinstance(told, Listing):  # names may be told, if it is told that nothing is known of them
            assert set(told.others) == set(told.linked) == {"a.raw", "b"}
            assert not told.names
        else:
            assert isinstance(told, Failed | Unknown)

    @pytest.mark.parametrize("mode", [0o000, pytest.param(0o444, id="can be read but not entered"), 0o111])
    def test_a_list_of_what_cannot_be_read_is_an_error(self, rig: Rig, mode: int) -> None:
        self.skip_where_all_is_readable()
        rig.put(rig.path("dir/closed/a.raw"), b"x")
        closed = self.place(rig, "dir/closed")
        closed.chmod(mode)
        try:
            for name, recursive in (("dir/closed", False), ("dir", True)):
                with pytest.raises(StorageError, match="closed"):
                    self.listed(rig, name, recursive=recursive)
            assert self.listed(rig, "dir") == {rig.path("dir/closed"): True}
        finally:
            closed.chmod(0o755)

    def listed(self, rig: Rig, name: str, *, recursive: bool = False) -> dict[str, bool]:
        """What the Lister tells, and whether it is a directory."""
        assert rig.storage.lister is not None
        found = rig.storage.lister.list(rig.path(name), recursive=recursive)
        return {entry.path: entry.is_directory for entry in found}

    def skip_where_all_is_readable(self) -> None:
        """The server runs as another user."""

    def test_a_directory_that_goes_while_we_walk(self, rig: Rig) -> None:
        for name in "abc":
            rig.put(rig.path(f"{name}/sub/file.raw"), b"x")
        walk = tree(walker_of(rig.storage), [rig.base])
        found = dict([next(walk)])
        gone = self.place(rig, "b")
        (gone / "sub/file.raw").unlink()
        (gone / "sub").rmdir()
        gone.rmdir()
        gone.write_bytes(b"a file now")
        found |= walk
        assert code_of(found[rig.path("b")]) in ("file_missing", "unsupported")
        assert {type(found[rig.path(f"{name}/sub")]) for name in "ac"} == {Listing}

    def test_names_that_are_no_text(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        os.rename(
            os.fsencode(self.place(rig, "dir")) + b"/a.raw", os.fsencode(self.place(rig, "dir")) + b"/\xe9"
        )
        path = rig.path("dir")
        found = self.looked(rig, [path])[path]
        if self.tells_bytes:
            assert isinstance(found, Listing)
            assert [os.fsencode(name) for name in found.names] == [b"\xe9"]
        else:
            assert isinstance(found, Failed | Unknown)

    def test_names_with_a_line_break(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        rig.put(rig.path("dir/b.raw"), b"x")
        (self.place(rig, "dir") / "a.raw").rename(self.place(rig, "dir") / "a\nb")
        path = rig.path("dir")
        found = self.looked(rig, [path])[path]
        if self.tells_breaks:
            assert isinstance(found, Listing)
            assert set(found.names) == {"a\nb", "b.raw"}
        else:
            assert isinstance(found, Failed | Unknown)

    def test_links_are_not_followed_in_circles(self, rig: Rig) -> None:
        rig.put(rig.path("dir/sub/a.raw"), b"x")
        (self.place(rig, "dir") / "sub/back").symlink_to("..")
        found = dict(tree(walker_of(rig.storage), [rig.path("dir")]))
        below = found[rig.path("dir/sub")]
        if self.notices_back:
            assert set(found) == {rig.path("dir"), rig.path("dir/sub")}
            assert isinstance(below, Listing)
            assert list(below.linked) == ["back"]

    def test_what_is_no_file_is_told_and_hides_nothing(self, rig: Rig) -> None:
        """A stock XRootD server ends its list at a link that leads to itself, as if it were whole."""
        names = {f"{number:03}.raw" for number in range(100)}
        for name in names:
            rig.put(rig.path(f"dir/{name}"), b"x")
        place = self.place(rig, "dir")
        for odd in ("loop", "lo-op", "99-loop"):
            (place / odd).symlink_to(odd)
        (place / "dangling").symlink_to("nowhere")
        os.mkfifo(place / "pipe")
        path = rig.path("dir")
        found = self.looked(rig, [path])[path]
        if self.sees_odd:
            assert isinstance(found, Listing)
            unclear = {"loop", "lo-op", "99-loop", "dangling"}
            assert set(found.others) == unclear | {"pipe"}
            assert (
                set(found.linked) == unclear
            )  # what is below a link that leads nowhere just now is not lost
        if isinstance(found, Listing):
            assert set(found.names) == names
        files = dict.fromkeys((rig.path(f"dir/{name}") for name in names), False)
        assert self.listed(rig, "dir") == self.listed(rig, "dir", recursive=True) == files

    def test_a_large_directory(self, rig: Rig, many: int = MANY) -> None:
        rig.put(rig.path("large/first.raw"), b"x")
        place = self.place(rig, "large")
        for number in range(many):
            (place / f"cdr{number:06}.raw").touch()
        found = self.listing(rig, "large")
        assert len(found.names) == len(set(found.names)) == many + 1

    @pytest.mark.nightly
    def test_a_very_large_directory(self, rig: Rig) -> None:
        self.test_a_large_directory(rig, 50_000)
