"""Storage spoken to by the XRootD protocol (``root://``): disk servers, EOS, EOS with CTA, generic tape.

``open_storage`` is the backend's entry. Pure: ``commands`` (what is asked), ``replies`` (what an answer
means), ``errors`` (the table of foreign codes). ``client`` is the only module that speaks to a server;
``files``, ``tape`` and ``copies`` are the ports on top of it.

What servers are known to do, and this backend lives with:

- An accepted prepare request gets lost, when many come at once (the stock prepare plug-in). So few requests
  with many files, and ``poll`` says ``request_vanished``.
- The answer to a prepare query is cut at 2 kB. So it is asked again for fewer files at a time.
- A generic server does not show in ``stat`` that a file is on tape. So it is asked by a prepare query.
- A checksum query succeeds with an error text, or with another algorithm, in place of the checksum, or fails
  for no reason: asked once more. Of too many at a time some wait half a minute, or for ever: few at a time.
- ``rm`` of an empty directory removes it. So everything is looked at before.
- A server that falls silent in the middle of a copy is given up after XRD_STREAMTIMEOUT (60 s); but after a
  checksum query, for which servers promise an answer within ten minutes, the client library waits as long
  for everything on that connection. Questions about names have deadlines of their own, always.
- A server takes any pin as good until somebody evicts; ``StageOrder.lifetime`` cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.clock import Clock
from transfers.backends.xrootd.commands import Endpoint, Limits
from transfers.errors import Unsupported
from transfers.ports import Storage


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint ``root://host:port//directory``; the options are the fields of ``commands.Limits``.

    Does not contact the server. Raises Unsupported for a prefix or an option that cannot be, and when the
    XRootD client library is not installed. Deadlines here are those of the protocol's own client, in real
    time: the clock is not used.
    """
    endpoint, limits = Endpoint.parse(prefix), Limits.parse(options)
    try:
        from transfers.backends.xrootd.storage import assemble
    except ImportError as problem:
        raise Unsupported(
            f"the xrootd backend needs the XRootD client library ({problem}): pip install 'ddm[xrootd]'",
            subject=prefix,
        ) from problem
    return assemble(endpoint, limits)
