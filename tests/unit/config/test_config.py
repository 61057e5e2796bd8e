from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.compass import COMPASS
from catalog.errors import ExitCode
from catalog.names import Template
from catalog.states import EndpointKind
from ddm.config import NAMED, TABLES, find, from_tree, keys, load, loads
from ddm.configcheck import task_fields
from ddm.errors import ConfigError, ConfigMissing
from ddm.recipe import Recipe
from ddm.settings import FlowSettings, Settings
from ddm.templates import compass_toml, demo_toml
from transfers.archivehints import ArchiveHints

HERE = Path("/data/production")
FILE = HERE / "ddm.toml"
GOOD = """
[names]
eos = "/eos/experiment/compass/"
tape = "/castor/cern.ch/compass/"
[endpoint.eos]
kind = "disk"
backend = "posix"
prefix = "file://{here}/disk"
[endpoint.cta]
kind = "tape"
backend = "simtape"
prefix = "simtape://{here}/tape"
stage_budget = "1 TB"
options = { drives = 2, quick = true, seed = "7" }
[product.mDST]
payload = "mDST.root"
chunk_dir = "{eos}{path}{soft}/mDST.chunks/"
chunk_name = "mDST-{run}-{chunk}-{slot}-{phast}.root"
merged_dir = "{eos}{path}{soft}/mDST/"
merged_name = "mDST-{run}-{slot}-{phast}.root{part}"
archive_dir = "{tape}{path}oracle_dst/{soft}/mDST/"
archive_to = "cta"
tool = "root"
[task.P08]
dataset = "2016/W14"
raw_name = "cdr{chunk}-{run}.raw"
year = 2016
period = "P08"
production = "P08t1"
soft = "P08t1"
program = "reco --run 'a b' {input}"
disk = "eos"
products = ["mDST"]
"""


def read(text: str = GOOD, **environ: str) -> Settings:
    return loads(text, FILE, environ)


def refusal(text: str = GOOD, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, **environ)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == ExitCode.USAGE
    assert isinstance(caught.value, ValueError)
    return message


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


# ------------------------------------------------------------------------------------------ what is read
def test_values_have_their_types():
    settings = read()
    assert settings.root == HERE
    assert settings.endpoints["cta"].kind is EndpointKind.TAPE
    assert settings.endpoints["cta"].stage_budget == 10**12
    assert settings.endpoints["eos"].stage_budget is None
    assert settings.endpoints["cta"].options == {"drives": "2", "quick": "true", "seed": "7"}
    assert settings.endpoints["eos"].name == "eos"
    assert settings.products["mDST"].grace == timedelta(days=14)
    assert settings.tasks["P08"].products == ("mDST",)


def test_a_program_may_be_a_line_or_a_list():
    assert read().tasks["P08"].program == ("reco", "--run", "a b", "{input}")
    listed = changed("program = \"reco --run 'a b' {input}\"", 'program = ["a b", "{input}"]')
    assert read(listed).tasks["P08"].program == ("a b", "{input}")


def test_here_is_the_directory_of_the_file():
    assert read().endpoints["eos"].prefix == "file:///data/production/disk"
    program = changed('"reco --run', '"{here}/reco --run')
    assert loads(program, Path("/a b/ddm.toml"), {}).tasks["P08"].program[0] == "/a b/reco"


def test_relative_places_start_at_the_directory_of_the_file():
    settings = read()
    assert settings.catalog == "sqlite:////data/production/ddm.db"
    assert settings.runners["local"].directory == HERE / "jobs"
    assert (
        read(DDM_CATALOG="sqlite+pysqlite:///x/y.db").catalog == "sqlite+pysqlite:////data/production/x/y.db"
    )


@pytest.mark.parametrize(
    "url", ["sqlite:////abs/ddm.db", "sqlite://", "sqlite:///:memory:", "postgresql://h/d"]
)
def test_other_catalogue_urls_stay_as_they_are(url):
    assert read(DDM_CATALOG=url).catalog == url


