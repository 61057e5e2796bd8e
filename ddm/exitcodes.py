"""What the exit codes mean, in words: for the help of every command. Needs no other package."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.errors import ExitCode

INTERRUPTED = ExitCode.INTERRUPTED

GENERAL: Mapping[int, str] = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed",
    ExitCode.USAGE: "wrong usage or configuration; nothing was done",
    ExitCode.SOME_FAILED: "some items failed, the others are done",
    ExitCode.HELD: "something waits for a person",
    ExitCode.BUSY: "busy or not reachable; try later",
    ExitCode.SCHEMA: "the database needs 'ddm db upgrade'",
}
"""What any command may end with."""

FAULTS: Mapping[int, str] = {
    ExitCode.PAYLOAD: "the job's own program or its files are at fault",
    ExitCode.SITE: "this machine is at fault: its disk, work directory or software",
    ExitCode.NETWORK: "the storage could not be reached, or did not answer in time",
    ExitCode.STORAGE: "the storage service, or a file it keeps, is at fault",
    ExitCode.CREDENTIAL: "the proxy or token is missing, over, or has not the right",
}
"""Whose fault it is: commands that move bytes."""

EXIT_CODES: Mapping[int, str] = {
    **GENERAL,
    **FAULTS,
    ExitCode.INTERRUPTED: "interrupted; run the same command again to go on",
    ExitCode.TERMINATED: "told to end (SIGTERM); run the same command again to go on",
}
