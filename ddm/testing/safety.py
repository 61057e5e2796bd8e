"""Is anything lost, overwritten, or removed without proof? A checker that does not trust the program.

A ``Guard`` stands at the stores of a simulated world from the first moment. It sees every write and every
removal where the bytes are, whatever code asked for it, and looks into the catalogue, over a connection of
its own, at the moment a file is removed: what is not committed by then does not count. ``violations``
compares the catalogue with the world when all is quiet. The rules:

1. Every raw file is on its tape, unchanged, or the tape library has lost it by itself.
2. Where bytes are said to be AVAILABLE, bytes of that size and adler32 are; at a tape endpoint, on tape.
3. Whatever was removed was an intermediate file, or a copy on disk of a file that is itself on tape (a
   certificate of that ground, see rule 7), its replica DELETING under a certificate, committed before, and
   withdrawn for at least its product's grace time, or the shortened one of a disk under pressure. Or it was
   debris: at a path that an attempt of a job that is over was to write, written down, waited for, sent.
4. What was removed lives on: its group's merged file is on tape, and holds what the removed files held; or
   that merged file itself lives on in this way, in what was made of it.
5. Nothing is overwritten, and nothing is written to tape twice.
6. A product whose cross-check is PASSED holds every event of every raw chunk of the run, gaps excepted.
7. Each removal was lawful when it was decided: ``ddm.testing.removals``.
8. An archive of logs that is ARCHIVED holds the log of every chunk that was processed.

What a named person has waived may be missing; nothing else. What an adversary has struck (``World.struck``)
is the adversary's, as far as the program's rules could not see it: a removal on the strength of a copy that
was struck before its newest evidence was taken is the program's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from catalog.checksum import Adler32
from catalog.db.engine import Catalog
from catalog.states import CheckState, EndpointKind, GroupState, ReplicaState, Role
from catalog.testing import facts
from catalog.testing.facts import GroupFact, ReplicaFact
from catalog.testing.removal import Removal, removal, waived
from ddm.testing.removals import unlawful
from ddm.testing.world import World
from merging.witnesses import Counted
from transfers.backends.memory import MemoryStorage
from transfers.backends.tapelibrary import FileRecord

_GOING = (ReplicaState.DELETING, ReplicaState.DELETED)


class Guard:
    """Watches the stores of a world. ``written`` counts the writes, by endpoint and path."""

    def __init__(self, world: World) -> None:
        self.found: list[str] = []
        self.written: Counter[tuple[str, str]] = Counter()
        self.removed: list[tuple[str, str]] = []
        self.late = False  # calls of before are being carried out, of which nobody expects an answer
        self._decided: set[tuple[str, str]] = set()
        self._hours: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._world = world
        self._catalog = Catalog(world.settings.catalog, clock=world.clock)
        for store in world.stores.values():
            self._watch(store)

    @property
    def catalog(self) -> Catalog:
        """The guard's own view of the catalogue: what is committed."""
        return self._catalog

    def close(self) -> None:
        self._catalog.close()

    def _watch(self, store: MemoryStorage) -> None:
        def wrote(path: str, old: FileRecord | None, new: FileRecord) -> None:
            self.written[store.name, path] += 1
            if old is not None:
                self.found.append(f"rule 5: {store.name}{path} was overwritten")

        def removed(path: str) -> None:
            self.removed.append((store.name, path))
            self.found.extend(
                self._too_late(store.name, path) if self.late else self._without_proof(store.name, path)
            )

        store.library.files.watch(wrote, removed)

    def decisions(self) -> None:
        """Judge the removals that are decided now, before they are carried out: they may be late."""
        with self._catalog.read() as conn:
            going = [one for one in facts.replicas(conn) if one.state == ReplicaState.DELETING]
        for one in going:
            if (one.endpoint, one.path) not in self._decided:
                self._decided.add((one.endpoint, one.path))
                self.found.extend(self._without_proof(one.endpoint, one.path))

    def _too_many(self, fact: Removal) -> Iterator[str]:
        """More than the budget of an endpoint for the hour in which it was decided."""
        hour = f"{fact.decided_at:%F %H}"
        here = self._hours[fact.endpoint, hour]
        here.add(fact.path)
        budget = self._world.settings.release.files_per_hour
        if len(here) > budget:
            what = f"{len(here)} files were removed from {fact.endpoint}"
            yield f"rule 7: {what} in the hour {hour}, {budget} are allowed"

    def _too_late(self, endpoint: str, path: str) -> Iterator[str]:
        """A removal that is carried out after all. What became of the copy meanwhile, it could not know."""
        if (endpoint, path) not in self._decided:
            yield f"rule 3: {endpoint}{path} was removed, and nobody had decided it"
        with self._catalog.read() as conn:
            here = facts.replicas_at(conn, endpoint, path)
        if any(one.state not in _GOING for one in here):
            self._world.struck[endpoint, path] = self._world.clock.now()

    def _without_proof(self, endpoint: str, path: str) -> Iterator[str]:
        with self._catalog.read() as conn:
            here = facts.replicas_at(conn, endpoint, path)
        where = f"rule 3: {endpoint}{path} was removed"
        if not here:
            yield from (f"{where}: {text}" for text in self._no_debris(endpoint, path))
        for replica in here:
            if replica.role != Role.INTERMEDIATE and not self._of_itself_on_tape(replica.id):
                yield f"{where}: it is {replica.role}"
            if replica.state != ReplicaState.DELETING:
                yield f"{where} while its replica was {replica.state}"
            if not replica.certified:
                yield f"{where} without a certificate"
            product = self._world.settings.products.get(replica.product)
            grace = product.grace if product else timedelta(0)
            shortened = self._world.settings.endpoints[endpoint].pressure_grace
            grace = grace if shortened is None else min(grace, shortened)
            if replica.withdrawn_at is None or self._world.clock.now() < replica.withdrawn_at + grace:
                yield f"{where} within its grace time of {grace}"
            with self._catalog.read() as conn:
                fact = removal(conn, replica.id)
            if fact is not None:
                where7 = f"rule 7: {endpoint}{path} was removed"
                yield from (f"{where7}: {text}" for text in unlawful(fact, self._world))
                yield from self._too_many(fact)

    def _of_itself_on_tape(self, replica: int) -> bool:
        """Its certificate says that the file itself is on tape; rule 7 asks whether that is so."""
        with self._catalog.read() as conn:
            fact = removal(conn, replica)
        return fact is not None and '"ground":"on tape"' in fact.body

    def _no_debris(self, endpoint: str, path: str) -> Iterator[str]:
        """Why a file that is none of the catalogue's might not be removed; nothing: it might."""
        with self._catalog.read() as conn:
            found = facts.debris_at(conn, endpoint, path)
        if found is None:
            yield "the catalogue does not know it"
            return
        if found.job_state not in ("DONE", "CANCELED"):
            yield f"its job is {found.job_state}"
        if f"/j{found.job}a{found.attempt}/" not in path:
            yield f"it is not what attempt {found.attempt} of job {found.job} was to write"
        if found.sent_at is None or found.sent_at < found.due_at:
            yield f"it was sent at {found.sent_at}, due at {found.due_at}"


