"""Datasets among datasets, on both databases: no cycle, totals once, versions that never change a name."""

from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.clock import SimulatedClock
from catalog.db import datasets, family, files, owners, registering, schema, versions
from catalog.db.datasets import Tier
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.errors import (
    BadInput,
    BadName,
    ConflictingRegistration,
    IllegalTransition,
    NotOwner,
    NotRegistered,
    RuleBroken,
)
from catalog.states import Role, Witness
from catalog.testing.builders import Situation, raw_file


@pytest.fixture
def here(catalog):
    with catalog.read() as conn:
        yield Situation(conn, catalog.clock)


def made(here, *names):
    return [here.new_dataset(name) for name in names]


def attach(here, name, *parents):
    return family.add_parents(here.conn, name, parents, here.why)


def register(here, dataset, *entries):
    return registering.register(here.conn, entries, dataset=dataset, endpoint=here.disk, why=here.why).ids


def product(number, role=Role.INTERMEDIATE, **other):
    name = f"/eos/{role}/mDST-275678-{number}.root"
    return raw_file(number, lfn=name, path=name, role=role, product="mDST", **other)


# -------------------------------------------------------------------------------- parents
def test_a_dataset_is_under_any_number_of_parents(here):
    a, b, c = made(here, "a", "b", "c")
    assert attach(here, "c", "a", "b") == 2
    assert attach(here, "c", "a") == 0
    assert family.parents_of(here.conn, c) == {a: "a", b: "b"}
    assert family.children_of(here.conn, a) == {c: "c"}
    told = [line.reason for line in here.history("dataset", c) if line.event == "parent_added"]
    assert told == ["a: a test", "b: a test"]


def test_it_is_taken_out_with_a_reason(here):
    _a, c = made(here, "a", "c")
    attach(here, "c", "a")
    with pytest.raises(IllegalTransition, match="reason"):
        family.remove_parents(here.conn, "c", ["a"], here.why.because(" "))
    assert family.remove_parents(here.conn, "c", ["a"], here.why) == 1
    assert family.remove_parents(here.conn, "c", ["a"], here.why) == 0
    assert family.parents_of(here.conn, c) == {}
    assert here.history("dataset", c)[-1].event == "parent_removed"


@pytest.mark.parametrize("parent", ["a", "c", "d"])
def test_nothing_is_above_itself(here, parent):
    made(here, "a", "b", "c", "d")
    attach(here, "b", "a")
    attach(here, "c", "b")
    attach(here, "d", "c")
    with pytest.raises(BadInput) as refused:
        attach(here, "a", parent)
    if parent == "d":
        assert "a > b > c > d" in str(refused.value)


def test_the_database_itself_refuses_a_dataset_as_its_own_parent(catalog):
    with catalog.begin() as conn:
        one = Situation(conn, catalog.clock).dataset
    with pytest.raises(RuleBroken), catalog.begin() as conn:
        conn.execute(family.P.insert(), {"dataset_id": one, "parent_id": one})


def test_an_unknown_parent_changes_nothing(here):
    _a, c = made(here, "a", "c")
    with pytest.raises(NotRegistered):
        attach(here, "c", "a", "nobody")
    assert family.parents_of(here.conn, c) == {}


def test_a_way_down_that_is_long(here):
    names = [f"d{n}" for n in range(300)]
    ids = made(here, *names)
    rows = [{"dataset_id": child, "parent_id": up} for up, child in itertools.pairwise(ids)]
    here.conn.execute(family.P.insert(), rows)
    assert len(family.below(here.conn, [ids[0]])) == 300
    with pytest.raises(BadInput, match="below"):
        attach(here, "d0", "d299")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=15))