def test_without_a_runner_section_there_is_the_local_runner():
    assert read().runners["local"].slots == 2
    assert read(DDM_RUNNER__LOCAL__SLOTS="9").runners["local"].slots == 9


# ------------------------------------------------------------------------------------------ where it is
def test_the_file_is_the_given_one_then_ddm_config_then_the_nearest(tmp_path, monkeypatch):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "ddm.toml").write_text(GOOD)
    (tmp_path / "other.toml").write_text(GOOD + "[flow]\nbatch = 7\n")
    monkeypatch.chdir(deep)
    assert load(None, {}).root == tmp_path
    assert load(None, {"DDM_CONFIG": "../../other.toml"}).flow.batch == 7
    assert load(Path("../../other.toml"), {"DDM_CONFIG": "nowhere"}).flow.batch == 7
    assert load(None, {"DDM_CONFIG": "../../other.toml"}).root == tmp_path


def test_no_file_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigMissing, match=r"no ddm.toml in .* or above it") as caught:
        find(tmp_path, {})
    assert "'ddm init' writes one" in caught.value.advice


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing.toml: cannot be read: No such file"):
        load(tmp_path / "nothing.toml", {})
    (tmp_path / "bytes.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load(tmp_path / "bytes.toml", {})


# ------------------------------------------------------------------------------------------ variables
def test_variables_win_over_the_file():
    settings = read(
        DDM_ENDPOINT__CTA__STAGE_BUDGET="2 TB",
        DDM_ENDPOINT__CTA__OPTIONS__DRIVES="4",
        DDM_PRODUCT__MDST__GRACE="0 s",
        DDM_NAMES__EOS="/eos/x/",
        DDM_FLOW__BATCH="50",
        DDM_TASK__P08__PROGRAM="echo '{input} x'",
        DDM_DEBUG="not ours",
        HOME="/root",
    )
    assert settings.endpoints["cta"].stage_budget == 2 * 10**12
    assert settings.endpoints["cta"].options["drives"] == "4"
    assert settings.products["mDST"].grace == timedelta(0)
    assert settings.names["eos"] == "/eos/x/"
    assert settings.flow.batch == 50
    assert settings.tasks["P08"].program == ("echo", "{input} x")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DDM_ENDPOINT__CTA__STAGE_BUDGET", "lots", "expected a size in bytes"),
        ("DDM_ENDPOINT__CTX__STAGE_BUDGET", "1 TB", "there is no 'ctx'; did you mean 'cta'?"),
        ("DDM_ENDPOINT__CTA__STAGE_BUGDET", "1 TB", "did you mean 'stage_budget'?"),
        ("DDM_ENDPIONT__CTA__KIND", "tape", "expected DDM_SECTION__KEY"),
        ("DDM_FLOW__", "1", "expected DDM_SECTION__KEY"),
        ("DDM_FLOW__BATCH__X", "1", "expected DDM_SECTION__KEY"),
        ("DDM_CATALOG__X", "1", "catalog"),
        ("DDM_ENDPOINT__CTA__KIND__X", "1", "is not a table"),
    ],
)
def test_a_variable_that_cannot_be_taken_is_named(variable, value, says):
    message = refusal(**{variable: value})
    assert says in message
    assert variable.rpartition("__")[0] in message or "catalog" in message


