"""Golden cases: every literal name of the experiment, built and parsed; and what is refused."""

from __future__ import annotations

import pytest

from catalog.compass import CASTOR, COMPASS
from catalog.errors import BadName
from catalog.names import Template, check_lfn, join

AMBER = {**CASTOR, "eos": "/eos/experiment/amber/"}
TESTCORAL = "generalprod/testcoral/"

# template, values, name
GOLDEN = [
    ("raw.name", {"chunk": "12116", "run": 278485}, "cdr12116-278485.raw"),
    ("raw.name", {"chunk": "11091", "run": 275678}, "cdr11091-275678.raw"),
    ("raw.name", {"chunk": "22001", "run": 81883}, "cdr22001-81883.raw"),
    ("raw.name", {"chunk": "09001", "run": 81883}, "cdr09001-81883.raw"),
    ("raw.dir", {"year": 2017, "rawperiod": "W04"}, "/castor/cern.ch/compass/data/2017/raw/W04/"),
    ("raw.dir", {"year": 2003, "rawperiod": "P1A"}, "/castor/cern.ch/compass/data/2003/raw/P1A/"),
    ("raw.dir", {"year": 2002, "rawperiod": "T01"}, "/castor/cern.ch/compass/data/2002/raw/T01/"),
    (
        "raw.dir.2001",
        {"year": 2001, "rawperiod": "P1D", "tens": "07"},
        "/castor/cern.ch/compass/data/2001/raw_migration/P1D/07/",
    ),
    (
        "mdst.chunk.name",
        {"run": 275678, "chunk": "11091", "slot": 0, "phast": 7},
        "mDST-275678-11091-0-7.root",
    ),
    (
        "mdst.chunk.name",
        {"run": 81883, "chunk": "09001", "slot": 0, "phast": 7},
        "mDST-81883-09001-0-7.root",
    ),
    ("mdst.merged.name", {"run": 275678, "slot": 0, "phast": 7, "part": 0}, "mDST-275678-0-7.root"),
    ("mdst.merged.name", {"run": 275678, "slot": 0, "phast": 7, "part": 1}, "mDST-275678-0-7.root.001"),
    ("mdst.merged.name", {"run": 275678, "slot": 0, "phast": 7, "part": 999}, "mDST-275678-0-7.root.999"),
    ("mdst.merged.name", {"run": 275678, "slot": 0, "phast": 7, "part": 1000}, "mDST-275678-0-7.root.1000"),
    ("mdst.merged.name.amber", {"run": 300537, "part": 1}, "mDST-300537.root.001"),
    ("mdst.merged.name.amber", {"run": 304002, "part": 1}, "mDST-304002.root.001"),
    ("hist.chunk.name", {"run": 275678, "chunk": "11091", "slot": 0}, "275678-11091-0.root"),
    ("hist.merged.name", {"run": 275678, "slot": 0, "phast": 7, "part": 0}, "histsum-275678-0-7.root"),
    ("hist.merged.name", {"run": 274967, "slot": 0, "phast": 7, "part": 0}, "histsum-274967-0-7.root"),
    (
        "hist.archive.dir",
        {"path": TESTCORAL, "soft": "dvcs2016align2"},
        "/castor/cern.ch/compass/generalprod/testcoral/dvcs2016align2/histos/",
    ),
    ("hist.merged.name.coral", {"run": 81883, "slot": 1}, "histsum-81883-1.root"),
    ("dump.chunk.name", {"slot": 0, "chunk": "11091", "run": 275678}, "evtdump0-11091-275678.raw"),
    ("dump.merged.name", {"slot": 0, "run": 275678, "part": 0}, "evtdump0-275678.raw"),
    ("dump.merged.name", {"slot": 0, "run": 275678, "part": 2}, "evtdump0-275678.raw.002"),
    (
        "dump.archive.dir.mass",
        {"path": "data/2016/", "soft": "P08t2.1", "slot": 0},
        "/castor/cern.ch/compass/data/2016/oracle_dst/P08t2.1/mergedDump/slot0/",
    ),
    ("gfile.name", {"run": 275678, "chunk": "11091"}, "gfile_275678-11091.gfile"),
    ("dst.name", {"chunk": "22001", "run": 81883, "slot": 1}, "cdr22001-81883.dst1"),
    ("mcgen.settings.name", {"chunk": "00001", "run": 275678}, "mcr00001-275678.xml"),
    ("mcgen.name", {"chunk": "00001", "run": 275678}, "mcr00001-275678_run000.tgeant"),
    (
        "log.stdout.name",
        {"prod": "transv2022W08t4.0", "run": 297001, "chunk": "11001", "slot": 0},
        "transv2022W08t4.0.297001-11001-0.stdout.gz",
    ),
    (
        "log.stderr.name",
        {"prod": "dvcs2016P09", "run": 275678, "chunk": "11091", "slot": 0},
        "dvcs2016P09.275678-11091-0.stderr.gz",
    ),
    (
        "log.merge.stdout.name",
        {"prod": "transv2022W08t4.0", "run": 297001, "nnn": 0},
        "transv2022W08t4.0.merge-297001-ch000.stdout.gz",
    ),
    (
        "log.hist.stdout.name",
        {"prod": "dvcs2016P09", "run": 275678, "slot": 0, "phast": 7, "part": 1},
        "dvcs2016P09.histsum-275678-0-7.stdout.gz.001",
    ),
    (
        "log.pilot.name",
        {"prod": "dvcs2016P09-t2", "run": 275678, "chunk": "11091", "slot": 0, "phast": 7},
        "dvcs2016P09-t2-275678-11091-0-7.job.log.tgz",
    ),
    (
        "log.pilot.merge.mdst.name",
        {"prod": "dvcs2016P09", "run": 275678, "nnn": 12},
        "dvcs2016P09-merge-mdst-275678-ch012.job.log.tgz",
    ),
    (
        "log.pilot.merge.hist.name",
        {"prod": "dvcs2016P09", "run": 275678, "slot": 0, "phast": 7, "nnn": 0},
        "dvcs2016P09-merge-hist-275678-0-7-ch000.job.log.tgz",
    ),
    ("log.run.name", {"prod": "transv2022W08t4.0", "run": 297001}, "transv2022W08t4.0.297001.tar"),
    (
        "log.archive.mass",
        {"year": 2016, "prod": "dvcs2016P09t2"},
        "/castor/cern.ch/user/n/na58dst1/prodlogs/2016/dvcs2016P09t2_logFiles.tarz",
    ),
    (
        "job.name",
        {
            "prod": "dvcs2016P09",
            "year": 2016,
            "run": 275678,
            "chunk": "11091",
            "slot": 0,
            "phast": 7,
            "jobid": 4211,
            "attempt": 1,
        },
        "dvcs2016P09-2016--275678-11091-0-7-4211-1",
    ),
]


