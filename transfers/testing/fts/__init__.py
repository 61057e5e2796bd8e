"""An honest FTS3 for tests: real HTTP (with TLS and proxies if wanted), real state machines, no network
needed.

::

    clock = SimulatedClock(datetime.now(UTC))
    cta = MemoryStorage("cta", clock, tape=True)
    with FtsServer(clock, {"memory://cta/": cta.storage()}) as fts:
        stager = open_stager("memory://cta/", clock=clock, options={"endpoint": fts.url, …})

Behind it is any storage of ours (memory, simtape, a real XRootD server …): recalls go to its stager, copies
to its copier. The daemons act at each call, or at ``FtsServer.run``, by the clock that is given.

It does as measured with a real one, unpleasant things included: recalls are collected for five minutes and
looked at in growing intervals; idle connections are closed after five seconds; a URL with more than 109 job
ids is answered 404 by a page; some of several jobs give 207; deterministic ids (uuid5 of ``base_id``, VO and
``sid``) give 409 when used again, until the job is archived; URLs get ``?activity=``; time-outs count per
batch; a delegation of less than an hour is 419, of less than 90 minutes fails recalls; stage-only files are
never evicted, copied ones always; files that are to be archived wait in ARCHIVING until the storage says that
they are on tape; of several sources one is in play and the others NOT_USED, as are the later hops of a
multi-hop job; a cancelled copy has no end before its agent is dead; tokens do no tape, and one that is not
known is nobody, and no error; the two generations of daemons compare checksums differently. ``FaultKind`` and
the methods of ``FtsServer`` let more go wrong. ``FtsServer.moved`` counts how often the bytes of each
destination were moved.

Not there: several destinations of a file, retries, bans, configuration.

``Credentials`` makes an authority, a host certificate and proxies (needs the program ``openssl``, as the
delegation does). Standard library only.
"""

from __future__ import annotations

from transfers.testing.fts.credentials import Credentials
from transfers.testing.fts.model import FaultKind, Generation, ServerSettings
from transfers.testing.fts.server import FtsServer

__all__ = ["Credentials", "FaultKind", "FtsServer", "Generation", "ServerSettings"]