def test_whatever_is_attached_there_is_no_cycle(here, pairs):
    here.conn.execute(family.P.delete())
    ids = {n: files.ensure_dataset(here.conn, f"p{n}", here.why) for n in range(6)}
    links: set[tuple[int, int]] = set()
    for child, parent in pairs:
        would = closure(links | {(child, parent)})
        try:
            attach(here, f"p{child}", f"p{parent}")
        except BadInput:
            assert any(one == other for one, other in would)
            continue
        links.add((child, parent))
        assert not any(one == other for one, other in would)
    for n in range(6):
        above = {m for m in range(6) if (n, m) in closure(links)} | {n}
        assert family.above(here.conn, [ids[n]]) == {ids[m] for m in above}


def closure(links):
    found = set(links)
    while True:
        more = {(a, d) for a, b in found for c, d in found if b == c} - found
        if not more:
            return found
        found |= more


@pytest.mark.postgresql
def test_two_cannot_make_a_cycle_together(postgresql_server, postgresql_template):
    """Each alone would be right: the second waits for the first, and sees what it did."""
    name = postgresql_server.create(postgresql_template)
    url = postgresql_server.url(name)
    refused: list[str] = []
    with Catalog(url, clock=SimulatedClock()) as catalog:
        why = Why(catalog.clock.now(), "tester")
        with catalog.begin() as conn:
            for dataset in ("a", "b"):
                files.ensure_dataset(conn, dataset, why)

        def other() -> None:
            try:
                with catalog.begin() as conn:
                    family.add_parents(conn, "b", ["a"], why)
            except BadInput as error:
                refused.append(str(error))

        with catalog.begin() as conn:
            family.add_parents(conn, "a", ["b"], why)
            thread = threading.Thread(target=other)
            thread.start()
            thread.join(0.3)
            assert thread.is_alive()  # it waits
        thread.join(30)
    assert len(refused) == 1
    postgresql_server.drop(name)


# --------------------------------------------------------------------------------- totals
def test_each_file_is_counted_once_even_by_two_ways(here):
    year, mdst, raw, period = made(here, "2016", "mdst", "raw", "P08")
    attach(here, "mdst", "2016")
    attach(here, "raw", "2016")
    attach(here, "P08", "mdst", "raw")  # reached by two ways
    register(here, period, product(1, events={Witness.READ: 10}), product(2))
    register(here, raw, raw_file(7))
    inside = family.below(here.conn, [year])
    assert inside == {year, mdst, raw, period}
    assert datasets.tiers(here.conn, inside) == [
        Tier("intermediate", "mDST", 1, 2, 2003, 10, 1),
        Tier("raw", "raw", 1, 1, 1007, 0, 1),
    ]
    assert set(datasets.tiers_of_each(here.conn, inside)) == {raw, period}


def test_merged_and_unmerged_are_never_added(here):
    (one,) = made(here, "both")
    register(
        here, one, product(1, events={Witness.READ: 10}), product(2, events={Witness.READ: 5}, run=275679)
    )
    register(here, one, product(3, role=Role.FINAL, events={Witness.READ: 15}))
    found = datasets.tiers(here.conn, [one])
    assert [(tier.role, tier.runs, tier.files, tier.events) for tier in found] == [
        ("final", 1, 1, 15),
        ("intermediate", 2, 2, 15),
    ]
    assert [(run.run, run.role, run.files) for run in datasets.run_lines(here.conn, one)] == [
        (275678, "final", 1),
        (275678, "intermediate", 1),
        (275679, "intermediate", 1),
    ]
    assert datasets.run_counts(here.conn, [one]) == {one: 2}


def test_a_retired_file_counts_no_more(here):
    (one,) = made(here, "one")
    ids = register(here, one, raw_file(1), raw_file(2))
    files.retire(here.conn, list(ids.values())[:1], here.why)
    assert [(tier.files, tier.size) for tier in datasets.tiers(here.conn, [one])] == [(1, 1002)]


# -------------------------------------------------------------------------------- closing
def test_an_empty_dataset_is_closed_only_when_it_is_said(here):
    made(here, "empty")
    with pytest.raises(IllegalTransition, match="--empty"):
        datasets.close(here.conn, "empty", here.why)
    assert datasets.close(here.conn, "empty", here.why, empty=True)
    assert not datasets.close(here.conn, "empty", here.why, empty=True)


