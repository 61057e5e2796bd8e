"""Rucio asked through its REST interface: slow, refusing, forgetting, breaking off; and its dumps."""

from __future__ import annotations

import bz2
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from catalog.errors import BadInput, NotRegistered
from ddm.reconcile import fetching
from ddm.reconcile.cataloguekinds import PASSING
from ddm.reconcile.fetching import Kept
from ddm.sources.rows import Refused
from ddm.sources.rucio import dump, replies
from ddm.sources.rucio.client import (
    Login,
    NotWhole,
    Pace,
    RucioClient,
    RucioRefused,
    RucioTrouble,
)
from ddm.sources.rucio.replies import Did, RucioFile
from ddm.testing.rucio import RucioServer, file
from tests.unit.transfers_taperest.test_credentials import Authority
from transfers.credentials.tls import Tls

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FILES = [file("raw", f"/castor/cern.ch/raw/{n}.raw", n, f"{n:08x}", events=n) for n in range(1, 1001)]
RUN = Did("raw", "2016.W14")


@pytest.fixture
def server():
    with RucioServer(tokens=["abc"]) as made:
        made.add("raw", "2016.W14", FILES)
        made.add("raw", "2016.W15", FILES[:2])
        yield made


@pytest.fixture
def clock():
    return SimulatedClock(NOW)


def login(tmp_path, text="abc", **more):
    path = tmp_path / "token"
    path.write_text(text + "\n")
    return Login(token_file=path, **more)


@pytest.fixture
def client(server, clock, tmp_path):
    with RucioClient(server.url, login(tmp_path), Pace(clock), attempts=3) as made:
        yield made


# -------------------------------------------------------------------------------------- it is let in
def test_a_user_with_a_password_gets_a_token_and_a_lapsed_one_is_renewed_once(server, clock, tmp_path):
    (tmp_path / "secret").write_text("secret\n")
    how = Login(account="reader", user="reader", password_file=tmp_path / "secret")
    with RucioClient(server.url, how, Pace(clock)) as client:
        assert len(client.files(RUN, list)) == 1000
        server.trouble("expired", where="did")
        assert len(client.files(RUN, list)) == 1000
        assert server.count("auth") == 2
    (tmp_path / "secret").write_text("wrong\n")
    with RucioClient(server.url, how, Pace(clock)) as client, pytest.raises(RucioRefused, match="let us in"):
        client.datasets("raw")


def test_a_token_that_is_not_taken_is_no_reason_to_go_on(server, clock, tmp_path):
    with (
        RucioClient(server.url, login(tmp_path, "nonsense"), Pace(clock)) as client,
        pytest.raises(RucioRefused, match="let us in"),
    ):
        client.files(RUN, list)
    assert server.count("did") == 2  # the file was read once more, it might have been renewed


def test_who_has_several_accounts_is_told_to_say_which(clock, tmp_path):
    (tmp_path / "secret").write_text("secret\n")
    how = Login(user="reader", password_file=tmp_path / "secret")
    with (
        RucioServer(accounts=("reader", "prod")) as server,
        RucioClient(server.url, how, Pace(clock)) as client,
        pytest.raises(RucioRefused, match="one of reader,prod"),
    ):
        client.datasets("raw")


def test_a_proxy_certificate_is_as_good_as_a_password(clock, tmp_path):
    authority, other = Authority(tmp_path / "ca"), Authority(tmp_path / "other")
    proxy = authority.proxy("alice")
    with RucioServer(tls=authority.server(ask=True)) as server:
        server.add("raw", "2016.W14", FILES[:2])
        tls = Tls(str(authority.file), str(proxy))
        with RucioClient(server.url, Login(proxy=proxy), Pace(clock), tls=tls) as client:
            assert len(client.files(RUN, list)) == 2
        assert server.calls[0].path == "/auth/x509_proxy"
        for trusted, shown in ((authority, ""), (other, str(proxy))):
            tls = Tls(str(trusted.file), shown)
            with (
                RucioClient(server.url, Login(proxy=proxy), Pace(clock), tls=tls) as client,
                pytest.raises(RucioTrouble, match="broke"),
            ):
                client.files(RUN, list)


def test_nothing_secret_goes_over_a_line_that_anybody_reads(clock, tmp_path):
    with pytest.raises(BadInput, match="without encryption"):
        RucioClient("http://rucio.example", login(tmp_path), Pace(clock))


@pytest.mark.parametrize("more", [{}, {"user": "x"}, {"token_file": 1, "proxy": 2}])
def test_there_is_one_way_in(more):
    with pytest.raises(BadInput):
        Login(**more)


