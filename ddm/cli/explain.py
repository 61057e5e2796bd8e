"""``ddm explain``: why is it where it is?"""

from __future__ import annotations

from collections.abc import Iterator

import click

from catalog.errors import ExitCode
from catalog.retention import Asking, Ground
from ddm.cli.toolkit import Session, Words, command, emit, json_option, pass_session
from ddm.explain import Explanation, explain
from ddm.explain_delete import CopyVerdict, explain_delete
from ddm.releaserules import rules_of

GROUNDS = {str(ground).replace(" ", "-"): ground for ground in Ground}


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


def _verdicts(found: list[CopyVerdict]) -> Iterator[str]:
    if not found:
        yield "no copy of it is left"
    for copy in found:
        may = "may" if copy.allowed else "may not"
        act = "be withdrawn" if copy.asking is Asking.WITHDRAW else "be removed"
        yield f"{copy.endpoint}:{copy.path} ({copy.state}) {may} {act} on the ground '{copy.ground}'"
        if copy.certificate:
            yield f"  certificate {copy.certificate}"
        for line in copy.lines:
            yield f"  {'yes' if line.kept else 'NO':<4} {line.guard:<12} {line.text}"
            if line.command:
                yield f"       {'':<12} do: {line.command}"


@command(
    "explain",
    examples="ddm explain 275678\nddm explain job 17\nddm explain cdr11091-275678.raw --json\n"
    "ddm explain delete mDST-275678-11091-0-7.root\n"
    "ddm explain delete mDST-275678-0-7.root --ground on-tape",
    exits=[ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("subject", nargs=-1, required=True, metavar="LFN|RUN|job ID|delete LFN")
@click.option(
    "--ground",
    type=Words(GROUNDS),
    help="With delete: why it is to go, if not for the reason that fits each copy best.",
)
@json_option
@pass_session
def cli(session: Session, subject: tuple[str, ...], ground: str | None, as_json: bool) -> None:
    """Say why a file, run or job is where it is, what blocks its next step, and the command to move it.

    With delete: whether each copy of a file may go, by every rule, with the fact behind it.
    """
    from ddm.app import open_catalog

    settings = session.settings()
    deleting = subject[0] == "delete"
    if deleting and len(subject) != 2:
        raise click.UsageError("give one LFN after 'delete'", click.get_current_context())
    if ground is not None and not deleting:
        raise click.UsageError("--ground is of 'ddm explain delete LFN'", click.get_current_context())
    with open_catalog(settings) as catalog:
        if deleting:
            asked = GROUNDS[ground] if ground else None
            verdicts = explain_delete(catalog, rules_of(settings), subject[1], asked)
        else:
            found = explain(catalog, " ".join(subject), rules_of(settings))
    if deleting:
        emit(verdicts, as_json, lambda all_: list(_verdicts(all_)))
    else:
        emit(found, as_json, _render)
