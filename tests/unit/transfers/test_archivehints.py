"""What tape systems are told, and batches that keep units whole."""

from __future__ import annotations

import base64
import json
from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from transfers.archivehints import LONGEST, ArchiveHints, document, opaque
from transfers.planning import whole_units

HINTS = ArchiveHints(("2016P08", "dvcs2016P08t1", "275678"), 60, "mass production")
DOCUMENT = {
    "schema_version": 1,
    "file_metadata": {"size": "4000000000", "adler32": "0a1b2c3d"},
    "collocation_hints": {"0": "2016P08", "1": "dvcs2016P08t1", "2": "275678"},
    "scheduling_hints": {"priority": "60"},
    "additional_hints": {"activity": "mass production"},
}


def test_the_document_is_that_of_other_experiments() -> None:
    assert document(HINTS, 4_000_000_000, Adler32(0x0A1B2C3D)) == DOCUMENT
    assert document(None, 1, Adler32(1)) == {}


def test_a_root_url_carries_the_same_in_base64() -> None:
    name, _, text = opaque(HINTS, 4_000_000_000, Adler32(0x0A1B2C3D)).partition("=")
    assert name == "archivemetadata"
    assert json.loads(base64.b64decode(text)) == DOCUMENT
    assert opaque(None, 1, Adler32(1)) == ""


def test_what_no_service_takes_is_not_sent() -> None:
    assert document(ArchiveHints(("x" * LONGEST,)), 1, Adler32(1)) == {}


@given(st.text("abcd", max_size=40), st.integers(1, 9))
def test_units_are_not_divided_if_they_fit(text: str, n: int) -> None:
    pieces = list(whole_units(text, n, str))
    assert "".join("".join(piece) for piece in pieces) == text
    assert all(1 <= len(piece) <= n for piece in pieces)
    units = [len(list(members)) for _, members in groupby(text)]
    for piece, following in pairwise(pieces):
        divided = piece[-1] == following[0]
        assert not divided or any(size > n for size in units)
    if all(size <= n for size in units):
        assert len(pieces) <= 2 * -(-len(text) // n) or not text
