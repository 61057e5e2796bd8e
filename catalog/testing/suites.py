"""The rules of the catalogue as tests: a database is good enough when it passes them.

::

    class TestMine(DialectSuite):
        many_writers = True

        @pytest.fixture
        def catalog(self):
            with Catalog(url, clock=SimulatedClock()) as catalog:  # with its schema, without any row
                yield catalog
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.db.engine import Catalog
from catalog.testing.asking import Questions
from catalog.testing.builders import Situation
from catalog.testing.concurring import ConcurrencyRules
from catalog.testing.copying import CopyRules
from catalog.testing.counting import CountingRules
from catalog.testing.moving import MoveRules
from catalog.testing.recalling import RecallRules
from catalog.testing.registering import RegistrationRules
from catalog.testing.releasing import ReleaseRules
from catalog.testing.rules import DatabaseRules


class DialectSuite(
    RegistrationRules,
    CountingRules,
    MoveRules,
    DatabaseRules,
    Questions,
    RecallRules,
    CopyRules,
    ReleaseRules,
    ConcurrencyRules,
):
    """Everything that a database must do for a catalogue. One empty catalogue per test."""

    @pytest.fixture
    def catalog(self) -> Catalog:
        """An empty catalogue on the database under test."""
        raise NotImplementedError

    @pytest.fixture
    def here(self, catalog: Catalog) -> Iterator[Situation]:
        """A situation in an open transaction, thrown away after the test."""
        with catalog.read() as conn:
            yield Situation(conn, catalog.clock)
