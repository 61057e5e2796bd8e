"""Makes the gfal2 module of the distribution importable in a virtual environment: run it with its Python.

    python -m transfers.backends.gfal2.link

The module is one compiled file for one version of Python (``gfal2.cpython-311-….so``). Where that is the
version of this Python, a symbolic link to it in the environment is all that is needed, and it follows updates
of the distribution. May be repeated. The exit code is 0 if gfal2 can be imported afterwards.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

SYSTEM = (Path("/usr/lib/python3/dist-packages"),)
CHECK = "import gfal2; gfal2.creat_context(); print(gfal2.get_version())"
PACKAGES = "python3-gfal2 gfal2-plugin-xrootd gfal2-plugin-http gfal2-plugin-file gfal2-plugin-mock"


def link(places: tuple[Path, ...] = SYSTEM, site: Path | None = None) -> tuple[bool, str]:
    """Whether gfal2 can be imported now, and one sentence about it."""
    version = _works()
    if version:
        return True, f"gfal2 {version} is there"
    name = f"gfal2{sysconfig.get_config_var('EXT_SUFFIX')}"
    found = next((place / name for place in places if (place / name).exists()), None)
    if found is None:
        return False, _advice(places)
    target = (site or Path(sysconfig.get_path("platlib"))) / name
    if target.exists() and not target.is_symlink():
        return False, f"{target} is there and cannot be used: remove it, then run this again"
    try:
        _place(found, target)
    except OSError as error:
        return False, f"cannot link {found} into {target.parent}: {error.strerror}"
    version = _works()
    if version:
        return True, f"gfal2 {version} of the distribution is linked into {target.parent}"
    target.unlink()
    return False, f"{found} does not work with {sys.executable}; look at: {sys.executable} -c '{CHECK}'"


def _place(found: Path, target: Path) -> None:
    """Put the link there, in place of an old one."""
    temporary = target.with_suffix(f".{os.getpid()}.part")
    temporary.symlink_to(found)
    os.replace(temporary, target)


def _works() -> str:
    """The version of the gfal2 that a process of this Python can import; "" if it cannot."""
    done = subprocess.run([sys.executable, "-c", CHECK], check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def _advice(places: tuple[Path, ...]) -> str:
    """What is there instead, and what to do."""
    other = sorted(path.name for place in places for path in place.glob("gfal2.cpython-*.so"))
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    if other:
        return (
            f"the distribution's gfal2 ({other[0]}) is for another Python than this {python}: make the "
            "environment with the distribution's own, or take gfal2 from conda-forge (python-gfal2)"
        )
    return (
        f"no gfal2 for {python}; on Debian 12: apt install {PACKAGES}, then run this again; elsewhere: "
        "python-gfal2 from conda-forge, or pip install 'ddm[gfal2]' beside the headers of gfal2 and Boost"
    )


def main() -> int:
    """Link, and say what came of it."""
    good, sentence = link()
    print(f"ddm: {sentence}", file=sys.stdout if good else sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