# ------------------------------------------------------------------------------------------ refusals
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('stage_budget = "1 TB"', 'stage_budget = "lots"', "[endpoint.cta] stage_budget: expected a size"),
        ('stage_budget = "1 TB"', 'stage_budget = "0 B"', "expected at least 1 (bytes)"),
        ('stage_budget = "1 TB"', 'stage_bugdet = "1 TB"', "unknown key; did you mean 'stage_budget'?"),
        ('kind = "disk"', 'kind = "tap"', "[endpoint.eos] kind: expected 'disk' or 'tape', not 'tap'"),
        ('kind = "disk"', "kind = 3", "[endpoint.eos] kind: expected text in quotes, not 3"),
        ('kind = "disk"\n', "", "[endpoint.eos] kind: is missing: `disk`, or `tape`"),
        ("year = 2016", 'year = "MMXVI"', "[task.P08] year: expected a whole number"),
        ("year = 2016", "year = true", "[task.P08] year: expected a whole number"),
        ("year = 2016", "year = 2016\nslot = -1", "[task.P08] slot: expected a whole number, 0 or more"),
        ("year = 2016", "year = 2016\nmax_attempts = 0", "expected at least 1 (attempts)"),
        ("[names]", "[naems]", "naems: unknown section; did you mean 'names'?"),
        ("[endpoint.eos]", "[endpoints.eos]", "endpoints: unknown section; did you mean 'endpoint'?"),
        ("[endpoint.eos]", '[endpoint."e o s"]', "a name is letters, digits"),
        ("[names]", "flow = 3\n[names]", "[flow]: expected a table [flow], not 3"),
        ("[names]", "runner = [1]\n[names]", "[runner]: expected a table [runner.NAME], not [1]"),
        ('program = "reco', "program = \"'reco", "every quotation closed"),
        ("options = { drives = 2,", "options = { drives = [2],", "[endpoint.cta] options: expected text"),
        ("[names]", "[names", "is not TOML"),
        ("[names]", "x = " + "[" * 5000 + "\n[names]", "is not TOML"),
    ],
)
def test_a_refusal_names_the_file_the_section_the_key_and_what_was_expected(old, new, says):
    message = refusal(changed(old, new))
    assert says in message
    assert message.startswith(f"{FILE}: ")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('archive_to = "cta"', 'archive_to = "eos"', "expected a tape endpoint, but [endpoint.eos] is disk"),
        ('archive_to = "cta"', 'archive_to = "ctx"', "there is no [endpoint.ctx]; did you mean 'cta'?"),
        ('disk = "eos"', 'disk = "cta"', "[task.P08] disk: expected a disk endpoint"),
        ('disk = "eos"', 'disk = "eos"\nrunner = "slurm"', "[task.P08] runner: there is no [runner.slurm]"),
        ('products = ["mDST"]', 'products = ["mdst"]', "there is no [product.mdst]; did you mean 'mDST'?"),
        ('products = ["mDST"]', "products = []", "at least one product"),
        ('products = ["mDST"]', 'products = ["mDST", "mDST"]', "each once"),
        ("program = \"reco --run 'a b' {input}\"", "program = []", "[task.P08] program: expected a command"),
        ("{soft}/mDST/", "{sfot}/mDST/", "[product.mDST] merged_dir: template"),
        ("-{slot}-{phast}.root{part}", "-{slot}{phast}.root{part}", "[product.mDST] merged_name: template"),
        (".root{part}", ".root", "[product.mDST] merged_name: needs {part}"),
        ("mDST-{run}-{chunk}-", "mDST-{run}-", "[product.mDST] chunk_name: needs {chunk}"),
        ("cdr{chunk}-{run}.raw", "cdr{chunk}.raw", "[task.P08] raw_name: needs {run}"),
        ("cdr{chunk}-{run}.raw", "cdr{chunk}{run}.raw", "[task.P08] raw_name: template"),
        (
            'soft = "P08t1"',
            'soft = "a/b"',
            "[task.P08]: does not fit the templates of [product.mDST]: soft must",
        ),
        ('soft = "P08t1"', 'soft = "a"\npath = "x"', "path must be directories, each followed by a slash"),
        ("{soft}/mDST.chunks/", "{rawperiod}/mDST.chunks/", "needs rawperiod"),
        ("simtape://{here}/tape", "file://{here}/disk/", "would count as two copies"),
        ("simtape://{here}/tape", "file://{here}//disk", "would count as two copies"),
    ],
)
def test_what_does_not_fit_together_is_refused(old, new, says):
    assert says in refusal(changed(old, new))


def test_two_products_that_would_write_one_file_are_refused():
    start = GOOD.index("[product.mDST]")
    product = GOOD[start : GOOD.index("[task.P08]")].replace("[product.mDST]", "[product.twin]")
    text = changed('products = ["mDST"]', 'products = ["mDST", "twin"]') + product
    assert "[product.twin]: and [product.mDST] would both write /eos/experiment/compass/P08t1/" in refusal(
        text
    )