# ----------------------------------------------------------------------------------- what it is told
def test_datasets_and_their_files_come_as_they_are(client):
    assert client.datasets("raw") == [Did("raw", "2016.W14"), Did("raw", "2016.W15")]
    first, *_ = client.files(RUN, list)
    assert first == RucioFile("raw", "/castor/cern.ch/raw/1.raw", 1, Adler32(1), 1)
    with pytest.raises(NotRegistered):
        client.files(Did("raw", "none"), list)
    with pytest.raises(NotRegistered):
        client.replicas(Did("raw", "none"), "CTA", list)


def test_replicas_of_an_rse_come_with_their_state_and_no_others(server, client):
    for name, state in (("1", "AVAILABLE"), ("2", "COPYING")):
        server.place("CTA", "raw", f"/castor/cern.ch/raw/{name}.raw", state)
    (at,) = [one for one in client.datasets_at("CTA") if one.name == "2016.W14"]
    assert at.length == 1
    found = client.replicas(at, "CTA", list)
    assert [(one.size, one.state) for one in found] == [(1, "AVAILABLE"), (2, "COPYING")]
    assert fetching.told(found[1], "D").problem.startswith(PASSING)


# -------------------------------------------------------------------------------------- what goes wrong
@pytest.mark.parametrize("kind", ["busy", "unavailable", "error", "drop", "cut", "torn", "short", "endless"])
def test_trouble_that_passes_is_lived_through(server, client, kind):
    server.trouble(kind, where="files", count=2)
    assert len(client.files(RUN, list)) == 1000
    assert server.count("did") == 3


@pytest.mark.parametrize("kind", ["cut", "torn", "short", "endless"])
def test_a_stream_that_never_comes_whole_is_never_taken_for_one(server, client, kind):
    server.trouble(kind, where="files", count=None)
    with pytest.raises(NotWhole):
        client.files(RUN, list)
    assert server.count("files") == 3


def test_it_waits_as_long_as_the_server_says(server, client, clock):
    server.trouble("busy", where="files", seconds=30)
    client.files(RUN, list)
    assert clock.now() - NOW == timedelta(seconds=30)


def test_requests_are_not_closer_than_they_may_be(server, clock, tmp_path):
    with RucioClient(server.url, login(tmp_path), Pace(clock, timedelta(seconds=2))) as client:
        for _ in range(3):
            client.datasets("raw")
    assert clock.now() - NOW == timedelta(seconds=4)


def test_a_value_that_cannot_be_is_that_files_trouble_alone(server, client):
    server.trouble("garbage", where="files")
    first, *rest = client.files(RUN, list)
    assert isinstance(first, Refused)
    assert (first.value, len(rest)) == ("/castor/cern.ch/raw/1.raw", 999)


def test_what_is_no_rucio_says_so(server, clock, tmp_path):
    with (
        RucioClient(server.url + "/elsewhere", login(tmp_path), Pace(clock)) as client,
        pytest.raises(RucioRefused, match="404"),
    ):
        client.datasets("raw")
    with (
        RucioClient("http://127.0.0.1:1", login(tmp_path), Pace(clock)) as client,
        pytest.raises(RucioTrouble, match="broke"),
    ):
        client.datasets("raw")
    with pytest.raises(BadInput, match="no URL"):
        RucioClient("rucio.example", login(tmp_path), Pace(clock))


# ------------------------------------------------------------------------------ kept and gone on with
def test_a_dataset_that_is_gone_meanwhile_holds_up_no_other(server, client, clock, tmp_path):
    server.trouble("forget", where="files")
    _, found = fetch(client, tmp_path, clock)
    assert (list(found.unread), found.written.entries) == (["raw:2016.W14"], 2)


def fetch(client, tmp_path, clock, fresh=timedelta(days=1)):
    kept = Kept(tmp_path, "title", clock, fresh)
    return kept, fetching.fetch(client, client.datasets("raw"), "", "", kept, clock)


def test_a_dataset_that_does_not_come_is_named_and_asked_again_alone(server, client, clock, tmp_path):
    server.trouble("cut", where="files", count=None)
    _, nothing = fetch(client, tmp_path, clock)
    assert list(nothing.unread) == ["raw:2016.W14", "raw:2016.W15"]
    server.heal()
    server.trouble("short", where="files", count=3)
    _, some = fetch(client, tmp_path, clock)
    assert (list(some.unread), some.written.entries) == (["raw:2016.W14"], 2)
    server.heal()
    before = server.count("files")
    kept, rest = fetch(client, tmp_path, clock)
    assert (rest.unread, rest.again, rest.written.entries) == ({}, 1, 1002)
    assert server.count("files") == before + 1
    kept.forget()
    assert not list(tmp_path.glob("rucio-*"))