def violations(catalog: Catalog, world: World, guard: Guard | None = None) -> list[str]:
    """Every violation of the rules, as sentences; none is what one wants to see."""
    with catalog.read() as conn:
        replicas, groups, gaps = facts.replicas(conn), facts.groups(conn), facts.gaps(conn)
        checks = {(run, product): state for run, product, state, _ in facts.end_state(conn)["checks"]}
        accepted = waived(conn)
    return [
        *(guard.found if guard else ()),
        *_raw(world),
        *_available(replicas, world.stores, world),
        *_removed(replicas, groups, accepted, world),
        *_written_twice(guard, world),
        *_incomplete(replicas, groups, checks, gaps, world),
        *_half_archives(replicas, groups, gaps, world),
    ]


def _raw(world: World) -> Iterator[str]:
    for file in world.raw:
        record = world.tape.library.files.get(file.lfn)
        if (world.tape.name, file.lfn) in world.struck:
            continue
        if record is None or (record.size, record.adler32) != (file.size, file.adler32):
            yield f"rule 1: the raw file {file.lfn} is gone or changed"


def _available(replicas: list[ReplicaFact], stores: dict[str, MemoryStorage], world: World) -> Iterator[str]:
    for replica in replicas:
        if replica.state != ReplicaState.AVAILABLE or (replica.endpoint, replica.path) in world.struck:
            continue
        problem = _unlike(stores[replica.endpoint], replica.path, replica, world)
        if problem:
            yield f"rule 2: {replica.lfn} is AVAILABLE at {replica.endpoint}, and {problem}"


