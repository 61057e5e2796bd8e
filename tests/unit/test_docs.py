"""The generated pages are what the program says, and the check notices when they are not."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from catalog.states import MACHINES
from ddm.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date(generate):
    found = generate.differences(DOCS / "reference")
    assert not found, "run 'make docs' and commit the pages:\n" + "\n".join(found.values())


def test_writing_twice_changes_nothing(generate, tmp_path):
    assert generate.write(tmp_path) == list(generate.PAGES)
    assert generate.write(tmp_path) == []
    assert generate.main(["--check", "--dir", str(tmp_path)]) == 0


def test_the_check_shows_what_differs_and_leaves_the_page_alone(generate, tmp_path, capsys):
    generate.write(tmp_path)
    page = tmp_path / "states.md"
    old = page.read_text().replace("`trashed`", "`thrown_away`")
    page.write_text(old)
    assert generate.main(["--check", "--dir", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "-| `AVAILABLE` | `thrown_away` | `TRASHED` | ddm |" in said.out
    assert "+| `AVAILABLE` | `trashed` | `TRASHED` | ddm |" in said.out
    assert "out of date: states.md" in said.err
    assert page.read_text() == old


def test_a_page_that_is_missing_is_out_of_date(generate, tmp_path):
    generate.write(tmp_path)
    (tmp_path / "cli.md").unlink()
    assert list(generate.differences(tmp_path)) == ["cli.md"]


def test_every_transition_is_in_the_diagram_and_in_the_table(generate):
    page = generate.states_page()
    for machine in MACHINES:
        for (old, event), new in machine.table.items():
            assert f"    {old} --> {new}: {event}\n" in page
            assert f"| `{old}` | `{event}` | `{new}` |" in page


def test_every_setting_is_documented(generate):
    page = generate.config_page()
    for section in ("[endpoint.NAME]", "[product.NAME]", "[task.NAME]", "[runner.NAME]", "[flow]"):
        assert f"## `{section}`" in page
    assert {"| `catalog` |", "| `stage_budget` |", "| `grace` |"} <= {
        line[: line.index("|", 2) + 1] for line in page.splitlines() if line.startswith("| `")
    }
    assert Settings.__doc__


def test_every_error_has_its_own_code(generate):
    page = generate.errors_page()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    codes = [row[1] for row in rows]
    assert len(codes) > 25
    assert len(set(codes)) == len(codes)
    assert all(row[4].strip() for row in rows), "an error without a docstring"


def test_every_decision_has_a_number_of_its_own_and_is_in_the_list():
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    titles = [page.read_text().partition("\n")[0].removeprefix("# ").partition(" ") for page in pages]
    numbers = [number for number, _, _ in titles]  # some are given before their page is written
    assert numbers == sorted(set(numbers))
    assert all(page.name.startswith(f"{number}-") for page, number in zip(pages, numbers, strict=True))
    rows = [
        line for line in (DOCS / "decisions/README.md").read_text().splitlines() if line.startswith("| [")
    ]
    wanted = zip(pages, titles, strict=True)
    assert rows == [f"| [{number}]({page.name}) | {title} |" for page, (number, _, title) in wanted]


def anchors(page: Path) -> set[str]:
    """What its headings are called in links."""
    found = set()
    for line in page.read_text().splitlines():
        if line.startswith("#"):
            words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line.lstrip("# ")).lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def test_every_link_leads_somewhere():
    lost = []
    for page in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            name, _, anchor = link.partition("#")
            there = (page.parent / name).resolve() if name else page
            good = ":" in link or (there.exists() and (not anchor or anchor in anchors(there)))
            lost += [] if good else [f"{page.name}: {link}"]
    assert not lost
