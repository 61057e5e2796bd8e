"""``ddm doctor``: is everything here that ddm needs?"""

from __future__ import annotations

import click

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from ddm.checkup import Finding, Health
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.doctor import examine


@command(
    "doctor",
    examples="ddm doctor\nddm doctor --json\nddm doctor --endpoint eos --write\n"
    "ddm --config /data/ddm.toml doctor",
    exits=[ExitCode.BUSY, ExitCode.SCHEMA, ExitCode.CREDENTIAL],
)
@click.option("--endpoint", "endpoints", multiple=True, metavar="NAME", help="Ask only this endpoint.")
@click.option(
    "--write",
    is_flag=True,
    help="On disk, also write a small file below /ddm-doctor/, and remove it.",
)
@json_option
@pass_session
def cli(session: Session, endpoints: tuple[str, ...], write: bool, as_json: bool) -> int:
    """Look whether everything that ddm needs is there. Changes nothing, but for --write.

    Looks at Python, the optional packages, the plugins, the configuration, the catalogue, how long the
    credentials last, and what each endpoint lets us do: read, list, recall, copy, write. The exit code is
    that of the first bad finding; something optional may be absent. No secret is shown.
    """
    found = examine(session.config, session.environ, SystemClock(), endpoints=endpoints, write=write)
    findings = list(found)
    emit(findings, as_json, _render)
    return next((finding.exit_code for finding in findings if finding.health is Health.BAD), ExitCode.DONE)


def _render(findings: list[Finding]) -> list[Table | str]:
    bad = sum(finding.health is Health.BAD for finding in findings)
    rows = [(str(finding.health), finding.what, finding.text) for finding in findings]
    return [Table(("", "what", "found"), rows), f"{bad} to repair" if bad else "all that is needed is here"]
