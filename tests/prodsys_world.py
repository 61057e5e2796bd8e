"""A small ProdSys as it may look after some years: every type, every status, and its accidents.

``World`` holds rows; ``fill`` puts them into a MySQL database with the tables as Django made them, ``dump``
writes them as a dump without a server. ``experience`` is the world that the tests of the import share.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ddm.sources.prodsys.rows import JOBS, NEEDED, TASKS

NOW = "2018-06-01 12:00:00.000000"
RAW = "/castor/cern.ch/compass/data/2016/raw/W14/"
STATUSES = (
    "defined", "staging", "staged", "sent", "running", "failed", "paused", "cancelled", "finished",
    "manual check is needed",
)  # fmt: skip
MERGED = {"status_merging": "finished", "status_castor": "finished"}

TASK_TABLE = """CREATE TABLE `prodsys_task` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(300) NOT NULL,
  `type` varchar(50) NOT NULL,
  `site` varchar(50) NOT NULL,
  `home` varchar(300) NOT NULL,
  `path` varchar(300) NOT NULL,
  `soft` varchar(300) NOT NULL,
  `production` varchar(50) NOT NULL,
  `year` smallint(5) unsigned DEFAULT NULL,
  `period` varchar(50) DEFAULT NULL,
  `prodslt` int(11) NOT NULL,
  `phastver` int(11) NOT NULL,
  `template` varchar(50) NOT NULL,
  `files_source` varchar(50) NOT NULL,
  `filelist` longtext,
  `max_attempts` int(11) NOT NULL,
  `status` varchar(300) NOT NULL,
  `date_added` datetime(6) NOT NULL,
  `comment` longtext,
  `status_files_deleted` varchar(5) NOT NULL,
  `parent_task_id` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""