def test_what_is_too_old_is_asked_anew_and_a_torn_log_loses_its_last_line_only(
    server, client, clock, tmp_path
):
    kept, _ = fetch(client, tmp_path, clock)
    log = kept.directory / fetching.LOG
    log.write_text(log.read_text()[:-30])
    _, again = fetch(client, tmp_path, clock)
    assert (again.again, again.written.entries) == (1, 1002)
    clock.sleep(timedelta(days=2))
    _, anew = fetch(client, tmp_path, clock)
    assert (anew.again, anew.begun) == (0, clock.now())


def test_a_program_that_dies_in_the_middle_goes_on_with_what_came(server, client, clock, tmp_path):
    def die(count):
        raise KeyboardInterrupt

    kept = Kept(tmp_path, "title", clock, timedelta(days=1))
    with pytest.raises(KeyboardInterrupt):
        fetching.fetch(client, client.datasets("raw"), "", "", kept, clock, die)
    asked = server.count("files")
    (kept.directory / "half.tsv").write_text("half of a part\n")
    with open(kept.directory / fetching.LOG, "a") as log:
        log.write('{"writing": "half.tsv"}\n')
    kept, rest = fetch(client, tmp_path, clock)
    assert (rest.again, rest.written.entries, server.count("files")) == (1, 1002, asked + 1)
    kept.forget()
    assert not list(tmp_path.glob("rucio-*"))


# ----------------------------------------------------------------------------------------------- dumps
LINES = [
    "CTA\traw\t/a/x\t00000001\t5\t2026-01-01 00:00:00\tx/y\t2026-01-02 00:00:00\tA",
    "CTA\traw\t/a/y\tad:0000000A\t6\t2026-01-01 00:00:00\tx/y\t2026-01-02 00:00:00\tC",
    "CTA\traw\t/a/z\td41d8cd98f00b204e9800998ecf8427e\t\t\t\t\t",
]


def read(tmp_path, text, name="dump"):
    path = tmp_path / name
    path.write_bytes(bz2.compress(text.encode()) if name.endswith("bz2") else text.encode())
    return [one if isinstance(one, Refused) else one.file for one in dump.read(path)]


@pytest.mark.parametrize("name", ["dump", "dump.bz2"])
def test_what_rucio_writes_of_an_rse_is_read(tmp_path, name):
    assert read(tmp_path, "\n".join(LINES) + "\n", name) == [
        RucioFile("raw", "/a/x", 5, Adler32(1), None, "CTA", "AVAILABLE"),
        RucioFile("raw", "/a/y", 6, Adler32(10), None, "CTA", "COPYING"),
        RucioFile("raw", "/a/z", None, None, None, "CTA", ""),
    ]


def test_a_table_with_a_header_is_read_by_its_names(tmp_path):
    text = "scope,name,path,adler32,bytes\nraw,/a/x,x/y,00000001,5\nraw,/a/y,x/z,,\n"
    assert read(tmp_path, text) == [
        RucioFile("raw", "/a/x", 5, Adler32(1)),
        RucioFile("raw", "/a/y"),
    ]
    assert read(tmp_path, "did;events\nraw:/a/x;7\n") == [RucioFile("raw", "/a/x", events=7)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("CTA\traw\t/a/x\t1\t5\t\t\t\tA", "checksum"),
        ("CTA\traw\t/a/x\t\t5.0\t\t\t\tA", "size"),
        ("CTA\traw\t/a/x\t\t5\t\t\t\tZ", "state"),
        ("CTA\traw\t\t\t5\t\t\t\tA", "name"),
        ("CTA\traw", "2 columns"),
    ],
)
def test_a_line_that_cannot_be_taken_is_refused_with_the_reason(tmp_path, line, words):
    (_, refused) = read(tmp_path, LINES[0] + "\n" + line + "\n")
    assert words in refused.why
    assert refused.line == 2


def test_what_is_no_dump_says_what_one_is(tmp_path):
    with pytest.raises(BadInput, match="scope,name,path,adler32,bytes"):
        read(tmp_path, "275678 /a/x 10\n")
    (tmp_path / "cut").write_bytes(LINES[0].encode())
    assert dump.is_cut(tmp_path / "cut")


@given(st.text(max_size=60))
def test_no_line_of_an_answer_makes_it_fall_over(text):
    for reader in (
        replies.file_line,
        replies.length_of,
        replies.dataset_replica_line,
        lambda line: replies.replica_line(line, "CTA"),
        lambda line: replies.dataset_line(line, "raw"),
    ):
        try:
            reader(text)
        except ValueError:
            continue


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["scope", "name", "bytes", "adler32", "events", "states"]), inner
            )
        ),
        max_leaves=6,
    )
)
def test_nor_does_any_json(value):
    test_no_line_of_an_answer_makes_it_fall_over.hypothesis.inner_test(json.dumps(value))