def _unlike(store: MemoryStorage, path: str, file: ReplicaFact, world: World) -> str:
    """What is wrong with the bytes at that path; empty: nothing."""
    record = store.library.files.get(path)
    if record is None:
        return "there is no file"
    if (record.size, record.adler32) != (file.size, file.adler32):
        return f"the file has {record.size} bytes, adler32 {record.adler32}"
    if store.tape and not (record.on_tape(world.clock.now().timestamp()) or record.lost):
        return "it is in the buffer only"
    return ""


def _removed(
    replicas: list[ReplicaFact], groups: list[GroupFact], accepted: set[tuple[int, str]], world: World
) -> Iterator[str]:
    """Rule 4, for every per-chunk file whose bytes are no longer on disk."""
    by_file = {replica.file_id: replica for replica in replicas if replica.kind == EndpointKind.DISK}
    group_of = {file: group for group in groups for file in group.members}
    for replica in by_file.values():
        was_there = replica.state not in (ReplicaState.UNVERIFIED, ReplicaState.LOST)
        there = replica.path in world.stores[replica.endpoint].library.files
        if replica.role != Role.INTERMEDIATE or there or not was_there:
            continue
        if (replica.endpoint, replica.path) in world.struck:
            continue
        group = group_of.get(replica.file_id)
        problem = "it was in no merge group"
        while group is not None and not (problem := _not_held(group, by_file, accepted, world)):
            further = group_of.get(group.output_id or 0)
            if further is None or _tapes(group, replicas):
                problem = _not_on_tape(group, replicas, world)
                break
            group = further
        if problem:
            yield f"rule 4: {replica.lfn} is gone, and {problem}"


def _tapes(group: GroupFact, replicas: list[ReplicaFact]) -> list[ReplicaFact]:
    return [r for r in replicas if r.file_id == group.output_id and r.kind == EndpointKind.TAPE]


def _not_on_tape(group: GroupFact, replicas: list[ReplicaFact], world: World) -> str:
    """Why the merged file of the group is not safe; empty: it is."""
    tape = _tapes(group, replicas)
    if not tape:
        return f"{group.lfn} has no replica on tape"
    if (tape[-1].endpoint, tape[-1].path) in world.struck:
        return ""  # whether the program could have known is seen by rule 7
    problem = _unlike(world.tape, tape[-1].path, tape[-1], world)
    return f"of {group.lfn} on tape: {problem}" if problem else ""


def _not_held(
    group: GroupFact, by_file: dict[int, ReplicaFact], accepted: set[tuple[int, str]], world: World
) -> str:
    """Why the merged file of the group does not hold what its members held; empty: it does."""
    merged = by_file.get(group.output_id or 0)
    if merged is None:
        return f"{group.lfn} is nowhere"
    went_in = sum(_held(by_file[member], world) for member in group.members)
    if _held(merged, world) != went_in and (group.run, group.product) not in accepted:
        return f"{group.lfn} holds {_held(merged, world)} of the {went_in} events that went in"
    return ""