JOB_TABLE = """CREATE TABLE `prodsys_job` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `attempt` int(11) NOT NULL,
  `status` varchar(50) NOT NULL,
  `run_number` int(11) NOT NULL,
  `panda_id` bigint(20) NOT NULL,
  `date_added` datetime(6) NOT NULL,
  `date_updated` datetime(6) NOT NULL,
  `task_id` int(11) NOT NULL,
  `file` varchar(300) NOT NULL,
  `chunk_number` int(11) NOT NULL,
  `status_merging` varchar(50) DEFAULT NULL,
  `panda_id_merging_mdst` bigint(20) NOT NULL,
  `status_merging_mdst` varchar(50) DEFAULT NULL,
  `chunk_number_merging_mdst` int(11) NOT NULL,
  `status_castor_mdst` varchar(50) DEFAULT NULL,
  `status_x_check` varchar(50) NOT NULL,
  `status_merging_histos` varchar(50) DEFAULT NULL,
  `chunk_number_merging_histos` int(11) NOT NULL,
  `status_castor_histos` varchar(50) DEFAULT NULL,
  `status_merging_evntdmp` varchar(50) DEFAULT NULL,
  `chunk_number_merging_evntdmp` int(11) NOT NULL,
  `status_x_check_evntdmp` varchar(50) NOT NULL,
  `status_castor_evntdmp` varchar(50) DEFAULT NULL,
  `status_logs_deleted` varchar(5) NOT NULL,
  `number_of_events` int(11) NOT NULL,
  `number_of_events_attempt` int(11) NOT NULL,
  `status_castor_mcgen` varchar(50) DEFAULT NULL,
  `cta_request_id` varchar(50) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `prodsys_job_task_id_file_uniq` (`task_id`,`file`),
  KEY `prodsys_job_status` (`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""

OTHER_TABLE = "CREATE TABLE `auth_user` (`id` int(11) NOT NULL, `password` varchar(128), PRIMARY KEY (`id`))"

TASK: dict[str, Any] = {
    "type": "mass production", "site": "CERN_COMPASS_PROD", "home": "/cvmfs/compass.cern.ch/",
    "path": "data/2016/", "year": 2016, "period": "P08", "prodslt": 0, "phastver": 7,
    "template": "template_mu+.opt", "files_source": "files list", "filelist": "", "max_attempts": 5,
    "status": "running", "date_added": NOW, "comment": None, "status_files_deleted": "no",
    "parent_task_id": None,
}  # fmt: skip
JOB: dict[str, Any] = {
    "attempt": 1, "status": "finished", "panda_id": 4_000_000_000, "date_added": NOW, "date_updated": NOW,
    "status_merging": None, "panda_id_merging_mdst": 0, "status_merging_mdst": None,
    "chunk_number_merging_mdst": -1, "status_castor_mdst": None, "status_x_check": "no",
    "status_merging_histos": None, "chunk_number_merging_histos": -1, "status_castor_histos": None,
    "status_merging_evntdmp": None, "chunk_number_merging_evntdmp": -1, "status_x_check_evntdmp": "no",
    "status_castor_evntdmp": None, "status_logs_deleted": "no", "number_of_events": -1,
    "number_of_events_attempt": 0, "status_castor_mcgen": None, "cta_request_id": None,
}  # fmt: skip


def raw(run: int, chunk: int | str, home: str = RAW) -> str:
    return f"{home}cdr{chunk}-{run}.raw"


def merged(product: str, part: int, castor: str | None = "finished", check: str = "yes") -> dict[str, Any]:
    """The columns of a product that is merged into a part."""
    found = {
        f"status_merging_{product}": "finished",
        f"chunk_number_merging_{product}": part,
        f"status_castor_{product}": castor,
    }
    if product != "histos":
        found["status_x_check" + ("_evntdmp" if product == "evntdmp" else "")] = check
    return found


@dataclass
class World:
    """Rows of both tables, as dictionaries by column."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)

    def task(self, key: int, name: str, **over: Any) -> int:
        row = {"id": key, "name": name, "soft": name, "production": name.rpartition("_part")[0] or name}
        self.tasks.append({**TASK, **row, **over})
        return key

    def job(self, task: int, run: int, chunk: int, **over: Any) -> dict[str, Any]:
        row = {"id": len(self.jobs) + 1, "task_id": task, "run_number": run, "chunk_number": chunk}
        self.jobs.append({**JOB, "file": raw(run, chunk), **row, **over})
        return self.jobs[-1]

    # ---------------------------------------------------------------- sources
    @property
    def name(self) -> str:
        return "world"

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The world as a source of rows, without any file or server."""
        for row in {TASKS: self.tasks, JOBS: self.jobs}[table]:
            assert set(NEEDED[table]) <= row.keys()
            yield tuple(row.get(name) for name in wanted)

    def fill(self, server: Any, database: str) -> None:
        """Make the tables and insert the rows."""
        for table in (OTHER_TABLE, TASK_TABLE, JOB_TABLE):
            server.execute(table, database)
        server.execute("INSERT INTO auth_user VALUES (1, 'pbkdf2;''(x),\\n')", database)
        for table, rows in ((TASKS, self.tasks), (JOBS, self.jobs)):
            names = list(rows[0])
            marks = ", ".join(["%s"] * len(names))
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
            server.execute(statement, database, [tuple(row[name] for name in names) for row in rows])

    def dump(self, path: Path, rows_at_once: int = 500) -> Path:
        """A dump as mysqldump writes it, for tests without a server."""
        with gzip.open(path, "wt", 1) if path.suffix == ".gz" else open(path, "w") as file:
            file.write("-- MySQL dump 10.13\n/*!40101 SET NAMES utf8mb4 */;\n\n")
            for table, create, rows in ((JOBS, JOB_TABLE, self.jobs), (TASKS, TASK_TABLE, self.tasks)):
                file.write(f"DROP TABLE IF EXISTS `{table}`;\n{create};\nLOCK TABLES `{table}` WRITE;\n")
                names = re.findall(r"^  `(\w+)`", create, re.MULTILINE)
                for at in range(0, len(rows), rows_at_once):
                    block = [_literals(row, names) for row in rows[at : at + rows_at_once]]
                    file.write(f"INSERT INTO `{table}` VALUES {','.join(block)};\n")
                file.write("UNLOCK TABLES;\n")
            file.write("-- Dump completed on 2018-06-01 12:00:00\n")
        return path


def _literals(row: dict[str, Any], names: Sequence[str]) -> str:
    return "(" + ",".join(literal(row[name]) for name in names) + ")"


def literal(value: str | int | None) -> str:
    """A value as mysqldump writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    marks = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\0": "\\0", "\x1a": "\\Z"}
    return "'" + "".join(marks.get(letter, letter) for letter in value) + "'"


MERGE, DUMPED = ("mdst", "histos"), ("mdst", "histos", "evntdmp")


