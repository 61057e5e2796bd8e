"""Accident 9: the run number was cut out of a name between the first "." and ".tar".

There: a production whose name has dots (``transv2022W08t4.0``) gave another run number, and the repair of its
logs took the wrong files or none. Here a name is built and read by one template (``catalog.names``): fields
have kinds, a name that could be read in two ways is refused when the configuration is read, and nothing else
in the program takes a name apart; the run is a column.

Seen to fail: with a production cut at its first dot where names are read (``names.Template.parse``), what is
read back of the names is not what they were built of.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from catalog.names import Template
from ddm import config
from ddm.errors import ConfigError
from tests.accidents.experiment import DAY, RUN, Experiment, toml

NAMES = [
    "transv2022W08t4.0",
    "t.1.2.3",
    f"v.{RUN + 1}",
    f"{RUN + 1}",
    f"a-{RUN + 1}-11001-0",
    "a.tar",
    "x.zip",
]


@pytest.mark.parametrize("production", NAMES)
def test_09_what_is_built_of_a_name_is_read_back_of_it_or_refused_at_once(
    tmp_path: Path, production: str
) -> None:
    file = tmp_path / "ddm.toml"
    file.write_text(toml({"P08": {"production": production}}))
    try:
        settings = config.load(file, {})
    except ConfigError:
        return
    logs = settings.products["logs"]
    for text in (logs.chunk_dir + logs.chunk_name, logs.archive_dir + logs.merged_name):
        template = Template(text, settings.names)
        fields = {"run": RUN, "chunk": "11001", "part": 0, "slot": 0, "prod": production}
        fields |= {"path": "data/2016/", "soft": "s1", "phast": 7}
        built = template.lfn(**{key: value for key, value in fields.items() if key in template.fields})
        read = template.parse(built)
        assert read is None or (read["run"], read["prod"]) == (RUN, production)


def test_09_the_logs_of_a_production_with_dots_are_archived_and_repaired_under_their_run(
    tmp_path: Path,
) -> None:
    production = "transv2022W08t4.0"
    experiment = Experiment(tmp_path / "e", {"P08": {"production": production}})
    experiment.register(experiment.take_data() + experiment.take_data(run=RUN + 1, first=12_001))
    lost = experiment.runner._do

    def corrupt_once(manifest):  # type: ignore[no-untyped-def]
        ended = lost(manifest)
        for output in ended.report.outputs if ended.report and not spoilt else ():
            if manifest.kind == "merge" and str(RUN) in output.lfn and "logFiles" in output.lfn:
                path = Path(output.url.removeprefix("file://"))
                spoilt.append(path)
                path.write_bytes(b"spoilt by the disk")
        return ended

    spoilt: list[Path] = []
    experiment.runner._do = corrupt_once  # type: ignore[method-assign]
    experiment.go(2 * DAY)
    assert len(spoilt) == 1
    (group,) = experiment.asked(f"SELECT id FROM merge_group WHERE run = {RUN} AND product = 'logs'")
    experiment.good("merge", "again", group[0], "--reason", "the disk was bad", "--yes")
    experiment.go()
    for run, chunks in ((RUN, (11_001, 11_002)), (RUN + 1, (12_001, 12_002))):
        (row,) = experiment.replicas(product="logs", role="final", run=run, endpoint="tape")
        assert row.state == "AVAILABLE"
        with zipfile.ZipFile(experiment.tape_file(row.path)) as archive:
            names = [name for name in archive.namelist() if name != "index.json"]
        assert names == [f"{production}.{run}-{chunk}-0.stdout.gz" for chunk in chunks]
    assert [text for text in experiment.kept() if "TRASHED" not in text] == []  # that is the spoilt one
