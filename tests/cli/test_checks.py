"""Cross-checks in the simulated world: a difference holds its group only, is explained, repaired, waived."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from catalog.checksum import Adler32
from catalog.db import schema
from catalog.db.witnesses import Reading
from catalog.errors import BadInput, DataManagementError, IllegalTransition
from catalog.papers import ManifestUnreadable
from catalog.states import JobKind, Recounted
from ddm.app import App
from ddm.jobs.recount import Recount, dumps, read_recount
from ddm.jobs.recount import Recounted as FileReport
from ddm.operations import catalogued, checks, jobs, merges, sampling, waiving
from ddm.settings import AfterArchive
from ddm.testing.safety import Guard, violations
from ddm.testing.world import World
from merging.verdict import Who
from tests.cli.test_decisions import RUN, counts, finished, held, merged, opened, run

EOS = "/eos/experiment/compass/generalprod/dvcs2016P08t1"


def chunk(product: str, number: int = 0) -> str:
    name = f"{RUN}-1100{1 + number}-0"
    return f"{EOS}/" + (f"mDST.chunks/mDST-{name}-7.root" if product == "mDST" else f"TRAFDIC/{name}.root")


@pytest.fixture
def world(tmp_path) -> World:
    """Parts of one chunk each, and room on disk for what is archived."""
    return World(tmp_path, runs=1, chunks=4, target_chunks=0.25)


@pytest.fixture
def app(world) -> Iterator[App]:
    with opened(world) as app:
        world.register(app)
        yield app


def states(app: App, product: str) -> list[str]:
    """The states of the parts, in order."""
    found = [entry.group for entry in merges.show(app.catalog, RUN) if entry.group.product == product]
    return [group.state for group in sorted(found, key=lambda group: group.part)]


def check_state(app: App, product: str) -> str:
    return next(line.state for line in checks.shown(app.catalog, 10, RUN).checks if line.product == product)


def explained(app: App, product: str = "mDST") -> checks.CheckExplained:
    return checks.explain(app.catalog, app.settings, RUN, product)


def repaired(app: App, product: str = "mDST", reason: str = "disk repaired") -> checks.Repair:
    return checks.repair(app.catalog, app.settings, RUN, product, reason, act=True)


# ------------------------------------------------------------------------------ held, explained
def test_a_difference_holds_its_own_part_and_the_others_are_archived(world, app):
    guard = Guard(world)
    world.mischief.loses_events.add(merged("mDST", 1))
    run(app)
    assert states(app, "mDST")[1] == "MISMATCHED"
    assert set(states(app, "mDST")) == {"MISMATCHED", "ARCHIVED"}
    assert set(states(app, "hist")) == {"ARCHIVED"}
    assert check_state(app, "mDST") == "FAILED"
    assert guard.removed == [], "what the run's jobs made is kept until a person has decided"
    (found,) = held(app)
    assert found.advice.startswith(f"ddm check explain {RUN} mDST; then ddm check repair {RUN} mDST")
    assert violations(guard.catalog, world, guard) == []
    guard.close()


def test_explain_says_which_file_lost_what_between_whom_and_what_to_do(world, app):
    world.mischief.loses_events.add(merged("mDST", 1))
    run(app)
    told = explained(app)
    (finding,) = told.findings
    assert (finding.part, finding.chunk, finding.what, finding.by) == (1, "", "events", -1)
    assert finding.between == (Who.MERGE_JOB, Who.MERGED_FILE)
    assert finding.lfn == merged("mDST", 1)
    assert told.verdict == "Differ"
    assert f"ddm check repair {RUN} mDST --reason '…' --yes" in told.todo[0]


def test_a_lost_event_of_a_chunk_is_told_by_its_file(world, app):
    world.mischief.loses_events.add(chunk("mDST", 1))
    run(app)
    first = explained(app).findings[0]
    assert (first.chunk, first.lfn, first.by) == ("11002", chunk("mDST", 1), -1)
    assert first.between == (Who.JOB, Who.FILE)
    assert "have the chunk processed again" in explained(app).todo[0]


def test_products_of_a_run_are_shown_side_by_side(world, app):
    run(app)
    shown = checks.shown(app.catalog, 10, RUN)
    sides = {side.product: side for side in shown.products}
    total = sum(file.events for file in world.raw)
    assert {sides[name].merged_read for name in ("mDST", "hist")} == {total}
    assert sides["evtdump"].merged_read < total
    assert sides["mDST"].raw_catalogue is None, "nobody said how many the first raw file has"
    assert sides["mDST"].raw_read == total


# ------------------------------------------------------------------------------------- repair
def test_repair_merges_the_part_again_from_the_same_inputs(world, app):
    world.mischief.loses_events.add(merged("mDST", 1))
    run(app)
    world.mischief.loses_events.clear()
    before, old = counts(app), catalogued.show(app.catalog, merged("mDST", 1))
    checks.repair(app.catalog, app.settings, RUN, "mDST", "disk repaired", act=False)
    assert counts(app) == before
    done = repaired(app)
    (again,) = done.merged_again
    assert (again.part, again.retired, done.reprocessed) == (1, merged("mDST", 1), ())
    assert finished(app)
    assert catalogued.show(app.catalog, merged("mDST", 1)).registered_at > old.registered_at
    with pytest.raises(IllegalTransition, match="no part of it is MISMATCHED"):
        repaired(app)


@pytest.mark.parametrize("product", ["mDST", "hist"])
def test_repair_has_an_input_made_again_that_itself_differs(product, world, app):
    guard = Guard(world)
    world.mischief.loses_events.add(chunk(product, 1))
    run(app)
    world.mischief.loses_events.clear()
    other = catalogued.show(app.catalog, chunk("hist" if product == "mDST" else "mDST", 1))
    done = repaired(app, product)
    (again,) = done.reprocessed
    assert (again.chunks, done.merged_again) == (("11002",), ())
    (job,) = again.jobs
    shown = jobs.show(app.catalog, job)
    assert (shown.job.state, shown.history[-1].event, shown.history[-1].reason) == (
        "WAITING", "process_again", "disk repaired",
    )  # fmt: skip
    assert finished(app)
    assert jobs.show(app.catalog, job).job.attempt == 2
    kept = catalogued.show(app.catalog, other.lfn)
    assert kept.registered_at == other.registered_at, "only the product that differed was made again"
    assert check_state(app, product) == "PASSED"
    assert violations(guard.catalog, world, guard) == []
    guard.close()


@pytest.mark.parametrize(
    ("keep", "said"), [(True, "take it off the tape first"), (False, "not AVAILABLE on")]
)
def test_what_is_on_tape_is_not_replaced_by_a_repair(keep, said, world):
    """Compass conventions 6.1, 5: a merge made again replaced good tape files."""
    after = AfterArchive.KEEP if keep else AfterArchive.DELETE
    products = {n: replace(one, inputs_after_archive=after) for n, one in world.settings.products.items()}
    world.settings = replace(world.settings, products=products)
    with opened(world) as app:
        world.register(app)
        run(app)
        lose(world, app, merged("mDST"))
        before = counts(app)
        with pytest.raises(DataManagementError, match=said):
            repaired(app)
        assert counts(app) == before


def test_a_difference_that_no_job_can_change_is_left_to_a_person(world, app):
    # what was registered is changed by hand, as if the raw catalogue had been wrong from the beginning
    with app.catalog.begin() as conn:
        table = schema.event_count
        conn.execute(update(table).where(table.c.witness == "raw_catalogue").values(n_events=7))
    run(app)
    before = counts(app)
    done = checks.repair(app.catalog, app.settings, RUN, "mDST", "x", act=True)
    assert not done.anything
    assert all("raw catalogue and the raw file differ" in text for text in done.looked)
    assert counts(app) == before


def test_what_does_not_differ_any_more_is_checked_again(world, app):
    with app.catalog.begin() as conn:
        table = schema.event_count
        wrong = table.c.witness == "raw_catalogue"
        conn.execute(update(table).where(wrong).values(n_events=table.c.n_events + 7))
    run(app)
    with app.catalog.begin() as conn:
        conn.execute(update(table).where(wrong).values(n_events=table.c.n_events - 7))
    for product in ("mDST", "hist", "evtdump"):
        assert "nothing differs any more" in explained(app, product).todo[0]
        assert repaired(app, product, "the raw catalogue was put right").checked_again
    assert finished(app)


# ------------------------------------------------------------------------------------- waivers
def waived(app: App, product: str = "mDST", **more) -> waiving.Waived:
    return waiving.waive(app.catalog, app.settings, RUN, product, "understood", act=True, **more)


def test_a_waiver_keeps_its_numbers_and_is_counted_by_period(world, app):
    world.mischief.loses_events |= {merged("mDST"), merged("mDST", 1)}
    run(app)
    done = waived(app, part=1)
    assert check_state(app, "mDST") == "FAILED", "the other part is not accepted"
    assert len(done.groups) == len(done.waivers) == 1
    waived(app)
    assert finished(app)
    book = waiving.book(app.catalog)
    assert [(entry.part, entry.events, entry.state) for entry in book.waivers] == [
        (0, -1, "in force"),
        (1, -1, "in force"),
    ]
    (sums,) = book.periods
    assert (sums.period, sums.product, sums.in_force, sums.void, sums.events) == ("P08", "mDST", 2, 0, -2)
    assert waiving.book(app.catalog, period="P09").waivers == ()
    assert checks.shown(app.catalog, 10, None).waivers == (2, 0)
    assert "merge job" in book.waivers[0].accepted[0]
    assert (book.waivers[0].by, book.waivers[0].reason) == ("shift@pccoeb03", "understood")


def test_the_same_numbers_after_another_merge_are_still_accepted(world, app):
    world.mischief.loses_events |= {merged("mDST"), merged("mDST", 1)}
    run(app)
    waived(app, part=1)
    repaired(app)
    run(app)
    assert states(app, "mDST")[0] == "MISMATCHED", "it lost an event again, which nobody accepted"
    waived(app, part=0)
    assert finished(app)


def test_a_waiver_is_void_when_a_number_changes(world, app):
    world.mischief.loses_events.add(merged("mDST", 1))
    run(app)
    waived(app)
    run(app)
    assert check_state(app, "mDST") == "WAIVED"
    file = catalogued.show(app.catalog, merged("mDST", 1))
    with app.catalog.begin() as conn:
        table = schema.event_count
        found = conn.execute(schema.file.select().where(schema.file.c.name == file.lfn.rpartition("/")[2]))
        key = found.one().id
        mine = (table.c.file_id == key) & (table.c.witness == "read")
        conn.execute(update(table).where(mine).values(n_events=table.c.n_events - 1))
    run(app)
    assert check_state(app, "mDST") == "WAIVED", "it is looked at every hour"
    app.clock.sleep(timedelta(hours=1, minutes=1))
    run(app)
    assert check_state(app, "mDST") == "FAILED"
    assert states(app, "mDST")[1] == "MISMATCHED"
    (entry,) = waiving.book(app.catalog).waivers
    assert entry.state == "void"
    assert "the numbers changed" in entry.void_reason
    assert waiving.book(app.catalog).periods[0].void == 1
    assert checks.shown(app.catalog, 10, None).waivers == (0, 1)


def spoiled_readings(world, change):
    """Merge jobs report their inputs as ``change`` makes them."""
    work = world.work

    def working(manifest):
        report = work(manifest)
        if manifest.kind == JobKind.MERGE:
            report = replace(report, inputs=tuple(change(report.inputs)))
        return report

    world.work = working
    return work


def test_bytes_that_a_merge_read_otherwise_are_never_waived(world, app):
    def other(inputs):
        for entry in inputs:
            odd = entry.lfn == chunk("mDST", 1)
            yield replace(entry, adler32=Adler32(entry.adler32 ^ 1)) if odd else entry

    good = spoiled_readings(world, other)
    run(app)
    (finding,) = explained(app).findings
    assert (finding.what, finding.lfn) == ("adler32", chunk("mDST", 1))
    with pytest.raises(IllegalTransition, match="bytes cannot"):
        waived(app)
    world.work = good
    assert repaired(app).reprocessed
    assert finished(app)


def test_a_merge_that_tells_nothing_of_its_inputs_is_not_believed(world, app):
    good = spoiled_readings(world, lambda inputs: ())
    run(app)
    assert set(states(app, "mDST")) == {"MERGED"}
    assert {line.noun for line in held(app)} == {"check"}
    assert "what it read not told by: merge job" in explained(app).missing[0]
    with pytest.raises(IllegalTransition):
        waived(app)
    permit = (*world.settings.products["mDST"].permit, "unreported-inputs")
    products = {name: replace(one, permit=permit) for name, one in world.settings.products.items()}
    world.settings, world.work = replace(world.settings, products=products), good
    app.close()
    with opened(world) as later:
        assert finished(later)
        assert "permitted (unreported-inputs)" in explained(later).permitted[0]


def test_a_job_that_read_other_bytes_than_the_raw_file_has_is_refused(world, app):
    work = world.work

    def working(manifest):
        report = work(manifest)
        if manifest.kind == JobKind.PROCESS and manifest.inputs[0].lfn == world.raw[1].lfn:
            first = report.inputs[0]
            report = replace(report, inputs=(replace(first, size=first.size - 1),))
        return report

    world.work = working
    run(app)
    (found,) = held(app)
    assert found.noun == "job"
    assert f"of {world.raw[1].lfn}, the catalogue has {world.raw[1].size}" in found.reason


# ------------------------------------------------------------------------------------ sampling
def reader(world: World, read: list[str] | None = None) -> sampling.Reader:
    """Reads the world's stores; ``read`` is told what was read."""

    def reading(copy, known):
        if read is not None:
            read.append(f"{copy.endpoint} {known.lfn}")
        size, adler32 = world.stores[copy.endpoint].read(copy.path)
        here = world.settings.endpoints[copy.endpoint].prefix + copy.path
        name = copy.path.rpartition("/")[2]
        n = next((n for url, n in world.events.items() if url == here), None)
        n = n if n is not None else next(n for url, n in world.events.items() if url.endswith("/" + name))
        return Reading(size, int(adler32), None if known.product == "logs" else n, {})

    return reading


