"""Whatever a dump holds: it is taken line by line, or refused in words; no line comes twice or gets lost."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import BadInput
from ddm.reconcile import dumpmarks, dumps
from ddm.reconcile import engine as engines
from ddm.sources.formats import FORMATS

GOOD = {
    "names": b"/e/a/%d\n",
    "find": b"12 /e/a/%d\n",
    "xrdfs": b"-rw-r--r-- u g 12 2024-01-01 00:00:00 /e/a/%d\n",
    "eos": b'path="/e/a/%d" size=12 checksum=0000000a\n',
    "csv": b"/e/a/%d,12,0000000a\n",
    "rucio": b"a/%d\n",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with engines.opened(tmp_path_factory.mktemp("lists"), engines.Bounds(200, 1)) as engine:
        yield engine


def read(engine, content: bytes, format_: str) -> dumps.Counted:
    source, part = engine.directory / "given", engine.directory / "part.parquet"
    for old in (source, part):
        old.unlink(missing_ok=True)
    source.write_bytes(content)
    dumpmarks.read(source, "given")
    return dumps.part(engine, source, part, prefix="/e/", format_=format_)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), format_=st.sampled_from([*FORMATS, dumps.RUCIO]))
def test_any_bytes_are_counted_or_refused(engine, content, format_):
    try:
        counted = read(engine, content, format_)
    except BadInput:
        return
    assert counted.lines >= counted.outside + counted.named + counted.garbled
    assert counted.lines <= content.count(b"\n") + content.count(b"\0") + 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), format_=st.sampled_from([*GOOD]), share=st.integers(0, 10))
def test_good_lines_among_garbage_are_taken(engine, seed, format_, share):
    chance = random.Random(seed)
    lines = [GOOD[format_] % number for number in range(50)]
    garbage = [
        b"\xff\xfe??\n",
        b"%$!\n",
        b"Error: [ERROR] Operation expired\n",
        b"\x01\x1a\n",
        b"x" * 500 + b"\n",
        b'"q,\n',
    ]
    if format_ == "rucio":
        garbage = [b"/\n"]  # any other text is a path below the prefix
    spoiled = lines + [chance.choice(garbage) for _ in range(5 * share)]
    chance.shuffle(spoiled)
    head = b"path,size,adler32\n" if format_ == "csv" else b""
    counted = read(engine, head + b"".join(spoiled), format_)
    taken = engine.rows(
        f"SELECT path FROM read_parquet('{engine.directory}/part.parquet') WHERE problem IS NULL"
    )
    assert sorted(path for (path,) in taken) == sorted(f"/a/{number}" for number in range(50))
    assert counted.lines == 50 + 5 * share
    assert counted.outside + counted.named + counted.garbled == 5 * share
