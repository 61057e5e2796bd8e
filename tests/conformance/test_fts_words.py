"""What is asked of FTS and what its answers mean, without a service: payloads, replies, tables of errors.

The stock client is the oracle: its submissions are compared with ours, and it must get on with the test
server.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from tests.fixtures_fts import credentials
from transfers.backends.fts import payload
from transfers.backends.fts.errors import Answer, Reason, cancelled, failure
from transfers.backends.fts.options import MAX_URL, Options, source_of, url_of
from transfers.backends.fts.replies import (
    FILE,
    TERMINAL,
    File,
    Gone,
    Job,
    outcome_of,
    outcomes,
    read_jobs,
    read_submitted,
    read_time,
    says_gone,
)
from transfers.errors import StorageError
from transfers.model import CopyOrder, Done, Failed, Pending, StageOrder, Unknown
from transfers.testing.fts import Credentials, FtsServer

__all__ = ["credentials"]

OPTIONS = Options(endpoint="https://fts.example:8446", release_with="none")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG = timedelta(days=1)
ID, OTHER = str(uuid.uuid5(uuid.NAMESPACE_DNS, "one")), str(uuid.uuid5(uuid.NAMESPACE_DNS, "other"))
ENDS = "ignore:unclosed file <_io.BufferedReader name='.*proxy-.*:ResourceWarning"


def stage_jobs(orders: list[StageOrder], options: Options = OPTIONS) -> list[payload.Submission]:
    jobs, refused = payload.staging("root://cta.example//eos/", orders, options)
    assert refused == {}
    return jobs


# ---------------------------------------------------------------------------------- what is asked: the oracle
@pytest.fixture
def easy(credentials: Credentials) -> Any:
    """The stock client."""
    return pytest.importorskip("fts3.rest.client.easy")


@pytest.mark.fts
def test_a_staging_job_is_that_of_the_stock_client(easy: Any) -> None:
    options = replace(OPTIONS, staging_metadata={"a": "b"}, bring_online=1000)
    (job,) = stage_jobs([StageOrder("/x y.raw", 5, LONG, "mDST"), StageOrder("/z.raw", 6, LONG)], options)
    ours = job.body("sid-1")
    urls = ["root://cta.example//eos/x y.raw", "root://cta.example//eos/z.raw"]
    files = [
        {"surl": url, "metadata": {"ddm": {"path": path}}, "staging_metadata": {"a": "b"}}
        for url, path in zip(urls, ("/x y.raw", "/z.raw"), strict=True)
    ]
    stock = easy.new_staging_job(
        files,
        bring_online=1000,
        copy_pin_lifetime=86400,
        priority=3,
        id_generator=easy.JobIdGenerator.deterministic,
        sid="sid-1",
    )
    assert_same_but(
        ours,
        stock,
        ours_only={"retry", "max_time_in_queue", "job_metadata", "verify_checksum"},
        files_only={"filesize", "activity"},
        stock_files_only={"checksum"},  # the bare name of an algorithm, which compares nothing
    )


@pytest.mark.fts
def test_a_copy_job_is_that_of_the_stock_client(easy: Any) -> None:
    order = CopyOrder("/d.raw", "root://cta.example//eos/z.raw", 6, Adler32(0x620062))
    jobs, refused = payload.copying(
        "davs://disk.example/data", [order], OPTIONS, lifetime=LONG, activity="a", priority=1
    )
    assert refused == {}
    ours = jobs[0].body("s")
    transfer = easy.new_transfer(
        order.source,
        "davs://disk.example/data/d.raw",
        checksum="ADLER32:00620062",
        filesize=6,
        activity="a",
        metadata={"ddm": {"path": "/d.raw", "size": 6, "adler32": "00620062"}},
    )
    stock = easy.new_job(
        [transfer],
        verify_checksum="both",
        bring_online=OPTIONS.bring_online,
        copy_pin_lifetime=86400,
        dst_file_report=True,
        priority=3,
        metadata={"ddm": "copy"},
        max_time_in_queue=60,
        id_generator=easy.JobIdGenerator.deterministic,
        sid="s",
    )
    stock["params"] = {
        name: value
        for name, value in stock["params"].items()
        if name in ours["params"] or value not in (None, False)  # type: ignore[operator]
    }
    assert_same_but(ours, stock, stock_only={"retry_delay", "nostreams"})


def assert_same_but(
    ours: dict[str, Any],
    stock: dict[str, Any],
    *,
    ours_only: set[str] = frozenset(),  # type: ignore[assignment]
    stock_only: set[str] = frozenset(),  # type: ignore[assignment]
    files_only: set[str] = frozenset(),  # type: ignore[assignment]
    stock_files_only: set[str] = frozenset(),  # type: ignore[assignment]
) -> None:
    """Equal as the service reads them, but for the named parameters. What is None is not sent."""
    params = {name: value for name, value in stock["params"].items() if value is not None}
    assert {k: v for k, v in ours["params"].items() if k not in ours_only} == {
        k: v for k, v in params.items() if k not in stock_only
    }
    mine = [{k: v for k, v in entry.items() if k not in files_only} for entry in ours["files"]]
    theirs = [{k: v for k, v in entry.items() if k not in stock_files_only} for entry in stock["files"]]
    assert mine == theirs


@pytest.mark.fts
@pytest.mark.filterwarnings(ENDS)
def test_the_stock_client_gets_on_with_the_test_server(credentials: Credentials, easy: Any) -> None:
    clock = SimulatedClock(datetime.now(UTC))
    with FtsServer(clock, {}, credentials=credentials) as fts:
        proxy = str(credentials.proxy())
        context = easy.Context(fts.url, ucert=proxy, ukey=proxy, capath=str(credentials.ca_directory))
        job = easy.new_staging_job(
            ["root://h//a", "root://h//b"], bring_online=100, sid="x", id_generator="deterministic"
        )
        name = easy.submit(context, job)
        who = easy.whoami(context)
        assert name == str(uuid.uuid5(uuid.UUID(who["vos_id"][0]), "x"))
        assert who["vos_id"][0] == str(uuid.uuid5(uuid.UUID(who["base_id"]), who["vos"][0]))
        assert who["method"] == "certificate"
        assert easy.get_job_status(context, name)["job_state"] == "STAGING"
        (told,) = easy.get_jobs_statuses(context, [name], list_files=True)["files"][:1]
        assert told["source_surl"] == "root://h//a?activity=default"
        with pytest.raises(easy.exceptions.ClientError, match="409"):
            easy.submit(context, job)
        with pytest.raises(easy.exceptions.NotFound):
            easy.get_job_status(context, ID)
        assert [listed["job_id"] for listed in easy.list_jobs(context)] == [name]
        assert easy.cancel(context, name)["job_state"] == "CANCELED"
        assert easy.cancel(context, name)["http_status"] == "304 Not Modified"


# ------------------------------------------------------------------------------------------ the test server
@pytest.fixture
def fts() -> Iterator[FtsServer]:
    with FtsServer(SimulatedClock(), {}) as fts:
        yield fts


def get(fts: FtsServer, path: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(fts.url + path, headers=headers), timeout=5
        ) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(("count", "status"), [(2, 207), (109, 207), (110, 404), (220, 404), (221, 414)])
def test_the_test_server_takes_so_many_ids_in_a_url(fts: FtsServer, count: int, status: int) -> None:
    ids = [str(uuid.uuid5(uuid.NAMESPACE_DNS, str(number))) for number in range(count)]
    told, body = get(fts, "/jobs/" + ",".join(ids))
    assert told == status
    assert body.startswith("<!DOCTYPE HTML" if status in (404, 414) else "[")


def test_the_test_server_does_not_take_an_unknown_token_for_an_error(fts: FtsServer) -> None:
    status, body = get(fts, "/whoami", Authorization="Bearer expired")
    assert (status, json.loads(body)["method"]) == (200, "unauthenticated")
    status, body = get(fts, "/jobs", Authorization="Bearer expired")
    assert (status, json.loads(body)["message"]) == (403, "Not enough permissions")


def test_the_test_server_names_the_job_that_it_does_not_know(fts: FtsServer) -> None:
    status, body = get(fts, f"/jobs/{ID}")
    assert status == 404
    assert says_gone(body, ID)
    assert not says_gone(body, OTHER)


# ------------------------------------------------------------------------------------------------ URLs, ids
@pytest.mark.parametrize(
    ("prefix", "url"),
    [
        ("root://h:1094//eos/x/", "root://h:1094//eos/x/a b.raw"),
        ("root://h:1094/eos/x", "root://h:1094//eos/x/a b.raw"),
        ("root://h/", "root://h//a b.raw"),
        ("davs://h:2880/data", "davs://h:2880/data/a%20b.raw"),
        ("https://h/data/", "https://h/data/a%20b.raw"),
        ("memory://cta/", "memory://cta/a b.raw"),
    ],
)
def test_urls(prefix: str, url: str) -> None:
    assert url_of(prefix, "/a b.raw") == url


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("root://h:1094/eos/a b", "root://h:1094//eos/a b"),
        ("root://h:1094///eos/a", "root://h:1094//eos/a"),
        ("xroot://h//eos/a", "xroot://h//eos/a"),
        ("davs://h/data/a%20b?x=1", "davs://h/data/a%20b?x=1"),
        ("root://h//eos/a?x=1", None),
        ("root://h//", None),
        ("root://", None),
        ("file:///a", None),
        ("/a", None),
    ],
)
def test_sources(source: str, url: str | None) -> None:
    if url is not None:
        assert source_of(source) == url
        return
    with pytest.raises(StorageError):
        source_of(source)


@given(st.text(min_size=1, max_size=40))
def test_no_two_paths_have_one_url_and_none_leaves_the_prefix(name: str) -> None:
    for prefix in ("root://h//base/", "davs://h/base/", "memory://h/base"):
        try:
            url = url_of(prefix, f"/{name}")
        except StorageError:
            continue
        assert url.startswith(prefix.rstrip("/") + "/")
        assert len(url) <= MAX_URL
        assert url != url_of(prefix, "/another")
        assert "\n" not in url
        assert "?" not in url
        assert "#" not in url


PATHS = st.lists(
    st.text("abc/_0", min_size=1, max_size=12).map(lambda s: f"/x{s}y"), unique=True, max_size=20
)


@given(PATHS, st.integers(1, 7))
def test_every_order_is_sent_once_or_refused(paths: list[str], size: int) -> None:
    orders = [
        StageOrder(path, 1, timedelta(hours=1 + len(path) % 2), priority=len(path) % 4) for path in paths
    ]
    jobs, refused = payload.staging("root://h//b/", orders, replace(OPTIONS, max_files=size))
    sent = [path for job in jobs for path in job.paths]
    assert sorted([*sent, *refused]) == sorted(paths)
    assert all(1 <= len(job.files) <= size for job in jobs)
    for job in jobs:
        for entry in job.files:
            assert entry["sources"] == entry["destinations"]


@given(PATHS)
def test_the_id_depends_on_what_is_asked_for_and_not_on_its_order(paths: list[str]) -> None:
    orders = [StageOrder(path, 1) for path in paths]
    one, two = (
        {job.key("me") for job in stage_jobs(some)}
        for some in (orders, sorted(orders, key=str, reverse=True))
    )
    assert one == two
    if orders:
        assert one.isdisjoint({job.key("you") for job in stage_jobs(orders)})
        changed = [replace(orders[0], lifetime=timedelta(days=9)), *orders[1:]]
        assert one != {job.key("me") for job in stage_jobs(changed)}


def test_attempts_have_ids_of_their_own() -> None:
    (job,) = stage_jobs([StageOrder("/a", 1)])
    ids = {payload.job_id(uuid.UUID(ID), job.key("me"), attempt) for attempt in range(50)}
    assert len(ids) == 50
    assert payload.job_id(uuid.UUID(ID), job.key("me"), 7) in ids


# ------------------------------------------------------------------------------------------------- replies
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)
STATES = st.sampled_from([*FILE, *TERMINAL, "NOT_USED", "NEW_STATE", "", "finished"]) | st.text(max_size=8)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "ddm": st.fixed_dictionaries(
            {},
            optional={
                "path": st.sampled_from(["/a", "/b"]) | ANY_JSON,
                "size": st.integers(0, 3) | ANY_JSON,
                "adler32": st.sampled_from(["00000001", "2", "zz"]) | ANY_JSON,
            },
        )
        | ANY_JSON,
        "dst_file": st.fixed_dictionaries(
            {},
            optional={
                "file_size": st.integers(0, 3),
                "checksum_type": st.sampled_from(["ADLER32", "MD5"]),
                "checksum_value": st.sampled_from(["00000001", "1", ""]),
            },
        )
        | ANY_JSON,
    },
)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "file_id": st.integers() | ANY_JSON,
        "file_state": STATES | ANY_JSON,
        "reason": st.sampled_from(["DESTINATION [17] exists", "SOURCE [2] no", "", "x"]) | ANY_JSON,
        "filesize": st.integers(0, 3) | ANY_JSON,
        "staging_start": st.sampled_from(["2026-02-01T00:00:00", "x"]) | ANY_JSON,
        "file_metadata": METADATA | METADATA.map(json.dumps) | ANY_JSON,
    },
)
JOBS = st.fixed_dictionaries(
    {},
    optional={
        "job_id": st.sampled_from([ID, OTHER]),
        "job_state": STATES | ANY_JSON,
        "http_status": st.sampled_from(["200 Ok", "404 Not Found", "403 Forbidden", "999", ""]) | ANY_JSON,
        "submit_time": st.sampled_from(["2026-02-28T23:00:00", "0001-01-01T00:00:00+14:00"]) | ANY_JSON,
        "files": st.lists(FILES | ANY_JSON, max_size=4) | ANY_JSON,
    },
)
REPLIES = (
    st.text(max_size=200)
    | ANY_JSON.map(json.dumps)
    | JOBS.map(json.dumps)
    | st.lists(JOBS, max_size=4).map(json.dumps)
)


@given(REPLIES)
def test_no_reply_is_too_strange_and_none_is_success_without_evidence(text: str) -> None:
    answers = read_jobs(text, [ID, OTHER])
    assert set(answers) == {ID, OTHER}
    told = outcomes(answers, ["/a", "/b"], NOW, stall=LONG, recall=LONG)
    assert set(told) == {"/a", "/b"}
    files = [file for job in answers.values() if isinstance(job, Job) for file in job.files or ()]
    for path, outcome in told.items():
        mine = [file for file in files if file.path == path]
        if outcome == Done():
            assert mine
            for file in mine:
                adopted = file.state == "FAILED" and file.there == (file.size, file.adler32)
                assert adopted or file.state == "FINISHED"
        if isinstance(outcome, Failed) and outcome.code == "request_vanished" and not mine:
            assert all(isinstance(job, Job | Gone) for job in answers.values())


@given(REPLIES)
def test_no_other_reply_is_too_strange(text: str) -> None:
    assert isinstance(read_submitted(text), str | None)
    assert isinstance(says_gone(text, ID), bool)
    assert isinstance(read_time(text), datetime | None)


def test_rubbish_is_never_a_vanished_job() -> None:
    for text in ("", "<html>404 Not Found</html>", "{}", "[]", "null", "[[]]", "{", '{"message": "no job"}'):
        told = outcomes(read_jobs(text, [ID]), ["/a"], NOW, stall=LONG, recall=LONG)
        assert isinstance(told["/a"], Unknown), text
        assert not says_gone(text, ID)


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Internal Server Error", "404x", "", "new"])
def test_only_one_status_of_an_element_means_that_the_job_is_gone(status: str) -> None:
    good = {"job_id": OTHER, "job_state": "STAGING", "http_status": "200 Ok", "files": []}
    text = json.dumps([{"job_id": ID, "http_status": status, "http_message": "no"}, good])
    told = outcomes(read_jobs(text, [ID, OTHER]), ["/a"], NOW, stall=LONG, recall=LONG)
    assert isinstance(told["/a"], Unknown)
    gone = text.replace(f'"{status}"', '"404 Not Found"')
    told = outcomes(read_jobs(gone, [ID, OTHER]), ["/a"], NOW, stall=LONG, recall=LONG)
    assert isinstance(told["/a"], Failed)


@pytest.mark.parametrize("state", sorted(FILE))
def test_each_state_has_its_meaning(state: str) -> None:
    outcome = outcome_of(File("/a", state, "reason"))
    ends = {"FINISHED": Done, "FAILED": Failed, "CANCELED": Failed, "NOT_USED": Unknown}
    expected = ends.get(state, Pending)
    assert isinstance(outcome, expected)


@pytest.mark.parametrize("state", ["NOT_USED", "DELETE", "", "finished", "QOS_TRANSITION"])
def test_another_state_is_unknown(state: str) -> None:
    assert isinstance(outcome_of(File("/a", state)), Unknown)


def test_what_is_told_twice_and_differently_is_unknown() -> None:
    def record(state: str) -> dict[str, object]:
        return {"file_state": state, "file_metadata": {"ddm": {"path": "/a"}}}

    text = json.dumps(
        {"job_id": ID, "job_state": "STAGING", "files": [record("FINISHED"), record("STARTED")]}
    )
    told = outcomes(read_jobs(text, [ID]), ["/a"], NOW, stall=LONG, recall=LONG)
    assert isinstance(told["/a"], Unknown)


@pytest.mark.parametrize(
    ("state", "hours", "late"),
    [
        ("STAGING", 23, False),
        ("STAGING", 25, True),
        ("SUBMITTED", 25, True),
        ("READY", 25, True),
        ("STARTED", 47, False),
        ("STARTED", 49, True),
        ("ACTIVE", 1000, False),
        ("ON_HOLD_STAGING", 1000, False),
        ("FINISHED", 1000, False),
    ],
)
def test_the_alarm_of_a_service_that_stands_still(state: str, hours: int, late: bool) -> None:
    job = Job(ID, "STAGING", NOW - timedelta(hours=hours), (File("/a", state),))
    told = outcomes({ID: job}, ["/a"], NOW, stall=LONG, recall=LONG)["/a"]
    assert (isinstance(told, Failed) and told.code == "storage_timeout") is late


# -------------------------------------------------------------------------------------------------- reasons
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("SOURCE [2] No such file", "file_missing"),
        ("STAGING [2] File does not exist", "file_missing"),
        ("DESTINATION [2] No such directory", "storage"),
        ("TRANSFER [2] No such file", "storage"),
        ("DESTINATION [17] Destination file exists and overwrite is not enabled", "file_exists"),
        ("TRANSFER [84] CheckSum error: user and source differ", "checksum_mismatch"),
        ("SOURCE [5] User-provided and source checksum do not match", "checksum_mismatch"),
        ("SOURCE [5] Input/output error", "storage"),
        ("DESTINATION [5] Checksums do not match", "checksum_mismatch"),
        ("DESTINATION [22] Checksum value required if mode is not end to end", "unsupported"),
        ("DESTINATION [28] No space left on device", "quota_exceeded"),
        ("SOURCE [115] Could not get the MD5 checksum", "unsupported"),
        ("SOURCE [13] Permission denied", "permission_refused"),
        ("STAGING [42] medium error on tape T1", "tape_lost"),
        ("STAGING [42] drive is down, try again", "endpoint_busy"),
        ("STAGING [42] File is not requested", "request_vanished"),
        ("STAGING [110] bring-online timeout", "storage_timeout"),
        ("STAGING [13] Proxy Certificate expired ... min validity time is 5400 secs", "credential_expired"),
        ("STAGING [13] Permission denied", "permission_refused"),
        ("TRANSFER [19] TPC authorisation expired", "endpoint_busy"),
        ("TRANSFER [110] Connection timed out", "storage_timeout"),
        ("ARCHIVING [110] timeout", "not_archived"),
        ("ARCHIVING [42] refused", "not_archived"),
        ("ARCHIVING [2] no such file", "not_archived"),
        ("AGENT [2] no such executable", "transient"),
        ("SOMETHING [2] new", "storage"),
        ("something else", "storage"),
        ("", "storage"),
    ],
)
def test_reasons(reason: str, code: str) -> None:
    outcome = failure("/a", reason)
    assert outcome.code == code
    assert reason in outcome.text


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Job canceled by the user", "request_vanished"),
        ("", "request_vanished"),
        ("Job canceled because it stayed in the queue for too long", "request_vanished"),
        ("Storage element banned", "endpoint_busy"),
        ("some new sentence", "request_vanished"),
    ],
)
def test_cancellations(reason: str, code: str) -> None:
    assert cancelled("/a", reason).code == code


@given(st.text(max_size=60) | st.from_regex(r"[A-Z]{3,12} \[[0-9]{1,9}\] [a-z ]*", fullmatch=True))
def test_no_reason_is_too_strange(text: str) -> None:
    assert issubclass(Reason.parse(text).error, StorageError)
    assert failure("/a", text).code
    assert cancelled("/a", text).code


@pytest.mark.parametrize(
    ("status", "told", "page"),
    [
        (400, "unsupported", "unreadable_reply"),
        (403, "permission_refused", "unreadable_reply"),
        (404, "unreadable_reply", "unreadable_reply"),
        (409, "endpoint_busy", "unreadable_reply"),
        (414, "unsupported", "unreadable_reply"),
        (419, "credential_expired", "unreadable_reply"),
        (418, "unreadable_reply", "unreadable_reply"),
        (302, "unreadable_reply", "unreadable_reply"),
        (500, "transient", "transient"),
        (503, "endpoint_busy", "endpoint_busy"),
        (504, "storage_timeout", "storage_timeout"),
        (599, "transient", "transient"),
    ],
)
def test_statuses_of_the_service_and_of_the_web_server_before_it(status: int, told: str, page: str) -> None:
    assert Answer(status, "", "words", json=True).error("fts").code == told
    assert Answer(status, "", "words", json=False).error("fts").code == page


def test_absence_is_only_that_of_a_source() -> None:
    for scope in ("DESTINATION", "TRANSFER", "ARCHIVING", "AGENT"):
        assert failure("/a", f"{scope} [2] No such file or directory").code != "file_missing"


def test_documented(tmp_path: Path) -> None:
    """The how-to page names every option."""
    text = (Path(__file__).parents[2] / "docs/howto/fts.md").read_text(encoding="utf-8")
    for name in Options.__dataclass_fields__:
        assert f"`{name}`" in text or f"`{name}." in text, name