def test_a_setting_is_not_read_for_another_endpoint_of_the_same_name_in_other_case():
    text = GOOD + '[endpoint.EOS]\nkind = "disk"\nbackend = "posix"\nprefix = "file:///other"\n'
    assert "means eos or EOS" in refusal(text, DDM_ENDPOINT__EOS__PREFIX="file:///x")


# ------------------------------------------------------------------------------------------ garbage
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.binary(max_size=3),
)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
places = st.sampled_from(
    [(key,) for key in (*NAMED, "catalog", "names", "flow", "other")]
    + [("flow", key) for key in keys(FlowSettings)]
    + [
        (section, name, key)
        for section, name in (("endpoint", "cta"), ("product", "mDST"), ("task", "P08"), ("runner", "local"))
        for key in keys(NAMED[section][1])
    ]
)


@given(places, values)
def test_any_value_at_any_place_is_taken_or_refused_with_one_line(place, value):
    tree = tomllib.loads(GOOD)
    table = tree
    for part in place[:-1]:
        table = table.setdefault(part, {})
    table[place[-1]] = value
    try:
        from_tree(tree, FILE, {})
    except ConfigError as error:
        assert str(error).splitlines() == [str(error)]  # noqa: PT017


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(text):
    try:
        read(text)
    except ConfigError:
        return


@given(
    st.dictionaries(
        st.text("ENDPOITCAKSFLWBH_", max_size=20).map("DDM_".__add__), st.text(max_size=20), max_size=3
    )
)
def test_any_variables_are_taken_or_refused(environ):
    try:
        read(**environ)
    except ConfigError:
        return


# ------------------------------------------------------------------------------------------ templates
def test_the_template_compass_loads_as_it_is():
    settings = loads(compass_toml(), FILE, {})
    assert list(settings.products) == ["mDST", "hist", "evtdump", "logs", "prodlogs"]
    assert {product.target for product in settings.products.values()} == {4_000_000_000}


@pytest.mark.parametrize(("product", "entry"), [("mDST", "mdst"), ("hist", "hist"), ("evtdump", "dump")])
def test_the_template_compass_has_the_names_of_the_experiment(product, entry):
    found = loads(compass_toml(), FILE, {}).products[product]
    assert found.chunk_dir == COMPASS[f"{entry}.chunk.dir"]
    assert found.chunk_name == COMPASS[f"{entry}.chunk.name"]
    assert found.merged_dir == COMPASS[f"{entry}.merged.dir"]
    assert found.merged_name == COMPASS[f"{entry}.merged.name"]
    assert found.archive_dir == COMPASS[f"{entry}.archive.dir.mass"]


def test_the_template_compass_shows_every_setting_with_its_sentence():
    text = compass_toml()
    parts = {section: text.split(f"\n[{section}")[1:] for section in (*NAMED, *TABLES)}
    tables = [(section, cls) for section, (_, cls) in NAMED.items()]
    tables += list(TABLES.items())
    for section, cls in tables:
        whole = "\n".join(parts[section])
        for key, (item, _) in keys(cls).items():
            assert f"# {item.metadata['doc']}\n" in whole, (section, key)
            assert f"\n{key} = " in whole or f"\n# {key} = " in whole, (section, key)


def test_the_defaults_shown_in_comments_are_the_defaults():
    shown = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line and "`" not in line else line
        for line in compass_toml().splitlines()
        if not line.startswith(("# For", "# Sizes", "# A line"))
    )
    assert loads(shown, FILE, {}) == loads(compass_toml(), FILE, {})


