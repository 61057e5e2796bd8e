"""``ddm doctor``: is everything here that ddm needs?"""

from __future__ import annotations

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.doctor import Finding, Health, examine


@command("doctor", examples="ddm doctor\nddm doctor --json\nddm --config /data/ddm.toml doctor")
@json_option
@pass_session
def cli(session: Session, as_json: bool) -> int:
    """Look whether everything that ddm needs is there. Changes nothing.

    Looks at Python, the optional packages, the plugins, the configuration, the catalogue and every endpoint.
    The exit code is that of the first bad finding; something optional may be absent.
    """
    findings = list(examine(session.config, session.environ, SystemClock()))
    emit(findings, as_json, _render)
    return next((finding.exit_code for finding in findings if finding.health is Health.BAD), ExitCode.DONE)


def _render(findings: list[Finding]) -> list[Table | str]:
    bad = sum(finding.health is Health.BAD for finding in findings)
    rows = [(str(finding.health), finding.what, finding.text) for finding in findings]
    return [Table(("", "what", "found"), rows), f"{bad} to repair" if bad else "all that is needed is here"]