@pytest.mark.parametrize(("key", "values", "name"), GOLDEN, ids=[name for _, _, name in GOLDEN])
def test_the_names_of_the_experiment_are_built_and_read(key, values, name):
    template = Template(COMPASS[key], CASTOR)
    assert template.build(**values) == name
    assert template.parse(name) == values


WHOLE = [
    (
        ("raw.dir", "raw.name"),
        CASTOR,
        {"year": 2017, "rawperiod": "W04", "chunk": "12116", "run": 278485},
        "/castor/cern.ch/compass/data/2017/raw/W04/cdr12116-278485.raw",
    ),
    (
        ("raw.dir", "raw.name"),
        CASTOR,
        {"year": 2016, "rawperiod": "W14", "chunk": "11091", "run": 275678},
        "/castor/cern.ch/compass/data/2016/raw/W14/cdr11091-275678.raw",
    ),
    (
        ("raw.dir", "raw.name"),
        CASTOR,
        {"year": 2009, "rawperiod": "W45", "chunk": "22001", "run": 81883},
        "/castor/cern.ch/compass/data/2009/raw/W45/cdr22001-81883.raw",
    ),
    (
        ("hist.archive.dir", "hist.merged.name"),
        CASTOR,
        {"path": TESTCORAL, "soft": "dvcs2016align2", "run": 274967, "slot": 0, "phast": 7, "part": 0},
        "/castor/cern.ch/compass/generalprod/testcoral/dvcs2016align2/histos/histsum-274967-0-7.root",
    ),
    (
        ("mdst.merged.dir", "mdst.merged.name.amber"),
        AMBER,
        {
            "path": "pbar/common/data23/RD/productions/",
            "soft": "W01t0.8rich1.6",
            "run": 300537,
            "part": 1,
        },
        "/eos/experiment/amber/pbar/common/data23/RD/productions/W01t0.8rich1.6/mDST/mDST-300537.root.001",
    ),
    (
        ("dump.chunk.dir", "dump.chunk.name"),
        CASTOR,
        {"path": TESTCORAL, "soft": "transv2022W08t4.0", "slot": 0, "chunk": "11001", "run": 297001},
        "/eos/experiment/compass/generalprod/testcoral/transv2022W08t4.0/evtdump/slot0/evtdump0-11001-297001.raw",
    ),
]