def test_the_demo_has_the_names_of_the_template_compass():
    program = ["/usr/bin/py thon", "-m", "ddm.demo.reco", "{input}"]
    demo = loads(demo_toml(program=program, targets={"mDST": "70 kB"}, slots=3, stage_budget=5), FILE, {})
    real = loads(compass_toml(), FILE, {})
    for name, product in real.products.items():
        for key in ("payload", "chunk_dir", "chunk_name", "merged_dir", "merged_name", "archive_dir"):
            assert getattr(demo.products[name], key) == getattr(product, key)
        for key in ("made_of", "unit", "verify", "options"):
            assert getattr(demo.products[name], key) == getattr(product, key)
        for key in ("tool", "counter", "counted", "inputs_after_archive"):
            assert getattr(demo.products[name], key) == getattr(product, key)
        assert demo.products[name].grace == timedelta(0)
    assert demo.tasks["P08"].program == tuple(program)
    assert demo.products["mDST"].target == 70_000
    assert demo.runners["local"].slots == 3
    assert demo.endpoints["tape"].stage_budget == 5
    assert demo.endpoints["tape"].backend == "simtape"
    assert demo.endpoints["disk"].prefix == "file:///data/production/disk"


def test_the_demo_can_run_on_xrootd():
    text = demo_toml(
        program=["x"],
        storage="xrootd",
        disk_prefix="root://localhost:1094/",
        tape_prefix="root://localhost:1095/",
        tape_options={"mode": "eos"},
    )
    settings = loads(text, FILE, {})
    assert [endpoint.backend for endpoint in settings.endpoints.values()] == ["xrootd", "xrootd"]
    assert settings.endpoints["tape"].options == {"mode": "eos"}


# ------------------------------------------------------------------------- products made of products
ALL = """
[product.all]
made_of = "mDST"
merged_dir = "{eos}{path}{soft}/all/"
merged_name = "mDST-{prod}.root{part}"
archive_dir = "{tape}{path}{soft}/all/"
archive_to = "cta"
tool = "root"
unit = "period"
"""


def chained(*changes: tuple[str, str]) -> str:
    text = GOOD.replace('products = ["mDST"]', 'products = ["mDST", "all"]') + ALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def test_a_product_may_be_made_of_another_which_then_need_not_go_to_tape():
    settings = read(chained())
    assert settings.products["all"].made_of == "mDST"
    kept = chained(('archive_to = "cta"\ntool = "root"\n[task', 'archive_to = ""\ntool = "root"\n[task'))
    assert read(kept).products["mDST"].archive_to == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'made_of = "mDST"',
            'made_of = "mdst"',
            "[product.all] made_of: there is no [product.mdst]; did you",
        ),
        (
            'made_of = "mDST"',
            'made_of = "all"',
            "[product.all] made_of: goes round in a circle: all would be",
        ),
        ('made_of = "mDST"\n', "", "[product.all] payload: is missing: what the program calls the file"),
        ('made_of = "mDST"', 'made_of = "mDST"\npayload = "x"', "payload: says nothing where made_of is set"),
        (
            'payload = "mDST.root"',
            'payload = "mDST.root"\nunit = "day"\n',
            "unit: expected 'day' or 'period'",
        ),
        (
            '"mDST", "all"]',
            '"all"]',
            "[task.P08] products: all is made of mDST, which the task does not make",
        ),
        ("mDST-{prod}.root{part}", "mDST-{prod}.root", "[product.all] merged_name: needs {part}"),
        ('unit = "period"', 'unit = "run"', "[product.all] merged_name: needs {run}"),
        (
            '{soft}/all/"\narchive_to = "cta"',
            '{soft}/all/"\narchive_to = ""',
            "[product.all] archive_to: may be empty only of a product that another one is made of",
        ),
    ],
)
def test_a_chain_that_leads_nowhere_is_refused(old, new, says):
    changes = [(old, new)]
    if "unit: expected" in says:
        changes.append(('unit = "period"', 'unit = "spill"'))
    assert says in refusal(chained(*changes))


def test_a_file_goes_into_one_other_file_only():
    twin = ALL.replace("[product.all]", "[product.twin]").replace("/all/", "/twin/")
    text = chained(('["mDST", "all"]', '["mDST", "all", "twin"]')) + twin
    assert "all and twin are both made of mDST" in refusal(text).replace("twin and all", "all and twin")


