"""``python -m ddm`` is the ``ddm`` command."""

from ddm.cli import main

main()
