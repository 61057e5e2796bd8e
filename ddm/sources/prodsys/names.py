"""How a task of ProdSys calls its files, and where it keeps them: the templates of COMPASS, filled in.

An LFN is where a file is kept for good: merged files and generated ones are named by their place on tape,
per-chunk files by their place on disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from catalog.compass import CASTOR, COMPASS
from catalog.errors import BadName
from catalog.names import Template, check_lfn
from ddm.sources.prodsys.rows import TaskRow

MASS, GENERATION, RECONSTRUCTION, FILTERING = (
    "mass production",
    "MC generation",
    "MC reconstruction",
    "DDD filtering",
)
MDST, HIST, DUMP, MCGEN = "mDST", "hist", "evtdump", "mcgen"
MADE: Mapping[str, tuple[str, ...]] = {
    "test production": (MDST, HIST, DUMP),
    MASS: (MDST, HIST, DUMP),
    "technical production": (MDST, HIST, DUMP),
    FILTERING: (DUMP,),
    GENERATION: (MCGEN,),
    RECONSTRUCTION: (MDST, HIST),
}
"""Type of task → what its jobs make, beside logs."""

_KEYS = {MDST: "mdst", HIST: "hist", DUMP: "dump"}
_RAW_DIRS = ("data/{year}/raw/{rawperiod}/", "data/{year}/raw_migration/{rawperiod}/{tens}/")


@dataclass(frozen=True, slots=True)
class RawName:
    """What the LFN of a raw file says."""

    dataset: str
    run: int
    chunk: str


class RawNames:
    """Reads the LFNs of raw files below any of these homes on tape, and the names of generated files."""

    def __init__(self, homes: tuple[str, ...]) -> None:
        self._templates = [
            Template(home + directory + COMPASS["raw.name"]) for home in homes for directory in _RAW_DIRS
        ]
        self.base = Template(COMPASS["raw.name"])
        self.generated = Template(COMPASS["mcgen.name"])
        self.settings = Template(COMPASS["mcgen.settings.name"])

    def read(self, lfn: str) -> RawName:
        """Dataset, run and chunk. Raises BadName."""
        check_lfn(lfn)
        for template in self._templates:
            try:
                found = template.parse(lfn)
            except BadName:
                continue
            return RawName(f"{found['year']}/{found['rawperiod']}", int(found["run"]), str(found["chunk"]))
        raise BadName(f"{lfn!r} is not of the form {self._templates[0].text!r}", subject=lfn)


class ProductNames:
    """The names of one product of one task. Everything is checked when made; raises BadName."""

    def __init__(self, task: TaskRow, product: str, constants: Mapping[str, str]) -> None:
        key = _KEYS[product]
        simulated = task.type == RECONSTRUCTION
        home = f"mc/{task.path}" if simulated else task.path
        fields: dict[str, str | int] = {
            "slot": task.prodslt, "phast": task.phastver, "soft": task.soft, "path": home,
        }  # fmt: skip
        archive = f"{key}.archive.dir"
        if simulated:
            archive = f"mcreco.{key}.archive.dir"
            fields |= _year_and_period(task)
        elif task.type == MASS:
            archive += ".mass"

        def directory(name: str) -> str:
            return Template(COMPASS[name], constants).build(**fields)

        self.chunk_dir = directory(f"{key}.chunk.dir")
        self.merged_dir = directory(f"{key}.merged.dir")
        self.archive_dir = directory(archive)
        self._fields: dict[str, str | int] = {"slot": task.prodslt, "phast": task.phastver}
        self._chunk = COMPASS[f"{key}.chunk.name"]
        self._merged = Template(COMPASS[f"{key}.merged.name"])
        self.part = lru_cache(maxsize=4096)(self._part)

    def chunk(self, run: int, chunk: str) -> str:
        """The LFN of a per-chunk file, which is its path on disk.

        ProdSys keeps chunk numbers as integers: those below 10000 lost their zeros in the names it made.
        """
        template = _template(self._chunk) if chunk[0] != "0" else _without_zeros(self._chunk, int(chunk))
        return self.chunk_dir + template.build(run=run, chunk=chunk, **self._fields)

    def _part(self, run: int, part: int) -> tuple[str, str]:
        """The LFN of a merged file, which is its path on tape, and its path on disk. Remembers some."""
        name = self._merged.build(run=run, part=part, **self._fields)
        return self.archive_dir + name, self.merged_dir + name


_template = lru_cache(maxsize=32)(Template)


@lru_cache(maxsize=10_000)
def _without_zeros(text: str, chunk: int) -> Template:
    return Template(text.replace("{chunk}", str(chunk)))


class GeneratedNames:
    """The names of the generator files of one task. Raises BadName."""

    def __init__(self, task: TaskRow, constants: Mapping[str, str]) -> None:
        fields = {"soft": task.soft, "path": task.path, **_year_and_period(task)}
        self.disk_dir = Template(COMPASS["mcgen.dir"], constants).build(**fields)
        self.archive_dir = Template(COMPASS["mcgen.archive.dir"], constants).build(**fields)
        self._name = Template(COMPASS["mcgen.name"])

    def file(self, run: int, chunk: str) -> tuple[str, str]:
        """LFN, which is the path on tape, and path on disk."""
        name = self._name.build(run=run, chunk=chunk)
        return self.archive_dir + name, self.disk_dir + name


def _year_and_period(task: TaskRow) -> dict[str, str | int]:
    if task.year is None or task.period is None:
        raise BadName("the task has no year or no period, which its directories are named after")
    return {"year": task.year, "period": task.period}


def constants_of(names: Mapping[str, str]) -> dict[str, str]:
    """The homes on disk and tape: those of the configuration, else those of COMPASS until 2021."""
    return {key: names.get(key, CASTOR[key]) for key in ("eos", "tape")}


_PLAIN = re.compile(r"[^A-Za-z0-9_.+=@~-]")


def task_name(label: str, task: TaskRow) -> str:
    """The name of the task in the catalogue: names are not unique in ProdSys, numbers are."""
    return f"{label}/{task.id}/{_PLAIN.sub('_', task.name)[:200] or '_'}"
