"""URLs, options and names for gfal2."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfers.backends.gfal2.commands import (
    Endpoint,
    Limits,
    check_token,
    for_source,
    local_url,
    passes_through,
    pin_seconds,
    request_timeout,
    source_of,
    temporary_name,
)
from transfers.errors import PermissionRefused, StorageError, Unsupported
from transfers.model import StageOrder

ROOT = Endpoint.parse("root://host:1094//eos/experiment/")
HTTPS = Endpoint.parse("https://host/eos")
SRM = Endpoint.parse("srm://host:8443/srm/managerv2")
MOCK = Endpoint.parse("mock://host")


def url(endpoint: Endpoint, path: str) -> str:
    return endpoint.url(endpoint.name(path))


@pytest.mark.parametrize(
    ("endpoint", "path", "expected"),
    [
        (ROOT, "/a b%#.raw", "root://host:1094//eos/experiment/a%20b%25%23.raw"),
        (HTTPS, "/a b?.raw", "https://host/eos/a%20b%3F.raw"),
        (SRM, "/a.raw", "srm://host:8443/srm/managerv2/a.raw"),
        (MOCK, "/a?size=1&errno=2", "mock://host/a?size=1&errno=2"),
    ],
)
def test_a_path_is_spelled_as_the_plug_in_reads_it(endpoint: Endpoint, path: str, expected: str) -> None:
    assert url(endpoint, path) == expected


@given(st.text(min_size=1))
def test_a_name_is_that_very_name_or_refused(text: str) -> None:
    try:
        spelled = url(ROOT, f"/{text}")
    except StorageError:
        return
    assert unquote(spelled) == f"root://host:1094//eos/experiment/{text}"
    assert "?" not in spelled
    assert "#" not in spelled


@pytest.mark.parametrize("path", ["a", "/a/", "/../a", "/a/../../b", "/./a"])
def test_a_path_that_leaves_the_endpoint_is_refused(path: str) -> None:
    with pytest.raises(PermissionRefused):
        ROOT.name(path)


@pytest.mark.parametrize(
    ("endpoint", "path"), [(ROOT, "/a?b"), (ROOT, "/a\nb"), (SRM, "/a b"), (SRM, "/a%b")]
)
def test_a_name_that_would_be_another_is_refused(endpoint: Endpoint, path: str) -> None:
    with pytest.raises(Unsupported, match="character"):
        endpoint.name(path)


def test_names_that_are_sent_encoded_are_refused_where_that_matters() -> None:
    names, refused = HTTPS.named(["/a.raw", "/a b.raw"], plain=True)
    assert (list(names), list(refused)) == (["/a.raw"], ["/a b.raw"])
    assert list(HTTPS.named(["/a b.raw"])[0]) == ["/a b.raw"]
    assert list(ROOT.named(["/a b.raw"], plain=True)[0]) == ["/a b.raw"]


@pytest.mark.parametrize(
    "prefix", ["host", "ftp://host/x", "file://host/x", "root:///x", "root://", "https://host?x"]
)
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(Unsupported, match="gfal2"):
        Endpoint.parse(prefix)


def test_sources_are_spelled_for_the_plug_in_of_the_destination() -> None:
    assert source_of("file:///dir/a b%", ROOT).url == "file:///dir/a%20b%25"
    assert source_of("file:///dir/a b%", HTTPS).url == "file:///dir/a b%"
    remote = source_of("root://other//x/a b", ROOT)
    assert (remote.url, remote.name) == ("root://other//x/a%20b", "/x/a b")
    assert local_url("/tmp/x", ROOT) == "file:///tmp/x"
    for bad in ("nosuchscheme://host/x", "root://host", "x", "file://relative"):
        with pytest.raises(Unsupported):
            source_of(bad, ROOT)
    with pytest.raises(Unsupported):
        source_of("file:///dir/a?b", ROOT)


def test_options() -> None:
    limits = Limits.parse({"tape": "True", "timeout": "5", "token_file": "/run/token"})
    assert (limits.tape, limits.timeout, limits.token_file, limits.copies) == (True, 5, "/run/token", 4)
    assert limits.checksum_deadline(0) == 60
    assert limits.checksum_deadline(10**12) == limits.checksum_timeout


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nope", "1"),
        ("tape", "yes"),
        ("timeout", "0"),
        ("timeout", "1.5"),
        ("calls", "-1"),
        ("token_file", "x"),
    ],
)
def test_an_option_that_cannot_be_is_named(name: str, text: str) -> None:
    with pytest.raises(Unsupported, match=name):
        Limits.parse({name: text})


def test_times_of_a_request() -> None:
    orders = [StageOrder("/a", 1, timedelta(hours=1)), StageOrder("/b", 1, timedelta(days=2))]
    assert pin_seconds(orders) == 172_800
    assert pin_seconds([]) == 1
    assert request_timeout(HTTPS, Limits()) == 86_400
    assert request_timeout(ROOT, Limits()) == 60  # the client's own time-out of the call
    assert request_timeout(ROOT, Limits(timeout=1_000_000)) == 65_535


def test_a_temporary_name_is_in_the_same_directory() -> None:
    assert temporary_name("/eos/run/a.root", "77") == "/eos/run/.ddm-77.part"
    assert temporary_name("/a.root", "77") == "/.ddm-77.part"


@pytest.mark.parametrize(
    ("prefix", "good"),
    [
        ("https://host:8443/eos", True),
        ("davs://host/eos", True),
        ("http://127.0.0.1:8080/eos", True),
        ("http://host/eos", False),
        ("http://127.0.0.1.example/eos", False),
        ("root://127.0.0.1//eos", False),
        ("srm://host/x", False),
    ],
)
def test_a_token_is_shown_to_its_service_only_and_not_to_listeners(prefix: str, good: bool) -> None:
    limits, endpoint = Limits(token_file="/run/token"), Endpoint.parse(prefix)
    if good:
        check_token(endpoint, limits)
    else:
        with pytest.raises(Unsupported, match="token_file"):
            check_token(endpoint, limits)
    check_token(endpoint, Limits())


def test_the_token_of_a_destination_is_not_shown_to_the_source() -> None:
    limits = Limits(token_file="/run/token", proxy_file="/run/proxy")
    assert for_source(limits, HTTPS, HTTPS).token_file == "/run/token"
    other = for_source(limits, Endpoint.parse("https://other/eos"), HTTPS)
    assert (other.token_file, other.proxy_file, other.tape) == ("", "/run/proxy", True)


@pytest.mark.parametrize(
    ("source", "target", "through"),
    [
        ("file:///a", "davs://h/a", False),
        ("root://h//a", "file:///a", False),
        ("root://h//a", "roots://i//a", False),
        ("davs://h/a", "https://i/a", None),
        ("root://h//a", "davs://i/a", True),
        ("https://h/a", "root://i//a", True),
        ("srm://h/a", "root://i//a", True),
    ],
)
def test_which_copies_pass_through_this_machine(source: str, target: str, through: bool | None) -> None:
    assert passes_through(source, target) is through
