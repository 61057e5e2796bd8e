"""What every test shares: the profiles of Hypothesis, and the database servers for those that ask for one.

``quick`` is the default; with CI=true the examples are the same every time; HYPOTHESIS_PROFILE=nightly tries
many more. No profile has a deadline: a busy machine is not a bug.
"""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["tests.fixtures_mariadb", "tests.fixtures_mounts", "tests.fixtures_postgresql"]

settings.register_profile("quick", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("nightly", deadline=None, max_examples=3000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") == "true" else "quick")
)