def _held(file: ReplicaFact, world: World) -> int:
    """What the file at that place really held when it was written, whatever anybody says."""
    settings = world.settings.endpoints[file.endpoint]
    return world.events[settings.prefix + file.path]


def _written_twice(guard: Guard | None, world: World) -> Iterator[str]:
    for (endpoint, path), times in (guard.written if guard else Counter()).items():
        if endpoint == world.tape.name and times > 1:
            yield f"rule 5: {path} was written to tape {times} times"


def _incomplete(
    replicas: list[ReplicaFact],
    groups: list[GroupFact],
    checks: dict[tuple[int, str], str],
    gaps: set[str],
    world: World,
) -> Iterator[str]:
    """Rule 6, for the products that hold every event."""
    by_file = {replica.file_id: replica for replica in replicas if replica.kind == EndpointKind.DISK}
    for (run, product), state in checks.items():
        settings = world.settings.products[product]
        if state != CheckState.PASSED or settings.counted is not Counted.ALL or settings.unit != "run":
            continue  # a part of several runs is called after one of them
        taken = sum(file.events for file in world.raw if file.run == run and file.lfn not in gaps)
        outputs = [by_file.get(g.output_id or 0) for g in groups if (g.run, g.product) == (run, product)]
        kept = sum(_held(output, world) for output in outputs if output is not None)
        if kept != taken:
            yield f"rule 6: the cross-check of run {run} {product} is PASSED with {kept} of {taken} events"


def _half_archives(
    replicas: list[ReplicaFact], groups: list[GroupFact], gaps: set[str], world: World
) -> Iterator[str]:
    """Rule 8, for the archives of logs of a run; each log counts as one."""
    by_file = {replica.file_id: replica for replica in replicas if replica.kind == EndpointKind.DISK}
    for run in sorted({file.run for file in world.raw}):
        of_run = [group for group in groups if (group.run, group.product) == (run, "logs")]
        if not of_run or any(group.state not in ("ARCHIVED", "CLEANED") for group in of_run):
            continue
        there = sum(_held(by_file[group.output_id or 0], world) for group in of_run)
        wanted = sum(file.run == run and file.lfn not in gaps for file in world.raw)
        if there != wanted:
            yield f"rule 8: the archived logs of run {run} are {there} of {wanted}"


def stranded(catalog: Catalog, world: World) -> list[str]:
    """Products of runs that are neither archived nor held with a cause: what got lost on the way."""
    with catalog.read() as conn:
        groups, held = facts.groups(conn), facts.held(conn)
    found = [
        f"{thing.noun} {thing.lfn} is {thing.state} without a cause" for thing in held if not thing.cause
    ]
    for run in sorted({file.run for file in world.raw}):
        for product, settings in world.settings.products.items():
            if settings.unit != "run" and any(g.product == product and g.run != run for g in groups):
                continue
            states = [g.state for g in groups if (g.run, g.product) == (run, product)]
            done = states and all(state in (GroupState.ARCHIVED, GroupState.CLEANED) for state in states)
            if not done and not any(h.run == run and h.product in ("", product) for h in held):
                found.append(
                    f"run {run} {product} is not archived, its groups are {states}, and nothing is held"
                )
    return found


def contents(store: MemoryStorage) -> dict[str, tuple[int, Adler32]]:
    """Size and adler32 of every file of a store, by path."""
    return {path: (record.size, record.adler32) for path, record in store.library.files.items()}


def debris(catalog: Catalog, world: World) -> list[str]:
    """Paths on disk that the catalogue does not know: what attempts that came to nothing have left."""
    with catalog.read() as conn:
        known = {replica.path for replica in facts.replicas(conn) if replica.endpoint == "disk"}
    return sorted(set(world.disk.library.files) - known)