def lose(world: World, app: App, lfn: str) -> sampling.Outcome:
    """An event of an archived file is gone, and a recount finds it."""
    name = lfn.rpartition("/")[2]
    for url in list(world.events):
        if url.endswith("/" + name):
            world.events[url] -= 1
    wish = planned(app, 1.0, dataset="P08/mDST")
    return sampling.run(app, wish, reader(world))


def planned(app: App, fraction: float, seed: str = "0", **which) -> sampling.SamplePlan:
    return sampling.plan(app.catalog, app.settings, sampling.Which(**which), fraction, seed)


@pytest.fixture
def wide(tmp_path) -> Iterator[tuple[World, App]]:
    """A run of many parts."""
    world = World(tmp_path, runs=1, chunks=16, target_chunks=0.25)
    with opened(world) as app:
        world.register(app)
        run(app)
        yield world, app


def test_a_sample_is_the_same_for_the_same_seed_and_goes_on_where_it_stopped(wide):
    world, app = wide
    wish = planned(app, 0.5, dataset="P08/mDST")
    assert wish.files == planned(app, 0.5, dataset="P08/mDST").files
    assert len(wish.files) == -(-wish.archived // 2)
    others = {planned(app, 0.5, seed, dataset="P08/mDST").files for seed in "abcdefgh"}
    assert len(others) > 1
    read: list[str] = []
    done = sampling.run(app, wish, reader(world, read), sampling.How(most=1))
    assert (len(read), done.waiting) == (1, len(wish.files) - 1)
    rest = planned(app, 0.5, dataset="P08/mDST")
    assert (rest.id, len(rest.files)) == (done.sample.id, done.waiting)
    done = sampling.run(app, rest, reader(world, read))
    assert (len(read), len(set(read)), done.waiting) == (len(wish.files), len(wish.files), 0)
    assert done.sample.done == {Recounted.AGREE: len(wish.files)}
    app.clock.sleep(timedelta(days=1))
    following = planned(app, 0.5, dataset="P08/mDST")
    assert following.id is None
    assert not set(following.files) & set(wish.files), "those that were not read yet are older"


def test_a_difference_found_later_holds_alarms_and_is_explained(world, app):
    assert finished(app)
    done = lose(world, app, merged("mDST", 1))
    ((lfn, said),) = done.differ
    assert lfn == merged("mDST", 1)
    assert said.endswith("(1 lost)")
    assert states(app, "mDST")[1] == "MISMATCHED"
    assert check_state(app, "mDST") == "FAILED"
    assert [entry.noun for entry in held(app)] == ["group"]
    told = explained(app)
    assert told.findings[0].said[-1][0] == Who.RECOUNT
    assert [(line.verdict, line.lfn) for line in told.recounts if line.verdict == "DIFFER"] == [
        ("DIFFER", lfn)
    ]
    run(app)
    assert states(app, "mDST")[1] == "MISMATCHED", "nothing but a person moves it"
    waived(app)
    assert finished(app)
    assert check_state(app, "mDST") == "WAIVED"


def test_what_differs_once_and_not_again_is_no_finding(world, app):
    run(app)
    good, times = reader(world), []

    def flaky(copy, known):
        times.append(known.lfn)
        seen = good(copy, known)
        first = times.count(known.lfn) == 1
        return replace(seen, adler32=seen.adler32 ^ 1) if first else seen

    wish = planned(app, 1.0, dataset="P08/mDST")
    done = sampling.run(app, wish, flaky)
    assert done.differ == ()
    assert len(times) == 2 * len(wish.files)


def test_other_bytes_make_the_copy_bad_and_the_other_one_is_read(world, app):
    run(app)
    good = reader(world)

    def rotten(copy, known):
        seen = good(copy, known)
        return replace(seen, adler32=1) if copy.endpoint == "disk" else seen

    wish = planned(app, 0.01, dataset="P08/mDST")
    done = sampling.run(app, wish, rotten)
    assert "one more is at tape" in done.unread[0][1]
    assert [entry.noun for entry in held(app)] == ["replica"]
    sampling.run(app, planned(app, 0.01, dataset="P08/mDST"), rotten, sampling.How(recall=True))
    run(app)
    done = sampling.run(app, planned(app, 0.01, dataset="P08/mDST"), rotten)
    assert done.sample.done == {Recounted.AGREE: 1}, "the archive has it"
    assert set(states(app, "mDST")) == {"CLEANED"}


def test_a_file_of_which_no_copy_has_its_bytes_holds_its_group(world, app):
    run(app)
    good = reader(world)

    def rotten(copy, known):
        return replace(good(copy, known), adler32=1)

    for _ in range(3):
        wish = planned(app, 0.01, dataset="P08/mDST")
        done = sampling.run(app, wish, rotten, sampling.How(recall=True))
        run(app)
    assert len(done.differ) == 1
    assert sorted(entry.noun for entry in held(app)) == ["group", "replica", "replica"]
    (finding,) = explained(app).findings
    assert finding.told[-1] == "recount 00000001"
    with pytest.raises(IllegalTransition, match="bytes cannot"):
        waived(app)


def test_a_file_that_cannot_be_read_is_unknown_and_tried_again(world, app):
    run(app)
    wish = planned(app, 0.01, dataset="P08/mDST")
    done = sampling.run(app, wish, lambda copy, known: sampling.Trouble("no route to host"))
    assert done.sample.done == {Recounted.UNKNOWN: 1}
    assert done.unread[0][1] == "no route to host"
    again = planned(app, 0.01, dataset="P08/mDST")
    assert again.id == done.sample.id
    assert sampling.run(app, again, reader(world)).sample.done == {Recounted.AGREE: 1}
    assert held(app) == []


def test_files_on_tape_only_are_recalled_by_the_flow_and_released(world, app):
    run(app)
    raw = {"dataset": world.settings.tasks["P08"].dataset, "runs": ((RUN, RUN),)}
    wish = planned(app, 1.0, **raw)
    assert (len(wish.files), wish.on_tape_only) == (4, 4)
    how, read = sampling.How(recall=True), []
    done = sampling.run(app, wish, reader(world, read))
    assert (done.waiting, read) == (4, []), "nothing is recalled that nobody asked for"
    for _ in range(20):
        done = sampling.run(
            app, planned(app, 1.0, runs=((RUN, RUN),), dataset="2016/W14"), reader(world, read), how
        )
        if not done.waiting:
            break
        run(app)
    assert done.sample.done == {Recounted.AGREE: 4}
    assert len(read) == 4
    run(app)
    with app.catalog.read() as conn:
        assert conn.execute(schema.pin.select().where(schema.pin.c.state == "ACTIVE")).all() == []


def test_a_part_of_the_archive_is_chosen_by_period_or_run(world, app):
    run(app)
    everything = planned(app, 1.0)
    assert planned(app, 1.0, period="P08").files == everything.files
    assert planned(app, 1.0, runs=((1, 2),)).files == ()
    with pytest.raises(BadInput, match="no task"):
        planned(app, 1.0, period="P77")
    for fraction in (0.0, 1.5):
        with pytest.raises(BadInput, match="fraction"):
            planned(app, fraction)


def test_a_report_of_a_worker_node_is_a_witness(world, app):
    assert finished(app)
    now = app.clock.now().isoformat()
    names = (merged("mDST"), merged("mDST", 1), merged("hist"))
    good, bad, odd = (catalogued.show(app.catalog, name) for name in names)
    counted = {
        entry.lfn: next(n for url, n in world.events.items() if url.endswith(entry.lfn.rpartition("/")[2]))
        for entry in (good, bad, odd)
    }

    def entry(of, **more):
        told = {"size": of.size, "adler32": of.adler32, "n_events": counted[of.lfn], **more}
        return FileReport(of.lfn, f"memory://tape{of.lfn}", **told)

    files = (
        entry(good),
        entry(bad, n_events=counted[bad.lfn] - 1),
        entry(odd, size=None, adler32=None, n_events=None, code="not_online", text="on tape only"),
        FileReport("/nobody/knows", "x", 1, Adler32(1)),
    )
    report = Recount("mine", "wn17", now, now, files)
    done = sampling.take(app, report)
    assert [lfn for lfn, _ in done.differ] == [bad.lfn]
    assert done.unread == ((odd.lfn, "not_online: on tape only"),)
    assert done.unknown == ("/nobody/knows",)
    assert states(app, "mDST")[1] == "MISMATCHED"
    before = counts(app)
    again = sampling.take(app, report)
    assert again.again
    assert again.differ == done.differ
    assert counts(app) == before


def test_a_report_that_counted_no_events_proves_nothing(world, app):
    assert finished(app)
    of = catalogued.show(app.catalog, merged("mDST"))
    told = FileReport(of.lfn, f"memory://tape{of.lfn}", of.size, of.adler32)
    done = sampling.take(app, Recount("silent", "wn17", "", app.clock.now().isoformat(), (told,)))
    ((lfn, text),) = done.unread
    assert (lfn, done.differ) == (of.lfn, ())
    assert "its events were not counted" in text


def test_a_report_that_tells_of_a_file_twice_is_none():
    told = FileReport("/x", "memory://x", 1, Adler32(1))
    with pytest.raises(ManifestUnreadable, match="tells of a file twice"):
        read_recount(dumps(Recount("odd", "wn17", "", "", (told, told))))


# -------------------------------------------------------------------------- the other database
@pytest.mark.nightly
@pytest.mark.postgresql
def test_repair_waivers_and_samples_work_on_postgresql(tmp_path, postgresql_url):
    world = World(tmp_path, url=postgresql_url, runs=1, chunks=4, target_chunks=0.25)
    world.mischief.loses_events |= {chunk("mDST", 1), merged("mDST"), merged("hist")}
    with opened(world) as app:
        world.register(app)
        run(app)
        world.mischief.loses_events.clear()
        assert explained(app).findings
        done = repaired(app)
        assert done.reprocessed
        assert done.merged_again
        waived(app, "hist")
        assert finished(app)
        assert waiving.book(app.catalog).waivers[0].state == "in force"
        assert lose(world, app, merged("mDST")).differ
        assert check_state(app, "mDST") == "FAILED"
        assert json.loads(json.dumps([line.verdict for line in explained(app).recounts]))
