"""Storage spoken to through gfal2, the grid's library for all protocols: root, https (Tape REST), srm.

``storage`` has the entries ``open_storage`` and ``open_stager``; importing it loads the library. Pure:
``commands`` (URLs, options), ``errors`` (the tables of foreign codes), ``replies`` (what an answer means).
``library`` is the only module that speaks to gfal2, ``client`` an endpoint by way of ``calls``, which gives
every call a deadline; ``files``, ``tape`` and ``copies`` are the ports on top of it.

What gfal2 (2.21 to 2.23) is known to do, and this backend lives with:

- A failed copy to ``root://`` removes the destination, whoever wrote it, unless the failure was that it
  exists. So bytes go to a temporary name, which nobody else has, and get their own by a rename.
- A rename replaces what is there, on most servers. So it is looked at once more just before.
- ``unlink`` removes an empty directory. So everything is looked at before.
- Copies of many files in one call crash the process. So there is one call per file.
- Time-outs are no deadlines, and a cancellation hits everything of its context. So calls run in threads of
  their own, with contexts of their own, and are left behind when their time is over.
- ``user.status`` of ``root://`` says "no such file" of a server that cannot be reached. So absence is taken
  from ``stat`` only. Without BackUpExists in a server's ``stat``, what is on tape only has the status
  UNKNOWN; so the tape system is asked, by ``archive_poll`` and a poll of nobody's request.
- A poll of many files gives its answers by position, in the order of the service's reply. So an answer that
  speaks of another file of the same call makes the whole reply unreadable.
- A poll answers "no such file" for a recall that failed (Tape REST), and 42 (ENOMSG) for most things. So the
  words decide, before the number.
- A reply cut by the server (at 2 kB, by a stock XRootD) is "invalid JSON". So it is asked for in parts.
"""
