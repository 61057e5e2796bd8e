"""Free space as the services tell it: a real file system, a real XRootD server."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.clock import SystemClock
from transfers.backends.posix import PosixStorage
from transfers.backends.xrootd import replies
from transfers.errors import EndpointUnreachable
from transfers.model import Space


def test_a_local_directory_tells_what_its_file_system_has(tmp_path):
    found = PosixStorage(tmp_path).storage().space.space()
    told = os.statvfs(tmp_path)
    assert found.total == told.f_blocks * told.f_frsize
    assert 0 < found.free <= found.total
    with pytest.raises(EndpointUnreachable):
        PosixStorage(tmp_path / "none").storage().space.space()


ANSWER = b"oss.cgroup=public&oss.space=1000&oss.free=400&oss.maxf=400&oss.used=600&oss.quota=%s\0"


@pytest.mark.parametrize(
    ("reply", "space"),
    [
        (ANSWER % b"-1", Space(400, 1000)),
        (ANSWER % b"0", Space(400, 1000)),
        (ANSWER % b"700", Space(100, 700)),  # a quota leaves less than there is
        (ANSWER % b"500", Space(0, 500)),
        (ANSWER % b"5000", Space(400, 1000)),
        (b"oss.free=7", Space(7, None)),
        (b"oss.free=-1&oss.space=x", Space(None, None)),
        (b"", Space(None, None)),
        (b"\xff\xfe&&==", Space(None, None)),
    ],
)
def test_what_an_xrootd_server_answers(reply, space):
    assert replies.read_space(reply) == space


@given(st.binary(max_size=100))
def test_no_answer_is_too_odd(reply):
    replies.read_space(reply)


@pytest.mark.xrootd
def test_an_xrootd_server_tells_and_of_a_directory_that_is_not_there_nothing_is_known():
    pytest.importorskip("XRootD")
    from transfers.backends.xrootd import open_storage
    from transfers.testing.xrootd import missing_packages
    from transfers.testing.xrootd_disk import DiskServer

    if missing := missing_packages(eos=False):
        assert not os.environ.get("CI"), missing
        pytest.skip(f"needs the Debian packages {' '.join(missing)}")
    with DiskServer.start() as server:
        server.put("/run1/a.root", b"x")
        found = open_storage(server.prefix, clock=SystemClock(), options={}).space.space()
        assert found.free is not None
        assert 0 < found.free <= found.total
        # the server answers for it that nothing is free: that is not so
        missing_one = f"{server.prefix.rstrip('/')}/none"
        assert open_storage(missing_one, clock=SystemClock(), options={}).space.space() == Space()
