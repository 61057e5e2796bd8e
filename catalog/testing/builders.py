"""Small situations made by hand: rows are written straight into the tables, without the code under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from catalog.checksum import Adler32
from catalog.clock import Clock
from catalog.db import (
    directories,
    evidence,
    schema,
    schema_comparisons,
    schema_events,
    schema_recall,
    schema_release,
    schema_repairs,
    schema_scans,
    schema_verifying,
    tally,
)
from catalog.db.move import Why
from catalog.evidence import Grade, Piece
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import (
    CheckState,
    DatasetState,
    EndpointKind,
    GroupState,
    ItemState,
    JobKind,
    JobState,
    LeaseState,
    PinState,
    ReplicaState,
    RequestKind,
    Role,
    Witness,
)

RUN = 275678
COUNTED = {
    **{name: name for name in ("file", "replica", "job", "item", "pin", "lease")},
    "merge_group": "group",
}
DIRECTORY = "/castor/cern.ch/compass/data/2016/raw/W14"


def raw_file(number: int, **other: Any) -> NewFile:
    """A raw chunk to register; ``other`` replaces what a test wants otherwise."""
    chunk = f"{11000 + number}"
    lfn = LFN(f"{DIRECTORY}/cdr{chunk}-{RUN}.raw")
    values: dict[str, Any] = {
        "lfn": lfn,
        "role": Role.RAW,
        "product": "raw",
        "run": RUN,
        "chunk": chunk,
        "size": 1000 + number,
        "adler32": Adler32(number),
        "path": lfn,
    }
    return NewFile(**(values | other))


@dataclass(frozen=True, slots=True)
class Archived:
    """The ids of a merged and archived pair: one intermediate file, one product on tape."""

    member: int  # the intermediate file
    replica: int  # its copy on disk
    output: int  # the merged file
    tape: int  # its copy on tape
    group: int
    check: int


class Situation:
    """Rows in an open transaction, each method one row; returns its id. Defaults are the happy case."""

    def __init__(self, conn: Connection, clock: Clock) -> None:
        self.conn, self.now = conn, clock.now()
        self.why = Why(self.now, "tester", "a test")
        self._numbers = count(1)
        self.disk = self.row(schema.endpoint, name="disk", kind=EndpointKind.DISK.value)
        self.tape = self.row(schema.endpoint, name="tape", kind=EndpointKind.TAPE.value)
        self.dataset = self.new_dataset("2016/W14", DatasetState.CLOSED)
        self.task = self.new_task("P08")

    def row(self, table: Table, **values: Any) -> int:
        """Any row of a table that has ids."""
        key = int(self.conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())
        if table.name in COUNTED:
            tally.put_in(self.conn, COUNTED[table.name], [key])
        return key

    def set(self, table: Table, key: int, **values: Any) -> None:
        """Change a row behind the back of the program."""
        if table.name in COUNTED:
            tally.taken_out(self.conn, COUNTED[table.name], [key])
        self.conn.execute(update(table).where(table.c.id == key).values(**values))
        if table.name in COUNTED:
            tally.put_in(self.conn, COUNTED[table.name], [key])

    def get(self, table: Table, key: int) -> Any:
        return self.conn.execute(select(table).where(table.c.id == key)).one()

    def history(self, noun: str, key: int) -> list[Any]:
        """The history rows of a thing, in order."""
        table = schema.history
        query = select(table).where(schema.tells_of(noun, key)).order_by(table.c.id)
        return list(self.conn.execute(query))

    # ---------------------------------------------------------------------- nouns
    def new_dataset(self, name: str, state: DatasetState = DatasetState.OPEN) -> int:
        return self.row(schema.dataset, name=name, state=state.value, since=self.now)

    def new_task(self, name: str) -> int:
        return self.row(schema.task, name=name, dataset_id=self.dataset, definition="{}", defined_at=self.now)

    def file(self, role: Role = Role.RAW, *, run: int = RUN, product: str = "raw", dataset: int = 0) -> int:
        number = next(self._numbers)
        return self.row(
            schema.file,
            directory_id=directories.ensure(self.conn, [f"/made/by/hand/{product}/"])[
                f"/made/by/hand/{product}/"
            ],
            name=str(number),
            dataset_id=dataset or self.dataset,
            role=role.value,
            product=product,
            run=run,
            chunk="" if role is Role.FINAL else f"{number:05d}",
            size=1000,
            adler32=number,
            registered_at=self.now,
        )

    def replica(
        self,
        file: int,
        endpoint: int,
        state: ReplicaState = ReplicaState.AVAILABLE,
        *,
        since: datetime | None = None,
        next_try_at: datetime | None = None,
    ) -> int:
        return self.row(
            schema.replica,
            file_id=file,
            endpoint_id=endpoint,
            path=f"/{file}",
            state=state.value,
            since=since or self.now,
            verified_at=self.now,
            next_try_at=next_try_at or self.now,
        )

    def pin(self, replica: int, state: PinState = PinState.ACTIVE) -> int:
        until = self.now + timedelta(days=1)
        return self.row(
            schema.pin, replica_id=replica, state=state.value, since=self.now, token="t", until=until
        )

    def campaign(self, name: str = "dvcs") -> int:
        """A campaign at the tape endpoint, open."""
        known = self.conn.execute(
            select(schema_recall.campaign.c.id).where(schema_recall.campaign.c.name == name)
        ).scalar()
        return known or self.row(
            schema_recall.campaign,
            name=name,
            endpoint_id=self.tape,
            production=name,
            priority=3,
            state="OPEN",
            since=self.now,
            created_at=self.now,
            owner="shift",
        )

    def removal(self) -> int:
        """A plan of removal with no line in it."""
        return self.row(
            schema_release.removal,
            state="PLANNED",
            since=self.now,
            hash="0",
            scope="everything",
            ground="merged",
            made_by="shift",
            made_at=self.now,
            files=0,
            size=0,
        )

    def scan(self) -> int:
        """A scan of the disk endpoint that has just begun."""
        return self.row(
            schema_scans.scan,
            endpoint_id=self.disk,
            root="/",
            source="listing",
            state="GOING",
            since=self.now,
            directory="scan-000001",
            catalogue_at=self.now,
            begun_at=self.now,
            ended_at=self.now,
            made_at=self.now,
            made_by="shift",
        )

    def comparison(self) -> int:
        """A comparison that has just begun."""
        return self.row(
            schema_comparisons.comparison,
            state="GOING",
            since=self.now,
            made_at=self.now,
            made_by="shift",
            directory="comparison-000001",
            after_at=self.now,
        )

    def verification(self) -> int:
        """A round that verifies all of the disk endpoint and has just begun."""
        return self.row(
            schema_verifying.verification,
            endpoint_id=self.disk,
            state="GOING",
            since=self.now,
            how="asked",
            scope="everything",
            before=self.now,
            listed=False,
            fraction=1.0,
            files=0,
            size=0,
            made_by="shift",
            made_at=self.now,
        )

    def repair(self) -> int:
        """A plan of repair with no line in it, signed, so that it may be in any state."""
        return self.row(
            schema_repairs.repair,
            state="PLANNED",
            since=self.now,
            comparison_id=self.comparison(),
            directory="plan-000001",
            made_by="shift",
            made_at=self.now,
            proposed="0",
            proposals=0,
            signed_by="shift",
            signed_at=self.now,
            sha256="0",
        )

    def lease(self, replica: int, state: LeaseState = LeaseState.WANTED, campaign: str = "dvcs") -> int:
        return self.row(
            schema_recall.lease,
            campaign_id=self.campaign(campaign),
            replica_id=replica,
            state=state.value,
            since=self.now,
        )

    def item(
        self, replica: int, kind: RequestKind = RequestKind.STAGE, state: ItemState = ItemState.QUEUED
    ) -> int:
        return self.row(
            schema.item,
            kind=kind.value,
            endpoint_id=self.get(schema.replica, replica).endpoint_id,
            replica_id=replica,
            state=state.value,
            since=self.now,
            next_try_at=self.now,
        )

    def job(
        self,
        inputs: Sequence[int],
        state: JobState = JobState.WAITING,
        *,
        task: int = 0,
        group: int | None = None,
        run: int = RUN,
        next_try_at: datetime | None = None,
    ) -> int:
        """A job with its inputs; a merge job when a group is given."""
        job = self.row(
            schema.job,
            task_id=task or self.task,
            kind=(JobKind.PROCESS if group is None else JobKind.MERGE).value,
            run=run,
            chunk="",
            merge_group_id=group,
            state=state.value,
            since=self.now,
            next_try_at=next_try_at or self.now,
        )
        rows = [{"job_id": job, "position": n, "file_id": file} for n, file in enumerate(inputs)]
        if rows:
            self.conn.execute(insert(schema.job_input), rows)
        return job

    def group(
        self,
        members: Sequence[int],
        state: GroupState,
        output: int | None = None,
        *,
        part: int = 0,
        product: str = "mDST",
        run: int = RUN,
        live: bool = True,
    ) -> int:
        group = self.row(
            schema.group,
            task_id=self.task,
            run=run,
            product=product,
            part=part,
            state=state.value,
            since=self.now,
            plan="p",
            lfn=f"/made/by/hand/{product}-{run}.{part}",
            expected_size=1000,
            output_id=output,
        )
        rows = [
            {"group_id": group, "position": n, "file_id": file, "live": live}
            for n, file in enumerate(members)
        ]
        if rows:
            self.conn.execute(insert(schema.member), rows)
        return group

    def check(self, state: CheckState = CheckState.PASSED, *, product: str = "mDST", run: int = RUN) -> int:
        return self.row(
            schema.check, task_id=self.task, run=run, product=product, state=state.value, since=self.now
        )

    def gap(self, file: int) -> int:
        return self.row(
            schema.gap,
            task_id=self.task,
            file_id=file,
            reason="tape lost",
            approver="shift leader",
            registered_at=self.now,
        )

    def events(self, file: int, witness: Witness, n: int) -> None:
        values = {"file_id": file, "witness": witness.value, "n_events": n}
        tally.taken_out(self.conn, "file", [file])
        self.conn.execute(insert(schema.event_count).values(**values, said_at=self.now, said_by="tester"))
        tally.put_in(self.conn, "file", [file])

    def event_range(self, file: int, start: int = 0, stop: int = 10) -> int:
        return self.row(
            schema_events.event_range,
            task_id=self.task,
            file_id=file,
            start=start,
            stop=stop,
            state="PLANNED",
            since=self.now,
            job_id=self.job([file], JobState.RUNNING),
            process="node1:1",
        )

    def ask(self, file: int, source: str = "raw") -> int:
        return self.row(
            schema_events.event_ask,
            file_id=file,
            source=source,
            state="WAITING",
            since=self.now,
            next_try_at=self.now,
        )

    def evidence(self, replica: int, *ages: timedelta) -> None:
        """Evidence of grade B as old as these, of a copy that is AVAILABLE since the first of it."""
        row = self.get(schema.replica, replica)
        file = self.get(schema.file, row.file_id)
        self.set(schema.replica, replica, since=self.now - max(ages))
        taken = [
            (replica, Piece(Grade.B, self.now - age, "tape", "service", "", file.size, Adler32(file.adler32)))
            for age in ages
        ]
        evidence.record(self.conn, taken)

    def certify(self, replica: int) -> None:
        """A delete certificate of this replica."""
        certificate = self.row(schema.certificate, seal=f"seal {replica}", body="{}", issued_at=self.now)
        self.conn.execute(insert(schema.certified).values(replica_id=replica, certificate_id=certificate))

    def archived(self, *, part: int = 0) -> Archived:
        """All is well with a product: merged, cross-checked, on tape; its input may go."""
        member = self.file(Role.INTERMEDIATE, product="mDST")
        output = self.file(Role.FINAL, product="mDST")
        replica, tape = self.replica(member, self.disk), self.replica(output, self.tape)
        group = self.group([member], GroupState.ARCHIVED, output, part=part)
        self.conn.execute(insert(schema.parent).values(file_id=output, parent_id=member))
        for file in (member, output):
            self.events(file, Witness.READ, 10)
        self.evidence(tape, timedelta(days=2), timedelta(hours=1))
        checks = select(schema.check.c.id).where(schema.check.c.product == "mDST")
        check = self.conn.execute(checks).scalar() or self.check()
        return Archived(member, replica, output, tape, group, check)
