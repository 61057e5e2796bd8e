"""The names of COMPASS and AMBER as templates: the configuration template and the tests share this table.

Constants: ``{eos}`` disk, ``{tape}`` archive, ``{logs}`` archive of logs; each ends with a slash.
``{path}`` ends with a slash or is empty; ``{soft}`` is the production's software directory.
"""

from __future__ import annotations

from collections.abc import Mapping

CASTOR: Mapping[str, str] = {
    "eos": "/eos/experiment/compass/",
    "tape": "/castor/cern.ch/compass/",
    "logs": "/castor/cern.ch/user/n/na58dst1/prodlogs/",
}
"""The constants of the experiment until 2021."""

COMPASS: Mapping[str, str] = {
    # raw data
    "raw.name": "cdr{chunk}-{run}.raw",
    "raw.dir": "{tape}data/{year}/raw/{rawperiod}/",
    "raw.dir.2001": "{tape}data/{year}/raw_migration/{rawperiod}/{tens}/",
    # mDST
    "mdst.chunk.name": "mDST-{run}-{chunk}-{slot}-{phast}.root",
    "mdst.chunk.dir": "{eos}{path}{soft}/mDST.chunks/",
    "mdst.merged.name": "mDST-{run}-{slot}-{phast}.root{part}",
    "mdst.merged.dir": "{eos}{path}{soft}/mDST/",
    "mdst.archive.dir": "{tape}{path}{soft}/mDST/",
    "mdst.archive.dir.mass": "{tape}{path}oracle_dst/{soft}/mDST/",
    "mdst.merged.name.amber": "mDST-{run}.root{part}",
    # histograms
    "hist.chunk.name": "{run}-{chunk}-{slot}.root",
    "hist.chunk.dir": "{eos}{path}{soft}/TRAFDIC/",
    "hist.merged.name": "histsum-{run}-{slot}-{phast}.root{part}",
    "hist.merged.dir": "{eos}{path}{soft}/histos/",
    "hist.archive.dir": "{tape}{path}{soft}/histos/",
    "hist.archive.dir.mass": "{tape}{path}oracle_dst/{soft}/histos/",
    # event dumps
    "dump.chunk.name": "evtdump{slot}-{chunk}-{run}.raw",
    "dump.chunk.dir": "{eos}{path}{soft}/evtdump/slot{slot}/",
    "dump.merged.name": "evtdump{slot}-{run}.raw{part}",
    "dump.merged.dir": "{eos}{path}{soft}/mergedDump/slot{slot}/",
    "dump.archive.dir": "{tape}{path}{soft}/mergedDump/slot{slot}/",
    "dump.archive.dir.mass": "{tape}{path}oracle_dst/{soft}/mergedDump/slot{slot}/",
    # other outputs of a reconstruction job, and the layout of the years before
    "gfile.name": "gfile_{run}-{chunk}.gfile",
    "dst.name": "cdr{chunk}-{run}.dst{slot}",
    "dst.dir": "{tape}data/{year}/oracle_dst/{period}/{tens}/slot{slot}/",
    "hist.merged.name.coral": "histsum-{run}-{slot}.root",
    # Monte Carlo
    "mcgen.settings.name": "mcr{chunk:05d}-{run}.xml",
    "mcgen.settings.dir": "{eos}mc/{path}{soft}/xmls/",
    "mcgen.name": "mcr{chunk:05d}-{run}_run000.tgeant",
    "mcgen.dir": "{eos}mc/{path}{soft}/mcgen/",
    "mcgen.archive.dir": "{tape}mc_prod/CERN/{year}/{period}/{soft}/mcgen/",
    "mcreco.mdst.archive.dir": "{tape}mc_prod/CERN/{year}/{period}/{soft}/mcreco/mDST/",
    "mcreco.hist.archive.dir": "{tape}mc_prod/CERN/{year}/{period}/{soft}/mcreco/histos/",
    # logs
    "log.dir": "{eos}{path}{soft}/logFiles/",
    "log.stdout.name": "{prod}.{run}-{chunk}-{slot}.stdout.gz",
    "log.stderr.name": "{prod}.{run}-{chunk}-{slot}.stderr.gz",
    "log.merge.stdout.name": "{prod}.merge-{run}-ch{nnn}.stdout.gz",
    "log.merge.stderr.name": "{prod}.merge-{run}-ch{nnn}.stderr.gz",
    "log.hist.stdout.name": "{prod}.histsum-{run}-{slot}-{phast}.stdout.gz{part}",
    "log.pilot.dir": "{eos}generalprod/testcoral/PanDALogs/",
    "log.pilot.name": "{prod}-{run}-{chunk}-{slot}-{phast}.job.log.tgz",
    "log.pilot.merge.mdst.name": "{prod}-merge-mdst-{run}-ch{nnn}.job.log.tgz",
    "log.pilot.merge.dump.name": "{prod}-merge-dump-{run}-ch{nnn}.job.log.tgz",
    "log.pilot.merge.hist.name": "{prod}-merge-hist-{run}-{slot}-{phast}-ch{nnn}.job.log.tgz",
    "log.run.name": "{prod}.{run}.tar",
    "log.archive.test": "{logs}testproductions/{soft}_logFiles.tarz",
    "log.archive.mass": "{logs}{year}/{prod}_logFiles.tarz",
    "log.archive.mcgen": "{logs}mc_prod/gen/{soft}_logFiles.tarz",
    "log.archive.mcreco": "{logs}mc_prod/reco/{soft}_logFiles.tarz",
    # the name of a job in the workload system
    "job.name": "{prod}-{year}--{run}-{chunk}-{slot}-{phast}-{jobid}-{attempt}",
}
"""Product and part of it -> template."""
