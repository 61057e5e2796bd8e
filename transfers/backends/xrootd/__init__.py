"""Storage spoken to by the XRootD protocol (``root://``): disk servers, EOS, EOS with CTA, generic tape.

``open_storage`` is the backend's entry, ``open_stager`` that of its recalls alone. Pure: ``commands`` (what
is asked), ``replies`` (what an answer means), ``errors`` (the table of foreign codes), ``sizes`` (how many
files at a time), ``protocol`` (the bytes on the wire). ``library`` loads the client library, ``client`` asks
about names with it; ``files``, ``listing`` and ``tape`` (on ``requests`` and ``tapesystem``) are ports.

Copies: ``copies`` is the port; ``moves`` tells the story of one file, ``engine`` runs many of them in one
thread, ``ways`` gives each a connection: ``plainwire`` (ours, where a server wants no credential),
``securewire`` (the same over TLS, with a bearer token) or
``librarywire``; ``thirdparty`` has servers copy among themselves.

What servers are known to do, and this backend lives with:

- A server takes so many files in one prepare request (a stock one 48, or 1024 if told so), and refuses more
  with ``argument list too long``. So the limit is learned from the refusal, and the files are asked for in
  parts. Refusals for one bad file are got around likewise (``requests``).
- The id of a request comes before the tape system knows of it, and some requests never arrive (the stock
  prepare plug-in, when many come at once). So ``stage`` looks and asks again, one request after the other.
- The answer to a prepare query is cut at 2 kB, ends in garbage, or makes no sense at all when it would have
  been longer. So it is asked again for fewer files at a time (``tapesystem``).
- ``requested`` is false after success and after failure: done is ``online``, failed is an error text.
- EOS counts stages and evicts. So files are evicted until they are offline.
- A generic server does not show in ``stat`` that a file is on tape. So it is asked by a prepare query.
- dCache answers no prepare queries, and gives no id. So the Offline flag of ``stat`` has to do.
- No server tells where on tape a file is (EOS knows its archive id, CTA keeps the rest to itself), so
  ``Observed.place`` is None.
- A checksum query succeeds with an error text, or with another algorithm, in place of the checksum, or fails
  for no reason: asked once more. Of too many at a time some wait half a minute, or for ever: few at a time.
- ``rm`` of an empty directory removes it. So everything is looked at before.
- A server that falls silent in the middle of a copy is given up after XRD_STREAMTIMEOUT (60 s); but after a
  checksum query, for which servers promise an answer within ten minutes, the client library waits as long
  for everything on that connection. Questions about names have deadlines of their own, always.
- A copy by the client library (CopyProcess) whose source dies closes the target like a good one: a part stays
  under the final name, for good. Persist-on-close helps only against a client that dies. And when a
  connection breaks in a write, it may wait for ever (for the write that was recovered), whatever limits are
  set. So copies are made of single reads and writes here, and a target is removed before it is closed, unless
  all of it is there. Only third-party copies go through CopyProcess, watched from another thread.
- A stock server writes a record to its disk, and waits for it, for every file that persists on close
  (``ofs.persist … sync 1``): some hundred files per second at most. ``sync 100`` in its configuration helps.
- A server takes any pin as good until somebody evicts; ``StageOrder.lifetime`` cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.clock import Clock
from transfers.backends.xrootd.commands import Endpoint, Limits
from transfers.errors import Unsupported
from transfers.ports import Stager, Storage


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint ``root://host:port//directory``; the options are the fields of ``commands.Limits``.

    Does not contact the server. Raises Unsupported for a prefix or an option that cannot be, and when the
    XRootD client library is not installed. Deadlines are real time; the clock is for the pauses between
    looks at a request.
    """
    endpoint, limits = Endpoint.parse(prefix), Limits.parse(options)
    try:
        from transfers.backends.xrootd.storage import assemble
    except ImportError as problem:
        raise Unsupported(
            f"the xrootd backend needs the XRootD client library ({problem}): pip install 'ddm[xrootd]'",
            subject=prefix,
        ) from problem
    return assemble(endpoint, limits, clock)


def open_stager(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Stager:
    """Recalls at this prefix, for an endpoint whose bytes go another way. As ``open_storage``."""
    stager = open_storage(prefix, clock=clock, options={**options, "tape": "true"}).stager
    assert stager is not None
    return stager
