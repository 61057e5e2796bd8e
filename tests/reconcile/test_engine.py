"""The engine beside the process that uses it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from ddm.reconcile import engine


def test_the_engine_writes_no_progress_wherever_python_runs(tmp_path):
    program = (
        "import sys; from pathlib import Path; from ddm.reconcile import engine\n"
        "with engine.opened(Path(sys.argv[1])) as one, one.beside() as two:\n"
        "    for each in (one, two): print(each.one(\"SELECT current_setting('enable_progress_bar')\"))"
    )
    command = [
        sys.executable,
        "-c",
        program,
        str(tmp_path),
    ]  # without a script, it takes Python for a person's
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert told.split() == ["(False,)", "(False,)"]


LONG = "SELECT count(*) FROM range(10000000000000) a WHERE hash(a.range) = 1"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("ask", ["do", "rows"])
def test_an_interruption_of_a_question_is_one(tmp_path, ask):
    """At once, not when the question is answered, after a minute or a day."""

    def soon() -> None:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    with engine.opened(tmp_path) as one:
        for _ in range(4):  # DuckDB itself sees about two of three
            thread = threading.Thread(target=soon)
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                getattr(one, ask)(LONG)
            thread.join()
        assert one.number("SELECT 1") == 1