def test_one_that_only_holds_others_is_not_empty(here):
    _top, low = made(here, "top", "low")
    attach(here, "low", "top")
    with pytest.raises(IllegalTransition):
        datasets.close(here.conn, "top", here.why)
    register(here, low, raw_file(1))
    assert datasets.close(here.conn, "top", here.why)


def test_one_with_retired_files_only_is_empty(here):
    (one,) = made(here, "one")
    files.retire(here.conn, list(register(here, one, raw_file(1)).values()), here.why)
    with pytest.raises(IllegalTransition, match="no file"):
        datasets.close(here.conn, "one", here.why)


# ------------------------------------------------------------------------------- versions
def test_the_next_version_is_a_dataset_of_its_own(here):
    (one,) = made(here, "mdst/P08")
    assert versions.versions(here.conn, "mdst/P08")[0].newest
    two = versions.new_version(here.conn, "mdst/P08", here.why)
    assert (two.name, two.version, two.state) == ("mdst/P08@2", 2, "OPEN")
    assert versions.new_version(here.conn, "mdst/P08@2", here.why).name == "mdst/P08@3"
    assert versions.new_version(here.conn, "mdst/P08", here.why).name == "mdst/P08@4"
    found = [(entry.name, entry.newest) for entry in versions.versions(here.conn, "mdst/P08@3")]
    assert found == [("mdst/P08", False), ("mdst/P08@2", False), ("mdst/P08@3", False), ("mdst/P08@4", True)]
    assert versions.newest(here.conn, "mdst/P08") == "mdst/P08@4"
    assert files.dataset_id(here.conn, "mdst/P08") == one  # the name means what it meant
    assert [line.event for line in here.history("dataset", one)] == ["succeeded"]


def test_only_the_newest_has_a_next(here):
    made(here, "d")
    versions.new_version(here.conn, "d", here.why)
    versions.new_version(here.conn, "d", here.why)
    with pytest.raises(BadInput, match="'d@3' is newer"):
        versions.new_version(here.conn, "d@2", here.why)


def test_a_name_that_somebody_has_is_not_taken(here):
    made(here, "d", "d@2")
    with pytest.raises(ConflictingRegistration, match="no version"):
        versions.new_version(here.conn, "d", here.why)


@pytest.mark.parametrize("name", ["d@2", "d@10", "a/b@1"])
def test_the_name_of_a_version_is_given_by_version_only(name):
    with pytest.raises(BadName, match="ddm dataset version"):
        versions.check_new_name(name)


@pytest.mark.parametrize("name", ["d@", "d@x", "d@0", "d@02", "user@host"])
def test_another_name_with_an_at_is_a_name(name):
    versions.check_new_name(name)
    assert versions.split_name(name) == (name, 1)


def test_the_same_lfn_in_the_next_version_is_refused_and_nothing_is_overwritten(here):
    (one,) = made(here, "d")
    register(here, one, raw_file(1))
    versions.new_version(here.conn, "d", here.why)
    two = files.dataset_id(here.conn, "d@2")
    for again in (raw_file(1), raw_file(1, size=7)):
        found = registering.register(here.conn, [again], dataset=two, endpoint=here.disk, why=here.why)
        assert (found.added, len(found.conflicts)) == (0, 1)
    assert here.get(schema.file, register(here, one, raw_file(1))[raw_file(1).lfn]).dataset_id == one


def test_a_sum_over_two_versions_is_said(here):
    made(here, "top", "d")
    versions.new_version(here.conn, "d", here.why)
    attach(here, "d", "top")
    attach(here, "d@2", "top")
    inside = family.below(here.conn, [files.dataset_id(here.conn, "top")])
    assert versions.counted_twice(here.conn, inside) == ["d"]
    assert (
        versions.counted_twice(here.conn, family.below(here.conn, [files.dataset_id(here.conn, "d")])) == []
    )


