"""The databases find what plain Python finds: any query, any small catalogue, unknowns included."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from catalog.db import ask, directories, schema
from catalog.db.schema_meta import file_meta, meta_key
from catalog.meta import MetaType, encode, read
from catalog.query import parse, show
from catalog.states import EndpointKind, Locality, ReplicaState, Role, Witness
from tests.property.queries import CHUNKS, LFNS, META, NOW, TIMES, WORDS, evaluate, queries

ENDPOINTS = {"disk": EndpointKind.DISK, "tape": EndpointKind.TAPE, "disk2": EndpointKind.DISK}
DATASETS = ["d1", "d2", "é"]
maybe = st.none()


@st.composite
def replicas(draw, lfn):
    found = []
    for endpoint in draw(st.lists(st.sampled_from(sorted(ENDPOINTS)), unique=True)):
        verified = draw(st.one_of(maybe, st.sampled_from(TIMES)))
        states = [state for state in ReplicaState if verified or state is not ReplicaState.AVAILABLE]
        path = draw(st.sampled_from([None, None, "/p/a", lfn]))
        found.append(
            {
                "endpoint": endpoint,
                "kind": ENDPOINTS[endpoint].value,
                "state": draw(st.sampled_from(states)).value,
                "locality": draw(st.sampled_from(Locality)).value,
                "stored_path": path,
                "path": path or lfn,
                "since": draw(st.sampled_from(TIMES)),
                "verified": verified,
            }
        )
    return found


META_VALUES = {
    "real": st.sampled_from([0.0, 1.5, -2.0, 1000.0]),
    "int": st.sampled_from([0, 1, -2]),
    "text": st.sampled_from(WORDS),
    "bool": st.booleans(),
    "time": st.sampled_from([NOW - timedelta(days=13), NOW - timedelta(days=12)]),
}


@st.composite
def worlds(draw):
    """Some files, each a dict as ``evaluate`` wants it."""
    files = []
    small = st.one_of(maybe, st.integers(0, 3))
    for lfn in draw(st.lists(st.sampled_from(LFNS), max_size=5, unique=True)):
        counts = {who: draw(small) for who in Witness}
        of_file = draw(st.sampled_from([Witness.READ, Witness.RAW_CATALOGUE]))
        if draw(st.booleans()):
            counts[of_file] = None
        n_read = counts[Witness.READ]
        files.append(
            {
                "lfn": lfn,
                "name": lfn.rpartition("/")[2],
                "dataset": draw(st.sampled_from(DATASETS)),
                "role": draw(st.sampled_from(Role)).value,
                "product": draw(st.sampled_from(["raw", "mDST"])),
                "run": draw(st.integers(0, 3)),
                "chunk": draw(st.sampled_from(CHUNKS)),
                "part": draw(small),
                "size": draw(small),
                "adler32": draw(st.sampled_from([None, 1, 2, (1 << 32) - 1])),
                "n_events": counts[Witness.RAW_CATALOGUE] if n_read is None else n_read,
                "n_events.read": n_read,
                "n_events.job": counts[Witness.JOB],
                "n_events.raw_catalogue": counts[Witness.RAW_CATALOGUE],
                "registered": draw(st.sampled_from(TIMES)),
                "retired": draw(st.integers(0, 9)) == 0,
                "replicas": draw(replicas(lfn)),
                "meta": {
                    key: value
                    for key, kind in META.items()
                    if (value := draw(st.one_of(maybe, META_VALUES[kind]))) is not None
                },
                "has": set(),
            }
        )
    numbers = range(len(files))
    pairs = draw(st.sets(st.tuples(st.sampled_from(numbers), st.sampled_from(numbers)))) if files else set()
    return files, {(child, parent) for child, parent in pairs if child != parent}


def fill(conn, files, parents):
    """The rows of these files, written without the code under test; their ids."""

    def add(table, **values):
        conn.execute(insert(table).values(**values))

    for key, (name, kind) in enumerate(ENDPOINTS.items(), 1):
        add(schema.endpoint, id=key, name=name, kind=kind.value)
    for key, name in enumerate(DATASETS, 1):
        add(schema.dataset, id=key, name=name, state="OPEN", since=NOW)
    for key, (name, kind) in enumerate(META.items(), 1):
        add(meta_key, id=key, name=name, type=kind, defined_at=NOW)
    heads = sorted({directories.split(file["lfn"])[0] for file in files})
    for key, path in enumerate(heads, 1):
        add(schema.directory, id=key, path=path)
    numbers = count(1)
    for key, file in enumerate(files, 1):
        add(
            schema.file,
            id=key,
            directory_id=heads.index(directories.split(file["lfn"])[0]) + 1,
            dataset_id=DATASETS.index(file["dataset"]) + 1,
            registered_at=file["registered"],
            retired_at=NOW if file["retired"] else None,
            **{
                name: file[name]
                for name in ("name", "role", "product", "run", "chunk", "part", "size", "adler32")
            },
        )
        for who in Witness:
            if (n := file[f"n_events.{who.value}"]) is not None:
                add(schema.event_count, file_id=key, witness=who, n_events=n, said_at=NOW, said_by="t")
        for replica in file["replicas"]:
            add(
                schema.replica,
                id=next(numbers),
                file_id=key,
                endpoint_id=list(ENDPOINTS).index(replica["endpoint"]) + 1,
                path=replica["stored_path"],
                state=replica["state"],
                since=replica["since"],
                locality=replica["locality"],
                verified_at=replica["verified"],
                next_try_at=NOW,
            )
        for place, (name, kind) in enumerate(META.items(), 1):
            if name in file["meta"]:
                whole, real, text = encode(MetaType(kind), file["meta"][name])
                add(file_meta, file_id=key, key_id=place, int_value=whole, real_value=real, text_value=text)
    for child, parent in parents:
        add(schema.parent, file_id=child + 1, parent_id=parent + 1)


def known(files, parents):
    """The files as a query sees them."""
    seen = []
    for number, file in enumerate(files):
        live = [replica for replica in file["replicas"] if replica["state"] != "DELETED"]
        has = {"replica"} if live else set()
        has |= {"parents" for child, _ in parents if child == number}
        has |= {"children" for child, up in parents if up == number and not files[child]["retired"]}
        seen.append(file | {"replicas": live, "has": has})
    return [file for file in seen if not file["retired"]]


def read_meta(key, text):
    return read(text, MetaType(META[key]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(worlds(), st.lists(queries(meta=True), min_size=8, max_size=8))
def test_the_database_finds_what_plain_python_finds(catalog, world, asked):
    with catalog.begin() as conn:
        fill(conn, *world)
        for query in asked:
            expected = sorted(
                file["lfn"] for file in known(*world) if evaluate(query, file, read_meta) is True
            )
            pages = ask.stream(conn, parse(show(query)), NOW, ["lfn"], size=2)
            assert sorted(row[0] for page in pages for row in page) == expected, show(query)
        conn.rollback()


COLUMNS = ["lfn", "dataset", "size", "n_events", "registered", "meta.good", "meta.taken", "meta.energy"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(worlds())
def test_the_columns_are_what_was_said(catalog, world):
    with catalog.begin() as conn:
        fill(conn, *world)
        rows = [row for page in ask.stream(conn, parse("all"), NOW, COLUMNS, size=2) for row in page]
        place = [*COLUMNS, "replica.endpoint", "replica.path", "replica.verified"]
        copies = [row for page in ask.stream(conn, parse("all"), NOW, place, size=3) for row in page]
        conn.rollback()
    seen = known(*world)

    def line(file):
        plain = [file[name] for name in COLUMNS[:5]]
        return (*plain, *(file["meta"].get(name.partition(".")[2]) for name in COLUMNS[5:]))

    def lines(file):
        found = [(copy["endpoint"], copy["path"], copy["verified"]) for copy in file["replicas"]]
        return [(*line(file), *copy) for copy in found or [(None, None, None)]]

    assert sorted(rows, key=repr) == sorted(map(line, seen), key=repr)
    assert sorted(copies, key=repr) == sorted((row for file in seen for row in lines(file)), key=repr)


@pytest.mark.parametrize("sizes", [1, 2, 3])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(worlds())
def test_pages_follow_one_another_without_gap_or_twin(catalog, sizes, world):
    with catalog.begin() as conn:
        fill(conn, *world)
        at_once = [row for page in ask.stream(conn, parse("all"), NOW, ["lfn"]) for row in page]
        found, after = [], None
        while True:
            page = ask.page(conn, parse("all"), NOW, ["lfn"], files=sizes, after=after)
            found += page.rows
            if page.after is None:
                break
            after = ask.key_of(str(page.after))
            rest = [row for page in ask.stream(conn, parse("all"), NOW, ["lfn"], after=after) for row in page]
            assert found + rest == at_once
        totals = ask.totals(conn, parse("all"), NOW)
        conn.rollback()
    assert found == at_once
    assert sorted(row[0] for row in found) == sorted(file["lfn"] for file in known(*world))
    sizes_known = [file["size"] for file in known(*world) if file["size"] is not None]
    assert (totals.files, totals.size) == (len(found), sum(sizes_known))
    assert totals.size_unknown == len(found) - len(sizes_known)
    assert totals.events == sum(file["n_events"] or 0 for file in known(*world))