def test_a_task_that_makes_nothing_of_a_product_without_tape_is_refused():
    text = chained(
        ('"mDST", "all"]', '"mDST"]'),
        ('archive_to = "cta"\ntool = "root"\n[task', 'archive_to = ""\ntool = "root"\n[task'),
    )
    assert "mDST has no archive_to, and the task makes nothing of it" in refusal(text)


@pytest.mark.parametrize(
    ("task_type", "key"),
    [
        ("mass production", "{}.archive.dir.mass"),
        ("test production", "{}.archive.dir"),
        ("technical production", "{}.archive.dir"),
        ("DDD filtering", "{}.archive.dir"),
        ("MC reconstruction", "mcreco.{}.archive.dir"),
    ],
)
def test_the_directory_on_tape_follows_the_type_of_the_task(task_type, key):
    text = compass_toml().replace('# type = "mass production"', f'type = "{task_type}"')
    settings = loads(text, FILE, {})
    recipe = Recipe(settings.tasks["P08"], settings)
    made = {"mDST": "mdst", "hist": "hist", "evtdump": "dump"}
    if task_type == "DDD filtering":
        made = {"evtdump": "dump"}
    elif task_type == "MC reconstruction":
        del made["evtdump"]
    fields = {**task_fields(recipe.task), "run": 275_678}
    for product, entry in made.items():
        expected = Template(COMPASS[key.format(entry)], settings.names)
        assert recipe.merged_lfn(product, 275_678, 0).startswith(expected.build(**fields))
        frozen = recipe.definition()["products"][product]["archive_dir"]
        assert frozen == COMPASS[key.format(entry)]


def test_groups_for_tape_systems_have_fields_that_every_merged_file_has():
    text = compass_toml().replace("# collocation = [", 'collocation = ["{chunk}"] #')
    with pytest.raises(ConfigError, match=r"collocation: '.chunk.': expected the fields year, period"):
        loads(text, FILE, {})
    settings = loads(compass_toml(), FILE, {})
    hints = Recipe(settings.tasks["P08"], settings).hints("mDST", 275678)
    assert hints == ArchiveHints(("2016P08", "dvcs2016P08t1", "275678"), 60, "mass production")


# ------------------------------------------------------------------------------------ spans and marks
@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ('pressure_high = "90 %"', "pressure_low: is missing"),
        ('pressure_low = "90 %"', "pressure_high: is missing"),
        ('pressure_high = "80 %"\npressure_low = "90 %"', "less full than pressure_high"),
        ('pressure_high = "2 TB"\npressure_low = "1 TB"', "less full than pressure_high"),
        ('pressure_high = "90 %"\npressure_low = "1 TB"', "same kind of mark"),
        ('pressure_high = "much"\npressure_low = "1 TB"', "how much is used"),
        ('pressure_grace = "1 d"', "says nothing without"),
    ],
)
def test_marks_of_pressure_that_do_not_fit_are_refused(marks, words):
    text = compass_toml().replace('keep_free = "10 TB"', marks)
    with pytest.raises(ConfigError, match=words):
        loads(text, FILE, {})


def test_marks_of_pressure_are_for_disks():
    text = compass_toml().replace(
        "[endpoint.cta]", '[endpoint.cta]\npressure_high = "9 %"\npressure_low = "8 %"'
    )
    with pytest.raises(ConfigError, match="nothing goes from tape"):
        loads(text, FILE, {})


def test_a_span_of_the_calendar_and_a_mark_are_taken():
    marks = 'pressure_high = "10 TB"\npressure_low = "20 TB"\npressure_grace = "1 d"'
    text = compass_toml().replace('keep_free = "10 TB"', marks)
    text = text.replace("[product.hist]", '[product.hist]\nkeep_on_disk = "6 months"')
    found = loads(text, FILE, {})
    assert str(found.products["hist"].keep_on_disk) == "6 months"
    assert found.products["mDST"].keep_on_disk is None
    assert str(found.endpoints["eos"].pressure_low) == "20 TB"
    with pytest.raises(ConfigError, match="span of the calendar"):
        loads(text.replace("6 months", "6 moons"), FILE, {})