def test_the_check_of_the_database_sees_a_cycle_and_a_wrong_version(here):
    a, b, _c = made(here, "a", "b", "c")
    versions.new_version(here.conn, "c", here.why)
    attach(here, "b", "a")
    assert [*family.faults(here.conn), *versions.faults(here.conn)] == []
    here.conn.execute(family.P.insert(), {"dataset_id": a, "parent_id": b})
    here.set(schema.dataset, files.dataset_id(here.conn, "c@2"), name="d")
    assert [*family.faults(here.conn), *versions.faults(here.conn)] == [
        "dataset a is above itself",
        "dataset b is above itself",
        "dataset d is kept as version 2 of c",
    ]


# --------------------------------------------------------------------------------- owners
def test_members_act_and_others_are_refused(here):
    (one,) = made(here, "d")
    assert owners.add(here.conn, "production", "", ["alice", "bob@lxplus7"], here.why)
    assert not owners.add(here.conn, "production", "", ["carol"], here.why)
    assert owners.own(here.conn, one, "production", here.why)
    for actor in ("alice@anywhere", "alice", "bob@lxplus7"):
        owners.guard(here.conn, one, actor)
    for actor in ("bob@elsewhere", "carol@lxplus7", "", "alice2@anywhere"):
        with pytest.raises(NotOwner, match="production"):
            owners.guard(here.conn, one, actor)
    assert owners.owners(here.conn, [one, here.dataset]) == {one: "production"}


def test_a_group_without_members_is_a_label(here):
    (one,) = made(here, "d")
    owners.add(here.conn, "hadron", "", [], here.why)
    owners.own(here.conn, one, "hadron", here.why)
    owners.guard(here.conn, one, "anybody@anywhere")


def test_the_owner_changes_by_a_member_with_a_reason(here):
    (one,) = made(here, "d")
    owners.add(here.conn, "a", "", ["alice"], here.why)
    owners.add(here.conn, "b", "", [], here.why)
    owners.own(here.conn, one, "a", here.why)
    alice = Why(here.now, "alice@host")
    with pytest.raises(IllegalTransition, match="reason"):
        owners.own(here.conn, one, "b", alice)
    with pytest.raises(NotOwner):
        owners.own(here.conn, one, "b", here.why)
    assert owners.own(here.conn, one, "b", alice.because("they reprocess"))
    assert not owners.own(here.conn, one, "b", here.why)
    assert owners.own(here.conn, one, None, here.why)
    assert owners.owner_of(here.conn, one) is None
    told = [line.reason for line in here.history("dataset", one) if line.event == "owned"]
    assert told == ["nobody -> a: a test", "a -> b: they reprocess", "b -> nobody: a test"]


def test_members_change_by_members(here):
    owners.add(here.conn, "a", "", ["alice"], here.why)
    with pytest.raises(NotOwner):
        owners.change_members(here.conn, "a", ["tester"], [], here.why)
    alice = Why(here.now, "alice@host", "new shift")
    line = owners.change_members(here.conn, "a", ["bob", "bob"], ["alice", "nobody"], alice)
    assert line.members == ("bob",)


def test_a_version_belongs_to_the_same_group(here):
    (one,) = made(here, "d")
    owners.add(here.conn, "a", "", [], here.why)
    owners.own(here.conn, one, "a", here.why)
    made_now = versions.new_version(here.conn, "d", here.why)
    assert owners.owner_of(here.conn, files.dataset_id(here.conn, made_now.name)) == "a"
    assert owners.datasets_of(here.conn, "a") == [one, files.dataset_id(here.conn, "d@2")]


@pytest.mark.parametrize("name", ["", "a b", "7a", "a\n", "x" * 65, "ä"])
def test_a_bad_group_is_refused(here, name):
    with pytest.raises(BadName):
        owners.add(here.conn, name, "", [], here.why)


@pytest.mark.parametrize("member", ["", "a b", "a@", "@b", "a@b@c", "x" * 1_000_000, "flow:a", "a\x00"])
def test_a_bad_member_is_refused(here, member):
    with pytest.raises(BadInput) as refused:
        owners.add(here.conn, "a", "", [member], here.why)
    assert len(str(refused.value) + refused.value.subject) < 200
