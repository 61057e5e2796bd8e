"""Pages for people: whatever a name holds, a page has the tags that we wrote, and the name as a text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ddm.pages import WIDE, Grid, Heading, Name, Size, Spark, as_html, as_markdown, as_text
from ddm.shown import one_line

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "a\nb\r\nc\x00\x1b[31m",
    "report\u202efdp.exe",
    "bad\udcffbyte",
    "\x1aFF of no UTF-8",
    "</title></style></main>&lt;&amp;",
    "  two  spaces ",
)
names = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=40))


class Page(HTMLParser):
    """The tags and texts of a page, and whatever it would have to fetch or run."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts: list[str] = [""]
        self.labels: list[str] = []
        self.wants: list[str] = []
        self._raw = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.wants += [
            name for name, _ in attrs if name in {"src", "href", "action"} or name.startswith("on")
        ]
        self.labels += [value or "" for name, value in attrs if name == "aria-label"]
        self.texts.append("")

    def handle_endtag(self, tag):
        self.texts.append("")

    def handle_data(self, data):
        self.texts[-1] += data


def page(name: str) -> str:
    curve = Spark((1, None, 3), name)
    found = [Heading(name), name, Name(name), Grid((name, "n"), ((name, 3), (Name(name), curve)))]
    return as_html([*found, Grid(("", ""), ((name, Name(name)),))], name)


PLAIN = Page(page("plain")).tags


@given(name=names)
@example(name="")
@example(name="OPEN <b>")
def test_a_page_has_our_tags_whatever_a_name_holds_and_says_the_name(name):
    text = page(name)
    text.encode()  # no half of a surrogate
    read = Page(text)
    assert read.tags == PLAIN
    assert read.wants == []
    exactly, once = one_line(name), one_line(" ".join(name.split()))
    assert sum(one == exactly for one in read.texts) >= 4  # the title, the curve's, and where it is a Name
    assert once in read.texts
    assert exactly in read.labels


@given(name=names)
def test_a_row_is_a_line_and_nothing_reaches_a_terminal_that_is_not_text(name):
    for form in (as_text, as_markdown):
        plain, found = (form([Grid(("a", "b"), ((Name(one), 1), (one, 2)))]) for one in ("x", name))
        below = 2 * (form is as_text and len(one_line(name)) > WIDE - 5)
        assert found.count("\n") == plain.count("\n") + below
        assert all(line.isprintable() for line in found.split("\n"))


@given(name=st.text(max_size=40))
def test_what_is_shown_is_one_line_and_printable_and_plain_text_is_itself(name):
    assert one_line(name).isprintable()
    if name.isprintable():
        assert one_line(name) == name


def test_the_page_needs_nothing_and_may_fetch_nothing():
    text = page("x")
    assert not re.search(r"https?:|url\(|@import|<script|<link|<iframe", text)
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_a_table_tells_its_reader_what_its_columns_and_rows_are():
    text = as_html([Heading("Counts & sums"), Grid(("of", "files"), (("a", 3),))], "t")
    assert 'role="region" aria-label="Counts &amp; sums"' in text
    assert '<th scope="col">files</th>' in text
    assert '<td class="n">3</td>' in text
    assert '<th scope="row">of</th>' in as_html([Grid(("", ""), (("of", "a"),))], "t")


@pytest.mark.parametrize(
    ("values", "zero", "shown"),
    [
        ((0, 7, 14), True, "▁▅█"),
        ((100, 101, 102), False, "▁▅█"),
        ((100, 100), False, "▁▁"),
        ((None, 5, None), True, "·█·"),
        ((None,), True, "·"),
        ((), True, ""),
        ((0, 0), True, "▁▁"),
    ],
)
def test_a_curve_in_text(values, zero, shown):
    assert as_text([Grid(("", ""), (("x", Spark(values, "", zero)),))]).split() == ["x", *shown.split()]


@given(
    values=st.lists(st.none() | st.integers(0, 2**62), max_size=12).map(tuple),
    zero=st.booleans(),
)
def test_a_curve_in_a_page_stays_within_its_frame_and_has_a_gap_where_nothing_is_known(values, zero):
    text = as_html([Grid(("c",), ((Spark(values, "said", zero),),))], "t")
    curves = re.findall(r'<path d="M([^"]*)"', text)
    gaps = re.sub("0+", "0", "".join("0" if value is None else "1" for value in values)).strip("0")
    assert len(curves) == (gaps.count("0") + 1 if gaps else 0)
    for curve in curves:
        numbers = [float(n) for n in re.findall(r"[0-9.]+", curve.split(" h")[0])]
        assert all(0 <= x <= 100 for x in numbers[::2])
        assert all(1 <= y <= 19 for y in numbers[1::2])


def test_numbers_stand_right_and_sizes_have_units():
    text = as_text([Grid(("what", "files", "size"), (("a", 5, Size(1_500_000)), ("b", 1000, None)))])
    assert text.splitlines() == ["what  files    size", "a         5  1.5 MB", "b      1000       -"]


def test_what_makes_a_table_too_wide_comes_below_its_row():
    wide = Grid(("run", "file", "said", "n"), ((1, Name("/f" * 60), "s" * 30, 5), (2, Name("/g"), None, 60)))
    assert as_text([wide]).splitlines() == [
        f"run  said{' ' * 26}   n",
        f"  1  {'s' * 30}   5",
        f"    file: {'/f' * 60}",
        f"  2  -{' ' * 29}  60",
        "    file: /g",
    ]


@given(widths=st.lists(st.integers(1, 300), min_size=1, max_size=8))
def test_a_table_fits_as_long_as_more_than_one_column_is_beside_another(widths):
    columns = tuple(f"c{n}" for n in range(len(widths)))
    text = as_text([Grid(columns, (tuple("x" * width for width in widths),))])
    lines = text.splitlines()
    assert len(lines[1]) <= WIDE or lines[1] == "x" * min(widths)
    told = sorted(len(part) for part in re.findall("x+", text))
    assert told == sorted(widths)
