"""``python -m tests.cli.killing_merges DIR``: a merge killed at every touch of a name on disk, and again.

In a process that may fork, as ``tests.cli.killing``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.cli.killing import killed
from tests.cli.nodes import Site


def everywhere(site: Site, options: tuple[str, ...]) -> int:
    """Kill it at each moment; look after each kill, and after the next try. How many kills."""
    manifest, kills = site.merge(3), 0
    expected = site.expected(3)
    while True:
        (site.store / "merged").unlink(missing_ok=True)
        (site.node / "m.json.report.json").unlink(missing_ok=True)
        was_killed = killed(kills + 1, site.root, lambda: site.run(manifest, "--quiet", *options))
        assert site.merged() in (None, expected), f"a wrong file is there after {kills + 1}"
        if (site.node / "m.json.report.json").exists():
            assert [output["lfn"] for output in site.report["outputs"]] == ["/out/merged"]
            assert site.merged() == expected
        assert site.run(manifest, "--quiet", *options) == 0, site.report["text"]
        assert site.merged() == expected
        assert len(site.report["inputs"]) == 3
        assert site.debris() == set(), f"{site.debris()} after {kills + 1}"
        assert site.expected(3) == expected
        if not was_killed:
            return kills
        kills += 1
        assert kills < 500


if __name__ == "__main__":
    for number, words in enumerate(((), ("--in-place",), ("--same-content", "--ahead", "0"))):
        place = Path(sys.argv[1], str(number))
        os.mkdir(place)
        print(everywhere(Site(place), words), flush=True)