@pytest.mark.parametrize(("keys", "constants", "values", "lfn"), WHOLE, ids=[case[3] for case in WHOLE])
def test_directory_and_name_make_an_lfn_and_come_back(keys, constants, values, lfn):
    template = Template(join(*(COMPASS[key] for key in keys)), constants)
    assert template.lfn(**values) == lfn
    assert template.parse(lfn) == values


def test_the_mass_template_has_no_double_slash():
    # In the predecessor the path ended in a slash and the insert began with one.
    text = join("{tape}{path}", "/oracle_dst/{soft}/", "/mDST/", COMPASS["mdst.merged.name"])
    values = {"path": "data/2016/", "soft": "P08t2", "run": 275678, "slot": 0, "phast": 7, "part": 0}
    lfn = Template(text, CASTOR).lfn(**values)
    assert lfn == "/castor/cern.ch/compass/data/2016/oracle_dst/P08t2/mDST/mDST-275678-0-7.root"
    assert (
        Template(text, CASTOR).lfn(**{**values, "path": ""}).startswith("/castor/cern.ch/compass/oracle_dst/")
    )


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("/a/", "/b/", "c"), "/a/b/c"),
        (("/a", "b"), "/a/b"),
        (("/a/", "", "b/"), "/a/b/"),
        (("", "/a"), "/a"),
        (("{tape}{path}", "/x/"), "{tape}{path}x/"),
        ((), ""),
    ],
)
def test_join_puts_one_slash_at_each_border(parts, whole):
    assert join(*parts) == whole


def test_join_refuses_a_double_slash_inside_a_part():
    with pytest.raises(BadName, match="'//'"):
        join("/a", "b//c")


GOOD_LFNS = [
    "/a",
    "/castor/cern.ch/compass/data/2017/raw/W04/cdr12116-278485.raw",
    "/a b/…/.hidden/..x",
    "/" + "a" * 1023,
]


@pytest.mark.parametrize("text", GOOD_LFNS, ids=lambda text: text[:30])
def test_plain_absolute_paths_are_lfns(text):
    assert check_lfn(text) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begin with '/'"),
        ("a/b", "begin with '/'"),
        ("/", "ends with '/'"),
        ("/a/", "ends with '/'"),
        ("/a//b", "'//'"),
        ("//a", "'//'"),
        ("/a/../b", "'..'"),
        ("/..", "'..'"),
        ("/a/./b", "'..'"),
        ("/a/.", "'..'"),
        ("/a\n", "control character"),
        ("/a\nb", "control character"),
        ("/a\x00", "control character"),
        ("/a\x7f", "control character"),
        ("/a\x85b", "control character"),
        ("/a\u2028b", "line break"),
        ("/a\ud800", "half a character"),
        ("/a ", "space"),
        ("/ a", "space"),
        (" /a", "begin with '/'"),
        ("/a /b", "space"),
        ("/" + "a" * 1024, "longer than 1024 bytes"),
        ("/" + "é" * 512, "longer than 1024 bytes"),
    ],
)
def test_other_paths_are_refused_with_a_reason(text, why):
    with pytest.raises(BadName, match=why):
        check_lfn(text)


MERGED = Template(COMPASS["mdst.merged.name"])
CHUNK = Template(COMPASS["mdst.chunk.name"])


@pytest.mark.parametrize(
    "name",
    [
        "mDST-275678-0-7.root.000",  # part 0 has no suffix
        "mDST-275678-0-7.root.1",
        "mDST-275678-0-7.root.01",
        "mDST-275678-0-7.root.0001",
        "mDST-275678-0-7.001.root",
        "mDST-275678-0-7.root.001\n",
        "mDST-0275678-0-7.root",
        "mDST-275678-00-7.root",
        "mDST-275678-0-07.root",
        "mDST-2756-0-7.root",
        "mDST-275678-0--7.root",
        "mDST-275678-11091-0-7.root",
        "mDST-٢٧٥٦٧٨-0-7.root",  # digits of another script
        "xmDST-275678-0-7.root",
        "/mDST-275678-0-7.root",
        "",
    ],
)
def test_names_that_build_would_not_print_are_not_read(name):
    with pytest.raises(BadName):
        MERGED.parse(name)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"chunk": 9001}, "chunk must be text of 5 digits"),
        ({"chunk": "9001"}, "chunk must be text of 5 digits"),
        ({"chunk": "09001\n"}, "chunk must be"),
        ({"run": "275678"}, "run must be a run number"),
        ({"run": 27567}, None),
        ({"run": 2756}, "run must be"),
        ({"run": -275678}, "run must be"),
        ({"run": True}, "run must be"),
        ({"run": 275678.0}, "run must be"),
        ({"slot": -1}, "slot must be"),
        ({"slot": 1000}, "slot must be"),
        ({"phst": 7}, "no such field: phst"),
    ],
)
def test_values_outside_the_vocabulary_are_refused(values, why):
    given = {"run": 275678, "chunk": "11091", "slot": 0, "phast": 7, **values}
    if why is None:
        assert CHUNK.parse(CHUNK.build(**given)) == given
        return
    with pytest.raises(BadName, match=why):
        CHUNK.build(**given)


