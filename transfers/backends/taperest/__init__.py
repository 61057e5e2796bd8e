"""Recall by the WLCG Tape REST API, version 1: dCache, EOS with CTA, StoRM. A stager only, no bytes.

``open_stager`` is the entry. Pure: ``payload`` (what is asked), ``replies`` (what an answer means) and
``errors`` (tables of statuses and texts). ``client`` is the only module that speaks to a server, over the
connections of ``transport`` and with ``transfers.credentials``; ``stager`` is the port on top of it.

Read for this, and relied on: the reference document of v1 (github.com/wlcg-storage/wlcg-tape-rest-api,
2022), dCache 12.1.0-SNAPSHOT (frontend and bulk, 77340d66, July 2026), EOS main (mgm/http/rest-api and
mgm/bulk-request, e63126c6, August 2026), StoRM Tape 0.7.0 (a1855ae8, March 2024), and the client of gfal2
2.23.5 (October 2025). What they do, and this stager lives with:

- A recall is told in one of two ways, never both: ``onDisk`` (EOS), which is the file now; or ``state``
  (dCache, StoRM), which is the request's history: COMPLETED stays when the file has long been evicted. So
  what a state says has ended is looked at again with archiveinfo before a job may read it.
- A request says 201 whatever its files are. Missing ones are told when polled; StoRM gives FAILED and no
  reason, so archiveinfo is asked for one. EOS answers 500 if *all* files of a request are missing: then they
  are looked at, and those that are there are asked for again. It answers 500 to a release if *any* file is
  missing, after it has evicted the others: so that is not sent again, since EOS counts evictions.
- Cancel (all three) and release (StoRM) are refused whole when one path is not of that request; EOS ignores
  the request's id in a release, dCache accepts any id. StoRM's cancel and release only take note.
- dCache takes at most 500 files per request (413 above), StoRM and EOS do not say. archiveinfo with too many
  paths is answered for some of them (dCache: the first 10 000), which is no error by the document.
- ``diskLifetime`` is an ISO 8601 duration that dCache refuses the whole request for if it cannot read it
  (no months, no years); EOS and StoRM ignore it. ``targetedMetadata`` is for EOS (``activity``), by site.
- A request is forgotten some time after it ended (dCache: 14 days); then 404, and the file may be online yet.
- EOS cannot tell a missing file from one we may not see; it counts as missing.
- StoRM says UNAVAILABLE of a file that is lost, and NONE of one that is empty; neither counts as online.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.clock import Clock
from transfers.backends.taperest.payload import Options
from transfers.errors import Unsupported
from transfers.ports import Stager


def open_stager(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Stager:
    """Recalls at ``https://host:port``; the options are the fields of ``payload.Options``.

    Does not contact the server. Raises Unsupported for a prefix or an option that cannot be, and when httpx
    is not installed. Deadlines are in real time; the clock tells how long a server wants to be left alone.
    """
    settings = Options.parse(prefix, options)
    try:
        from transfers.backends.taperest.client import Client
        from transfers.backends.taperest.stager import TapeRestStager
    except ModuleNotFoundError as problem:
        raise Unsupported(
            f"the taperest stager needs the Python module {problem.name!r}: pip install 'ddm[taperest]'",
            subject=prefix,
        ) from problem
    return TapeRestStager(Client(settings, clock))
