"""Stage-in and stage-out: the next place after a failure, nothing wrong announced, repetition finishes."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.papers import ManifestUnreadable
from catalog.states import Locality
from tests.unit.transfers.staging import Stores, checksum, incoming, means, outgoing
from transfers import stage_in, stage_out
from transfers.errors import (
    ChecksumMismatch,
    CredentialExpired,
    EndpointUnreachable,
    FileExists,
    NotOnline,
    QuotaExceeded,
    StorageError,
    StorageTimeout,
    failed,
)
from transfers.manifest import Left, Outgoing, Source, StageIn, StageOut
from transfers.model import Pending, Unknown
from transfers.staging_in import ordered

A, B = b"first file" * 1000, b"second"


@pytest.fixture
def stores(tmp_path):
    return Stores(tmp_path / "stores", "near", "far")


@pytest.fixture
def work(tmp_path):
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def codes(report):
    return [(file.state, file.code, file.fault) for file in report.files]


# ------------------------------------------------------------------------------------- stage-in
def test_files_of_one_storage_come_in_one_call(stores, work):
    stores.put("near", "a", A)
    stores.put("near", "b", B)
    report = stage_in(
        StageIn("j", (incoming("a", A, "near", "far"), incoming("b", B, "near"))), work, means(stores)
    )
    assert (report.code, report.exit_code, report.fault) == ("", 0, "")
    assert [file.url for file in report.files] == ["site://near/a", "site://near/b"]
    assert stores.calls == [("near", "fetch", 2)]
    assert (work / "a").read_bytes() == A


@pytest.mark.parametrize("trouble", [[EndpointUnreachable], NotOnline, ChecksumMismatch])
def test_the_next_source_is_tried_after_a_failure(stores, work, trouble):
    for name in ("near", "far"):
        stores.put(name, "a", A)
    stores.troubles["near"] = trouble
    report = stage_in(StageIn("j", (incoming("a", A, "near", "far"),)), work, means(stores))
    assert report.code == ""
    (file,) = report.files
    assert file.url == "site://far/a"
    assert [attempt.url for attempt in file.attempts] == ["site://near/a", "site://far/a"]
    assert file.attempts[0].code
    assert not file.attempts[1].code
    assert (work / "a").read_bytes() == A


def test_other_bytes_at_the_nearest_source_are_not_taken(stores, work):
    stores.put("near", "a", A[:-1] + b"x")
    stores.put("far", "a", A)
    report = stage_in(StageIn("j", (incoming("a", A, "near", "far"),)), work, means(stores))
    assert [attempt.code for attempt in report.files[0].attempts] == ["checksum_mismatch", ""]
    assert (work / "a").read_bytes() == A


def test_when_no_source_has_it_the_first_one_speaks_but_hope_comes_first(stores, work):
    stores.troubles["far"] = [EndpointUnreachable]
    report = stage_in(StageIn("j", (incoming("a", A, "near", "far"),)), work, means(stores))
    assert codes(report) == [("failed", "endpoint_unreachable", "network")]
    stores.troubles["far"] = None
    report = stage_in(StageIn("j", (incoming("a", A, "near", "far"),)), work, means(stores))
    assert codes(report) == [("failed", "file_missing", "storage")]
    assert report.exit_code == 23
    assert list(work.iterdir()) == []


def test_what_is_there_and_equal_is_kept_and_nothing_is_asked(stores, work):
    (work / "a").write_bytes(A)
    report = stage_in(StageIn("j", (incoming("a", A, "near"),)), work, means(stores))
    assert codes(report) == [("kept", "", "")]
    assert stores.calls == []


@pytest.mark.parametrize("there", [A[:-1], A[:-1] + b"x"])
def test_a_different_file_is_never_overwritten(stores, work, there):
    stores.put("near", "a", A)
    (work / "a").write_bytes(there)
    report = stage_in(StageIn("j", (incoming("a", A, "near"),)), work, means(stores))
    assert codes(report) == [("failed", "file_exists", "site")]
    assert report.exit_code == 21
    assert (work / "a").read_bytes() == there


def test_a_file_of_unknown_contents_cannot_be_compared_with_one_that_is_there(stores, work):
    stores.put("near", "a", A)
    manifest = StageIn("j", (incoming("a", None, "near"),))
    report = stage_in(manifest, work, means(stores))
    assert (report.files[0].size, report.files[0].adler32) == (len(A), checksum(A))  # as it arrived
    assert codes(stage_in(manifest, work, means(stores))) == [("failed", "file_exists", "site")]


def test_a_full_disk_of_the_worker_node_is_the_sites_fault(stores, work):
    stores.troubles["near"] = QuotaExceeded
    report = stage_in(StageIn("j", (incoming("a", A, "near"),)), work, means(stores))
    assert (report.code, report.fault, report.exit_code) == ("quota_exceeded", "site", 21)


def test_a_pipe_in_the_work_directory_is_not_waited_for(stores, work):
    stores.put("near", "a", A)
    os.mkfifo(work / "a")
    report = stage_in(StageIn("j", (incoming("a", A, "near"),)), work, means(stores))
    assert codes(report) == [("failed", "work_directory", "site")]


@pytest.mark.parametrize("name", ["./a", "a/", ".//a", "sub/../a"])
def test_two_names_of_one_local_file_are_refused(stores, work, name):
    """One of the two would be told as copied, with the bytes of the other."""
    stores.put("near", "a", A)
    stores.put("near", "b", B)
    other = replace(incoming("b", B, "near"), name=name)
    with pytest.raises(ManifestUnreadable):
        stage_in(StageIn("j", (incoming("a", A, "near"), other)), work, means(stores))
    assert list(work.iterdir()) == []


def test_a_work_directory_that_cannot_be_made_is_the_sites_fault(stores, tmp_path):
    (tmp_path / "file").write_text("")
    report = stage_in(StageIn("j", (incoming("a", A, "near"),)), tmp_path / "file" / "sub", means(stores))
    assert (report.code, report.fault) == ("work_directory", "site")


def test_a_source_that_nobody_can_open_does_not_end_the_others(stores, work):
    stores.put("near", "a", A)
    file = incoming("a", A, "nowhere", "near")
    report = stage_in(StageIn("j", (file, incoming("b", B, "nowhere"))), work, means(stores))
    assert codes(report) == [("copied", "", ""), ("failed", "unsupported", "site")]
    assert "1 of 2" not in report.text
    assert report.text.startswith("/x/b: ")


def test_sources_in_the_order_of_what_is_online_what_worked_and_what_is_near():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ago = timedelta(minutes=5)
    far, near = Source("far", distance=9), Source("near", distance=1)
    assert ordered([far, near], now) == ("near", "far")
    tape = replace(near, url="tape", locality=Locality.NEARLINE)
    lost = replace(near, url="lost", locality=Locality.LOST)
    assert ordered([lost, tape, far], now) == ("far", "tape", "lost")
    assert ordered([replace(near, failed_at=now - timedelta(days=1)), far], now) == ("near", "far")
    assert ordered([replace(near, failed_at=now - ago), far], now) == ("far", "near")
    again = replace(near, failed_at=now - 2 * ago, succeeded_at=now - ago)
    assert ordered([again, far], now) == ("near", "far")


class Stopping:
    """A watch that stops when so many files were heard of."""

    def __init__(self, after: int) -> None:
        self._left = after

    def moved(self, key: str, done: int) -> None:
        self._left -= done > 0

    def stopped(self) -> bool:
        return self._left <= 0


def test_a_stop_leaves_whole_files_only_and_repetition_finishes(stores, work):
    files = {f"f{n}": b"%d" % n * 100 for n in range(6)}
    for name, data in files.items():
        stores.put("near", name, data)
    manifest = StageIn("j", tuple(incoming(name, data, "near", "far") for name, data in files.items()))
    report = stage_in(manifest, work, means(stores, watch=Stopping(3)))
    assert report.exit_code == 143
    assert (report.code, report.fault) == ("transfer_stopped", "stopped")
    states = [file.state for file in report.files]
    assert "stopped" in states
    assert {path.name: path.read_bytes() for path in work.iterdir()}.items() <= files.items()
    report = stage_in(manifest, work, means(stores))
    assert report.code == ""
    assert {path.name: path.read_bytes() for path in work.iterdir()} == files


def test_a_stop_while_local_files_are_read_is_no_fault_of_theirs(stores, work):
    (work / "a").write_bytes(A)
    report = stage_in(StageIn("j", (incoming("a", A, "near"),)), work, means(stores, watch=Stopping(0)))
    assert codes(report) == [("stopped", "transfer_stopped", "stopped")]
    report = stage_out(StageOut("j", (outgoing("a", "near"),)), work, means(stores, watch=Stopping(0)))
    assert codes(report) == [("stopped", "transfer_stopped", "stopped")]
    assert (report.exit_code, report.outputs, stores.files("near")) == (143, (), {})


# ------------------------------------------------------------------------------------ stage-out
@pytest.fixture
def outputs(work):
    (work / "a").write_bytes(A)
    (work / "b").write_bytes(B)
    return StageOut(
        "j", (outgoing("a", "near", "far", counters={"events": 3}), outgoing("b", "near", "far", data=B))
    )


def test_outputs_go_to_the_assigned_site_and_are_announced(stores, work, outputs):
    report = stage_out(outputs, work, means(stores))
    assert (report.code, report.left) == ("", ())
    assert [(out.lfn, out.url, out.size, out.adler32) for out in report.outputs] == [
        ("/x/a", "site://near/a", len(A), checksum(A)),
        ("/x/b", "site://near/b", len(B), checksum(B)),
    ]
    assert report.outputs[0].counters == {"events": 3}
    assert stores.files("near") == {"a": A, "b": B}
    assert stores.files("far") == {}


@pytest.mark.parametrize("trouble", [[EndpointUnreachable], QuotaExceeded, [CredentialExpired]])
def test_the_fallback_takes_what_the_assigned_site_does_not(stores, work, outputs, trouble):
    stores.troubles["near"] = trouble
    report = stage_out(outputs, work, means(stores))
    assert report.code == ""
    assert [out.url for out in report.outputs] == ["site://far/a", "site://far/b"]
    assert stores.files("far") == {"a": A, "b": B}


@pytest.mark.parametrize("trouble", [Unknown("?"), Pending(), ...])
def test_only_done_is_success_and_what_may_lie_there_is_told(stores, work, outputs, trouble):
    stores.troubles["near"] = trouble
    report = stage_out(outputs, work, means(stores))
    assert [out.url for out in report.outputs] == ["site://far/a", "site://far/b"]
    assert {entry.url: entry.state for entry in report.left} == {
        "site://near/a": "unknown",
        "site://near/b": "unknown",
    }


@pytest.mark.parametrize("error", [EndpointUnreachable, StorageTimeout, StorageError])
def test_a_copy_whose_answer_was_lost_lies_there_and_is_told(stores, work, outputs, error):
    stores.troubles["near"] = failed(error, "the connection was lost")
    report = stage_out(outputs, work, means(stores))
    assert stores.files("near") == stores.files("far") == {"a": A, "b": B}
    assert [out.url for out in report.outputs] == ["site://far/a", "site://far/b"]
    assert {(entry.url, entry.state) for entry in report.left} == {
        ("site://near/a", "unknown"),
        ("site://near/b", "unknown"),
    }


def test_a_part_of_the_outputs_is_never_announced(stores, work, outputs):
    (stores.root / "near" / "b").mkdir()  # neither place can take b
    (stores.root / "far" / "b").write_bytes(b"other")
    report = stage_out(outputs, work, means(stores))
    assert report.outputs == ()
    assert (report.code, report.exit_code) == ("file_exists", 23)
    assert set(report.left) == {
        Left("/x/a", "site://near/a", "whole", len(A), checksum(A)),
        Left("/x/b", "site://near/b", "other"),
        Left("/x/b", "site://far/b", "other"),
    }
    assert (stores.root / "far" / "b").read_bytes() == b"other"


def test_the_same_manifest_again_adopts_what_it_put_also_at_a_fallback(stores, work, outputs):
    stores.troubles["near"] = QuotaExceeded
    first = stage_out(outputs, work, means(stores))
    stores.troubles.clear()
    again = stage_out(outputs, work, means(stores))
    assert again.outputs == first.outputs
    assert stores.files("near") == {}  # there is room now, but the files are somewhere already


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda file: file.unlink(), "output_missing"),
        (lambda file: (file.unlink(), file.mkdir()), "output_missing"),
        (lambda file: (file.unlink(), file.symlink_to("/etc/passwd")), "output_missing"),
        (lambda file: file.write_bytes(B + b"!"), "output_differs"),
        (lambda file: file.write_bytes(B[:-1] + b"!"), "output_differs"),
    ],
)
def test_a_wrong_output_is_the_payloads_fault_and_nothing_is_put(stores, work, outputs, spoil, code):
    spoil(work / "b")
    report = stage_out(outputs, work, means(stores))
    assert (report.code, report.fault, report.exit_code) == (code, "payload", 20)
    assert (report.outputs, report.left, stores.calls) == ((), (), [])
    assert "/x/b" in report.text


def test_a_credential_that_is_over_is_nobody_elses_fault(stores, work, outputs):
    stores.troubles |= {"near": [CredentialExpired], "far": [StorageTimeout]}
    report = stage_out(outputs, work, means(stores))
    assert (report.code, report.exit_code) == ("credential_expired", 24)
    assert {entry.state for entry in report.left} == {"unknown"}  # after a time-out it may have happened


def test_manifests_whose_files_would_meet_are_refused(stores, work):
    a = outgoing("a", "near")
    for files in ((a, a), (a, replace(a, lfn="/y")), (a, replace(a, lfn="/y", name="b"))):
        with pytest.raises(ManifestUnreadable):
            stage_out(StageOut("j", files), work, means(stores))
    for url in ("site://near//a", "site://near/./a", "site://near/x/../a"):
        with pytest.raises(ManifestUnreadable):
            stage_out(StageOut("j", (a, Outgoing("/y", "b", (url,)))), work, means(stores))
    for name in ("../a", "/etc/a", ""):
        with pytest.raises(ManifestUnreadable):
            stage_out(StageOut("j", (replace(a, name=name),)), work, means(stores))
    with pytest.raises(ManifestUnreadable):
        stage_in(StageIn("j", (incoming("a", A),)), work, means(stores))


def test_a_defect_of_a_backend_stops_the_rest_and_is_raised(stores, work, outputs):
    class Bug(Exception):
        pass

    stores.troubles["near"] = [Bug]
    with pytest.raises(Bug):
        stage_out(outputs, work, means(stores))


def test_file_exists_elsewhere_does_not_hide_a_file_that_can_be_put(stores, work):
    (work / "a").write_bytes(A)
    stores.put("near", "a", b"of another attempt")
    report = stage_out(StageOut("j", (outgoing("a", "near", "far"),)), work, means(stores))
    assert [out.url for out in report.outputs] == ["site://far/a"]
    assert report.left == (Left("/x/a", "site://near/a", "other"),)
    assert FileExists.code == report.files[0].attempts[0].code