def test_a_missing_field_is_named_and_an_unused_one_is_ignored():
    with pytest.raises(BadName, match="needs phast"):
        CHUNK.build(run=275678, chunk="11091", slot=0)
    assert (
        MERGED.build(run=275678, chunk="11091", slot=0, phast=7, part=0, year=2016) == "mDST-275678-0-7.root"
    )


@pytest.mark.parametrize(
    "soft", ["..", ".", "", "a/b", "../a", "a b", "a\n", "a\x00", "-rf", ".x", "é", "*", "a?b"]
)
def test_free_text_cannot_leave_its_directory_or_surprise_a_shell(soft):
    with pytest.raises(BadName, match="soft must be"):
        Template("{eos}{soft}/mDST/", CASTOR).build(soft=soft)


@pytest.mark.parametrize("path", ["a", "/a/", "../", "a/../b/", "a//", "./", "a/ /", "a\n/"])
def test_a_path_is_directories_each_with_its_slash(path):
    with pytest.raises(BadName, match="path must be"):
        Template("/eos/{path}x").build(path=path)


def test_a_production_that_would_be_read_back_differently_is_refused():
    template = Template("{prod}.001{part}")
    assert template.parse(template.build(prod="a", part=0)) == {"prod": "a", "part": 0}
    with pytest.raises(BadName, match="two ways"):
        template.build(prod="a.001", part=0)
    with pytest.raises(BadName, match="two ways"):
        template.parse("a.001.001")


def test_a_field_that_stands_twice_must_hold_the_same():
    template = Template(join(COMPASS["dump.chunk.dir"], COMPASS["dump.chunk.name"]), CASTOR)
    lfn = template.lfn(path="p/", soft="s", slot=2, chunk="11091", run=275678)
    with pytest.raises(BadName, match="not of the form"):
        template.parse(lfn.replace("slot2", "slot1"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("{colour}.root", "unknown field {colour}"),
        ("{eos}x", "unknown field {eos}"),
        ("{slot}{phast}", "nothing between"),
        ("{run}{chunk}.raw", "nothing between"),
        ("{prod}{run}", "nothing between"),
        ("{soft}{part}", "nothing between"),
        ("{prod}-{soft}.root", "both are free text"),
        ("{prod}.{run}.{soft}", "both are free text"),
        ("{slot}0{phast}", "followed by '0'"),
        ("{period}x.root", "followed by 'x'"),
        ("{part}.root", "beginning of a component"),
        ("a/{part}", "beginning of a component"),
        ("a/{path}{part}", "beginning of a component"),
        ("a{part}.root", "followed by '.'"),
        ("{path}/x", "slash after"),
        ("x{path}y", "middle of a component"),
        ("{run}{path}y", "right after"),
        ("a//b", "'//'"),
        ("a/../{run}", "'..' as a component"),
        ("{path}./{run}", "'..' as a component"),
        ("a {run}", "space"),
        ("a\n{run}", "control character"),
        ("{run", "brace"),
        ("run}", "brace"),
        ("{}", "brace"),
        ("{run:06d}", "takes no format"),
        ("{part:03d}", "takes no format"),
        ("{chunk:d}", "takes no format"),
    ],
)
def test_templates_that_cannot_be_read_back_are_refused_when_made(text, why):
    with pytest.raises(BadName, match=why):
        Template(text)


def test_constants_are_checked_like_the_text_they_stand_in():
    with pytest.raises(BadName, match="name of a field"):
        Template("{run}", {"run": "1"})
    with pytest.raises(BadName, match="'//'"):
        Template("{eos}/mDST/", CASTOR)
    with pytest.raises(BadName, match="as a component"):
        Template("{eos}x", {"eos": "/a/../"})
    assert Template("{eos}{run}", {"eos": ""}).build(run=275678) == "275678"