def experience() -> World:
    """Every type of task, every status, and the accidents that the import must survive. Ids are fixed."""
    world = World()
    lines = "\n".join(raw(275603, chunk) for chunk in range(11001, 11007))
    world.task(1, "dvcs2016P08t1_part1", status="archived", status_files_deleted="yes", filelist=lines)
    for chunk in range(11001, 11007):  # two parts of mDST, one of histograms; two empty dumps
        part = 0 if chunk < 11004 else 1
        empty = chunk in (11002, 11005)
        states = merged("mdst", part) | merged("histos", 0) | merged("evntdmp", -1 if empty else 0)
        world.job(1, 275603, chunk, number_of_events=1000 + chunk, **states)
    world.task(
        2, "test 2016/W14: \"mu+\" ¡π!", type="test production", soft="slot2test",
        path="generalprod/testcoral/", prodslt=2, files_source="runs list",
        filelist="275604\n275605 \n", comment="it's\na \\ test;\n'",
    )  # fmt: skip
    for at, status in enumerate(STATUSES):
        world.job(2, 275604, 11001 + at, status=status, attempt=at)
    world.task(3, "technical2016", type="technical production", status="done", soft="tech")
    for at, status in enumerate(STATUSES):
        done = merged("mdst", 0) | merged("histos", 0, None) if status == "finished" else {}
        world.job(3, 275606, 11001 + at, status=status, number_of_events=50 + at, **done)
    world.task(4, "ddd2016", type="DDD filtering", status="done", soft="ddd")
    for chunk in (11001, 11002):
        world.job(4, 275603, chunk, number_of_events=1000 + chunk, **merged("evntdmp", 0))
    world.task(
        5, "mcgen2016", type="MC generation", status="archived", soft="mcg", files_source="runs list",
        filelist="274495, 3",
    )  # fmt: skip
    for chunk in (1, 2, 3):
        file = f"/eos/experiment/compass/mc/data/2016/mcg/xmls/mcr{chunk:05d}-274495.xml"
        castor = "finished" if chunk < 3 else "ready"
        world.job(5, 274495, chunk, file=file, number_of_events=1000, status_castor_mcgen=castor)
    world.task(6, "mcreco2016", type="MC reconstruction", soft="mcr", parent_task_id=5)
    generated = "/castor/cern.ch/compass/mc_prod/CERN/2016/P08/mcg/mcgen/mcr%05d-274495_run000.tgeant"
    for chunk in (1, 2, 3):
        done = merged("mdst", 0) | merged("histos", 0, "sent")
        world.job(6, 274495, chunk, file=generated % chunk, number_of_events=1000, **done)
    world.task(7, "bw2016", site="BW_COMPASS_MCORE", soft="bw", status="done")
    centre = "/scratch/sciteam/criedl/2016/"
    world.job(7, 275603, 11001, file=raw(275603, 11001, centre), number_of_events=12001, **merged("mdst", 0))
    world.job(7, 275603, 11002, file=raw(275603, 11002, centre), **merged("mdst", 0, "ready"))
    world.job(7, 299999, 11002, file=raw(299999, 11002, centre))
    _accidents(world)
    return world


def _accidents(world: World) -> None:
    world.task(8, "dvcs2016P08t1_part2", soft="dvcs2016P08t1_part1")  # writes to the directories of task 1
    world.job(8, 275603, 11001, number_of_events=7, **merged("mdst", 0))
    world.task(9, "scrambled", period="P02")
    world.job(9, 275610, 11001, number_of_events=333)
    world.task(10, "nonsense", type="calibration")
    world.task(11, "nonsense2", status="finished")
    world.job(10, 275611, 11001)
    world.task(12, "no slash", path="data/2016", soft="noslash")
    world.job(12, 275612, 11001)
    world.task(13, "draft", status="draft", files_source="runs list", filelist="275999")
    world.task(14, "waits", soft="waits")
    for chunk in (11001, 11002):
        world.job(14, 275614, chunk, **merged("mdst", 0, None, "manual check is needed"))
    world.task(15, "lostdumps", status="archived", status_files_deleted="yes")
    done = merged("mdst", 0) | merged("histos", 0)
    world.job(15, 275615, 11001, **done, **merged("evntdmp", 0, "ready"))
    world.job(15, 275615, 11002, **done)  # its dump is in no merged file
    world.task(16, "oddities", soft="odd")
    odd = "/castor/cern.ch/compass/data/2016/raw/W14/"
    world.job(16, 275616, 11001, number_of_events=0)
    world.job(16, 275616, 11002, number_of_events=-5)
    world.job(16, 275616, 11003, status="merging")
    world.job(16, 275616, 11004, status_merging_mdst="lost", status_castor_mdst="?")
    world.job(16, 275616, 11005, chunk_number=0)
    world.job(16, 275616, 11006, run_number=0)
    world.job(16, 275616, 0, file=odd + "cdr09001-275616.raw", chunk_number=9001)
    world.job(16, 275616, 11008, file=odd + "../W14/cdr11008-275616.raw")
    world.job(16, 275616, 11009, file="castor/cdr11009-275616.raw")
    world.job(16, 275616, 11010, file=odd + "cdr11010-275616.dat")
    world.job(16, 275616, 11011, file=odd + "cdr11011-275616.raw\x07")
    world.job(16, 275616, 11012, file="")
    world.job(16, 275616, 11013, file=raw(275616, 11001, "/castor/cern.ch/compass/data/2016/raw/W15/"))
    world.job(16, 275616, 11014, status_merging_mdst="finished")
    world.job(99, 275616, 11015)
    world.task(17, "twoparts", soft="twoparts")  # part 1 is missing, one chunk was sent again
    for at, part in enumerate((0, 0, 2, -1)):
        states = merged("mdst", part, None) if part >= 0 else {"status_merging_mdst": "ready"}
        world.job(17, 275617, 11001 + at, **states)
