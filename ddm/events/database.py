"""Event counts from somebody else's database: a SQLAlchemy URL and a query, e.g. of the Oracle raw catalogue.

The first two columns are the name and the number of events; NULL and -1 are unknown. The query has either
``:run``, and is asked once for each run, or ``IN :lfns``, and is asked for at most ``at_once`` names.
Options: ``url``, ``query``, ``match`` (names are ``lfn`` or ``base_name``), ``at_once`` (500), ``witness``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.db.foreign import ForeignDatabase, bound
from catalog.errors import BadInput
from ddm.events.options import agreed, by_base_name, number, taken, witness
from ddm.events.ports import Answer, Around, Asked, NotKnown


def open_source(options: Mapping[str, str], around: Around) -> DatabaseSource:
    taken(options, "sql", ("url", "query"), "match", "at_once", "witness")
    return DatabaseSource(options)


class DatabaseSource:
    """A query to a database; see the module."""

    products: tuple[str, ...] = ("raw",)
    reads_files = False

    def __init__(self, options: Mapping[str, str]) -> None:
        self.witness = witness(options)
        self._by_name = by_base_name(options)
        self._query = options["query"]
        wanted = bound(self._query)
        if wanted not in ({"lfns"}, {"run"}):
            said = ", ".join(f":{name}" for name in sorted(wanted)) or "nothing"
            raise BadInput(f"the query binds either :lfns or :run, this one binds {said}", subject="query")
        self._by_run = wanted == {"run"}
        limit = options.get("at_once", "500")
        if not limit.isdigit() or not 1 <= int(limit) <= 10_000:
            raise BadInput(f"'at_once' is a number from 1 to 10000, not '{limit}'", subject="at_once")
        self.at_once = 5000 if self._by_run else int(limit)
        self._database = ForeignDatabase(options["url"])

    def ask(self, files: Sequence[Asked]) -> Mapping[str, Answer]:
        """Raises BadInput for a query that is refused, CatalogUnavailable for a database out of reach."""
        name = self._database.name
        wanted: dict[str, list[Asked]] = defaultdict(list)
        for file in files:
            wanted[file.base_name if self._by_name else file.lfn].append(file)
        found: dict[str, list[Answer]] = defaultdict(list)
        for key, value, run in self._rows(files, list(wanted)):
            for file in wanted.get(key, ()):
                if run is None or file.run == run:
                    found[file.lfn].append(number(value, f"{name}: {key}"))
        return {
            file.lfn: agreed(found[file.lfn], f"{name}: {file.base_name}")
            if file.lfn in found
            else NotKnown(f"{name}: not there")
            for file in files
        }

    def _rows(self, files: Sequence[Asked], names: list[str]) -> Iterator[tuple[str, Any, int | None]]:
        if not self._by_run:
            for first in range(0, len(names), self.at_once):
                yield from self._asked(None, lfns=names[first : first + self.at_once])
            return
        for run in sorted({file.run for file in files}):
            yield from self._asked(run, run=run)

    def _asked(self, of: int | None, **values: Any) -> Iterator[tuple[str, Any, int | None]]:
        with self._database.asking(self._query, **values) as (columns, rows):
            if len(columns) < 2:
                raise BadInput("the query has to give a name and a number of events", subject="query")
            for row in rows:
                yield str(row[0]).strip(), row[1], of
