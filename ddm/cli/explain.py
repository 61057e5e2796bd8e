"""``ddm explain``: why is it where it is?"""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from ddm.cli.toolkit import Session, command, emit, json_option, pass_session
from ddm.explain import Explanation, explain


def _render(found: Explanation) -> list[str]:
    width = max((len(name) for name, _ in found.facts), default=0)
    lines = [found.subject, *(f"  {name:<{width}}  {value}" for name, value in found.facts)]
    if not found.blocks:
        return [*lines, "Nothing blocks it."]
    lines.append("What blocks it:")
    for block in found.blocks:
        lines.append(f"  - {block.why}")
        if block.command:
            lines.append(f"    do: {block.command}")
    return lines


@command(
    "explain",
    examples="ddm explain 275678\nddm explain job 17\nddm explain cdr11091-275678.raw --json",
    exits=[ExitCode.SCHEMA],
)
@click.argument("subject", nargs=-1, required=True, metavar="LFN|RUN|job ID")
@json_option
@pass_session
def cli(session: Session, subject: tuple[str, ...], as_json: bool) -> None:
    """Say why a file, run or job is where it is, what blocks its next step, and the command to move it."""
    from ddm.app import open_catalog

    with open_catalog(session.settings()) as catalog:
        found = explain(catalog, " ".join(subject))
    emit(found, as_json, _render)
