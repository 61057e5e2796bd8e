"""The comparison in the engine gives what the slow reference gives, in every world; and breaks of it are
seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.states import EndpointKind
from ddm.reconcile import compare as comparing
from ddm.reconcile import engine as engines
from ddm.reconcile.compare import Explained, Scanned, compare
from ddm.reconcile.kinds import EXPECTED, Kind
from tests.reconcile.reference import Copy, Line, World, kinds

DISK, TAPE = 1, 2
PATHS = (
    *(f"/{directory}/{name}" for directory in ("a", "b", "unread") for name in ("x", "y", 'q"t')),
    *("/a/j1a1/x", "/a/j2a1/y", "/a/.ddm-h-1-2-3.part"),
)
places = st.tuples(st.sampled_from([DISK, TAPE]), st.sampled_from(PATHS))
values = st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from([None, 7, 8]))
states = st.sampled_from(["AVAILABLE"] * 8 + [str(state) for state in EXPECTED])


@st.composite
def worlds(draw) -> World:
    world = World(tapes={TAPE})
    drawn = st.tuples(places, states, values, st.integers(1, 3))
    copies = draw(st.lists(drawn, max_size=8, unique_by=lambda one: one[0]))
    copies += draw(st.lists(drawn, max_size=1))  # two entries for one place are rare
    for key, (place, state, (size, adler32), file) in enumerate(copies, 1):
        copy = Copy(key, file, place[0], state, 100, size, adler32, place[1])
        _live(draw, world, copy)
        _list(draw, world, copy)
    taken = {line.place for line in world.lines}
    for place, (size, adler32) in draw(st.lists(st.tuples(places, values), max_size=4)):
        if place not in taken or draw(st.integers(0, 9)) == 0:
            world.lines.append(Line(*place, size, adler32))
    world.lines += [Line(*place, problem=True) for place in draw(st.lists(places, max_size=1))]
    world.unread = draw(st.sampled_from([set(), {(DISK, "/unread/")}, {(TAPE, "/unread/")}]))
    world.live = draw(st.sampled_from([set(), {"j1a1"}]))
    world.withdrawn = set(draw(st.lists(places, max_size=2)))
    return world


def _live(draw, world: World, copy: Copy) -> None:
    """What becomes of the copy during the scan: mostly nothing."""
    fate = draw(st.sampled_from(["stays"] * 8 + ["moves", "goes", "comes"]))
    if fate != "comes":
        world.before.append(copy)
    if fate == "moves":
        world.after.append(replace(copy, state=draw(states), since=200))
    elif fate != "goes":
        world.after.append(copy)


def _list(draw, world: World, copy: Copy) -> None:
    """What the storage has of the copy."""
    size, adler32 = copy.size, copy.adler32
    match draw(st.sampled_from(["same"] * 4 + ["absent"] * 3 + ["size", "sum", "renamed"])):
        case "size":
            size = 3
        case "sum":
            adler32 = 9
        case "absent":
            return
        case "renamed":
            name = copy.path.rpartition("/")[2]
            world.lines.append(Line(copy.endpoint, f"/moved/{name}", size, adler32))
            return
    world.lines.append(Line(copy.endpoint, copy.path, size, adler32))


def in_engine(world: World, where: Path) -> tuple[list[tuple[int, str, int | None, Kind]], dict[Kind, int]]:
    """What the engine finds, in the form of the reference, without what is CONSISTENT; and its counts."""
    with engines.opened(where, engines.Bounds(memory_mb=200, threads=1)) as engine:
        texts = []
        for name, copies in (("one", world.before), ("two", world.after)):
            path = engine.directory / f"{name}.text"
            path.write_text("".join(map(_exported, copies)))
            texts.append(path)
        scans = []
        for endpoint, kind in ((DISK, EndpointKind.DISK), (TAPE, EndpointKind.TAPE)):
            part = engine.directory / f"{endpoint}.parquet"
            _write_part(engine, part, [line for line in world.lines if line.endpoint == endpoint])
            unread = tuple(path for there, path in world.unread if there == endpoint)
            scans.append(Scanned(endpoint, kind, (part,), unread))
        out = engine.directory / "found.parquet"
        counts = compare(engine, *texts, scans, Explained(world.live, sorted(world.withdrawn)), out)
        rows = engine.rows(f"SELECT endpoint_id, path, replica_id, kind FROM read_parquet('{out}')")
        by_kind: dict[Kind, int] = {}
        for count in counts:
            by_kind[count.kind] = by_kind.get(count.kind, 0) + count.places
        return sorted(((e, p, r, Kind(k)) for e, p, r, k in rows), key=str), by_kind


def _exported(copy: Copy) -> str:
    quoted = copy.path.replace('"', '""')
    values = (copy.id, copy.file, copy.endpoint, copy.state, copy.since, copy.size, copy.adler32)
    return "\t".join("" if value is None else str(value) for value in values) + f'\t"{quoted}"\n'


def _write_part(engine, part: Path, lines: list[Line]) -> None:
    engine.do(
        "CREATE OR REPLACE TABLE given "
        "(path VARCHAR, size BIGINT, adler32 UBIGINT, problem VARCHAR, said VARCHAR)"
    )
    if lines:
        rows = [(one.path, one.size, one.adler32, "size" if one.problem else None, None) for one in lines]
        engine.many("INSERT INTO given VALUES (?, ?, ?, ?, ?)", rows)
    engine.do(f"COPY given TO '{part}' (FORMAT parquet)")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), key=st.sampled_from([comparing._KEY, "hash({0}) % 2", "0"]))
def test_the_engine_finds_what_the_reference_finds(world: World, key: str, tmp_path: Path) -> None:
    """However often different places have the same number: it only says where to look."""
    expected = kinds(world)
    with patch.object(comparing, "_KEY", key):
        found, counts = in_engine(world, tmp_path)
    assert found == [row for row in expected if row[3] is not Kind.CONSISTENT]
    wanted: dict[Kind, int] = {}
    for *_, kind in expected:
        wanted[kind] = wanted.get(kind, 0) + 1
    assert counts == wanted


def everything() -> World:
    """A world with a place of every kind."""
    world = World(tapes={TAPE}, unread={(DISK, "/unread/")}, live={"j1a1"}, withdrawn={(DISK, "/a/stale")})
    expected = [
        *(
            (DISK, name, "AVAILABLE")
            for name in ("fine", "size", "sum", "gone", "moved", "twice", "onlydisk")
        ),
        *((DISK, name, "AVAILABLE") for name in ("onlytape", "garbled", "shared", "shared")),
        *((DISK, "back", "LOST"), (DISK, "passing", "TRASHED"), (DISK, "came", "COPYING")),
        *((TAPE, name, "AVAILABLE") for name in ("onlydisk", "onlytape")),
    ]
    numbers = {name: number for number, (_, name, _) in enumerate(expected, 1)}
    for key, (endpoint, name, state) in enumerate(expected, 1):
        copy = Copy(key, numbers[name], endpoint, state, 1, 10, 7, f"/a/{name}")
        world.before.append(copy)
        world.after.append(replace(copy, state="AVAILABLE", since=2) if name == "came" else copy)
    world.before.append(Copy(99, 99, DISK, "AVAILABLE", 1, 10, 7, "/unread/u"))
    world.after.append(world.before[-1])
    for name in (
        "fine",
        "twice",
        "twice",
        "onlydisk",
        "back",
        "passing",
        "shared",
        "stale",
        "j1a1/x",
        "j2a1/x",
    ):
        world.lines.append(Line(DISK, f"/a/{name}", 10, 7))
    world.lines += [Line(DISK, "/a/size", 11, 7), Line(DISK, "/a/sum", 10, 8), Line(DISK, "/b/moved", 10, 7)]
    world.lines += [
        Line(DISK, "/dark", 1, 1),
        Line(DISK, "/copy/fine", 10, 7),
        Line(TAPE, "/a/onlytape", 10, 7),
    ]
    world.lines.append(Line(DISK, "/a/garbled", problem=True))
    return world


@pytest.mark.parametrize("key", [comparing._KEY, "hash({0}) % 2", "0"])
def test_there_is_a_place_of_every_kind(key, tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, "_KEY", key)
    expected = kinds(everything())
    told_later = {Kind.UNREGISTERED}  # by what the raw catalogue says of dark ones
    assert {row[3] for row in expected} == set(Kind) - told_later
    found, _ = in_engine(everything(), tmp_path)
    assert found == [row for row in expected if row[3] is not Kind.CONSISTENT]


@pytest.mark.parametrize("step", ["_twice", "_elsewhere", "_moved_names", "_same_names"])
def test_without_any_step_something_is_told_wrongly(step, tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, step, lambda *_: None)
    found, _ = in_engine(everything(), tmp_path)
    assert found != [row for row in kinds(everything()) if row[3] is not Kind.CONSISTENT]


@pytest.mark.parametrize("what", ["live", "unread", "withdrawn"])
def test_what_explains_is_looked_at(what, tmp_path):
    world = everything()
    getattr(world, what).clear()
    found, _ = in_engine(world, tmp_path)
    assert found == [row for row in kinds(world) if row[3] is not Kind.CONSISTENT]
    assert found != [row for row in kinds(everything()) if row[3] is not Kind.CONSISTENT]
