"""``ddm stage-out``; the program itself is in ``ddm.cli.staging``."""

from ddm.cli.lightly import made
from ddm.cli.staging import PROGRAMS

cli = made(PROGRAMS["stage-out"])
