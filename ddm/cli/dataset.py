"""``ddm dataset``: named sets of files, open until they are complete; their parents, versions, owners."""

from __future__ import annotations

import click

from catalog.db.datasets import Tier
from catalog.db.facts import Past
from catalog.db.versions import Version
from catalog.errors import ExitCode
from catalog.meta import written
from ddm.cli.meta import change_reason, render_described
from ddm.cli.operator import actor_option, catalogue, counted, facts, reason_option, size, table_or, when
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session
from ddm.operations import datasets
from ddm.operations.datasets import Branch, Family, Line, Owned, Shown

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("dataset", "Add, show, close and group datasets; make new versions of them.")

why_option = click.option("--reason", help="Why; kept in the history for good.")


@cli.command(
    examples="ddm dataset add 2016/W14\n"
    "ddm dataset add mdst/2016/P08 --parent 2016 --group production --set phast.version=8.035",
    exits=EXITS,
)
@click.argument("name")
@click.option("--parent", "parents", multiple=True, help="A dataset to put it under; repeat it.")
@click.option("--group", "owner", help="The group that it belongs to.")
@click.option("--set", "words", metavar="KEY=VALUE", multiple=True, help="Say something of it; repeat it.")
@actor_option
@json_option
@pass_session
def add(
    session: Session,
    name: str,
    parents: tuple[str, ...],
    owner: str | None,
    words: tuple[str, ...],
    actor: str | None,
    as_json: bool,
) -> None:
    """Make an open dataset; one that is there stays as it is, and is put, given and described as said.

    'ddm file register' makes the dataset by itself.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.add(catalog, name, parents=parents, group=owner, words=words), as_json, _render)


@cli.command(
    examples="ddm dataset show\nddm dataset show 2016/W14 --json\n"
    "ddm dataset show --group production --newest",
    exits=EXITS,
)
@click.argument("name", required=False)
@click.option("--group", "owner", help="Only datasets of this group.")
@click.option("--newest", is_flag=True, help="Only newest versions; with a name, the newest version of it.")
@json_option
@pass_session
def show(session: Session, name: str | None, owner: str | None, newest: bool, as_json: bool) -> None:
    """Show every dataset, or one with its runs: state, files, bytes, events, and how it is grouped.

    Events are those read from the files where they were read, else those of the raw catalogue; files without
    a count are "unknown" and add nothing. They are summed for each role and product: a merged file holds the
    events of its members, so no sum is made over both.
    """
    if name is not None and owner is not None:
        raise click.UsageError("--group is for the list of all datasets", click.get_current_context())
    with catalogue(session) as catalog:
        if name is None:
            emit(datasets.every(catalog, group=owner, newest=newest), as_json, _render_all)
        else:
            emit(datasets.show(catalog, name, newest=newest), as_json, _render_one)


@cli.command(examples="ddm dataset tree\nddm dataset tree 2016 --json", exits=EXITS)
@click.argument("name", required=False)
@json_option
@pass_session
def tree(session: Session, name: str | None, as_json: bool) -> None:
    """Draw what is below a dataset, or all trees. Totals are of a dataset and all below it, each once.

    A dataset that is in two others is shown in both; what is below it is drawn once.
    """
    with catalogue(session) as catalog:
        emit(datasets.tree(catalog, name), as_json, _render_tree)


@cli.command(examples="ddm dataset history 2016/W14", exits=EXITS)
@click.argument("name")
@json_option
@pass_session
def history(session: Session, name: str, as_json: bool) -> None:
    """Show what happened to a dataset, oldest first: who, when, why."""
    with catalogue(session) as catalog:
        emit(datasets.history(catalog, name), as_json, _render_history)


@cli.command(examples="ddm dataset close 2016/W14", exits=EXITS)
@click.argument("name")
@click.option("--empty", is_flag=True, help="Close it even if it holds no file.")
@actor_option
@json_option
@pass_session
def close(session: Session, name: str, empty: bool, actor: str | None, as_json: bool) -> None:
    """Say that the dataset is complete: from now on its finished runs may be merged.

    Refused while a run is not defined, that is, not all its files are known, and for a dataset without files.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.close(catalog, name, empty=empty), as_json, _render)


@cli.command(examples="ddm dataset reopen 2016/W14 --reason 'two late chunks of run 275678'", exits=EXITS)
@click.argument("name")
@reason_option
@actor_option
@json_option
@pass_session
def reopen(session: Session, name: str, reason: str, actor: str | None, as_json: bool) -> None:
    """Let files be added to a closed dataset.

    No new merge is planned while it is open. Runs that are merged already stay as they are: a late chunk of
    such a run is processed, but in no merged file.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.reopen(catalog, name, reason), as_json, _render)


@cli.command(examples="ddm dataset define 2016/W14 275602 --reason 'no beam: it has no files'", exits=EXITS)
@click.argument("name")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=int)
@reason_option
@actor_option
@json_option
@pass_session
def define(
    session: Session, name: str, runs: tuple[int, ...], reason: str, actor: str | None, as_json: bool
) -> None:
    """Say that all files of these runs are known, or that there are none.

    For runs that 'ddm dataset show' calls undefined: a look-up failed or found nothing, or an import was not
    finished. Repeating the import is better where that is possible: it compares. 0 stands for lines of a
    list of which not even the run is known.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.define(catalog, name, runs, reason), as_json, _render_defined)


def _render_defined(done: datasets.Defined) -> str:
    runs = ", ".join(map(str, done.runs))
    return f"defined in dataset {done.dataset}: {runs}; still undefined: {done.undefined}"


@cli.command(examples="ddm dataset attach mdst/2016/P08 2016 mdst", exits=EXITS)
@click.argument("name")
@click.argument("parents", metavar="PARENT...", nargs=-1, required=True)
@why_option
@actor_option
@json_option
@pass_session
def attach(
    session: Session,
    name: str,
    parents: tuple[str, ...],
    reason: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Put a dataset under others. A dataset cannot be below itself."""
    with catalogue(session, actor) as catalog:
        emit(datasets.attach(catalog, name, parents, reason), as_json, _render_family)


@cli.command(examples="ddm dataset detach mdst/2016/P08 2016 --reason 'replaced by version 2'", exits=EXITS)
@click.argument("name")
@click.argument("parents", metavar="PARENT...", nargs=-1, required=True)
@reason_option
@actor_option
@json_option
@pass_session
def detach(
    session: Session, name: str, parents: tuple[str, ...], reason: str, actor: str | None, as_json: bool
) -> None:
    """Take a dataset out of others. Its files stay where they are."""
    with catalogue(session, actor) as catalog:
        emit(datasets.detach(catalog, name, parents, reason), as_json, _render_family)


@cli.command(examples="ddm dataset version mdst/2016/P08 --reason 'new alignment'", exits=EXITS)
@click.argument("name")
@reason_option
@actor_option
@json_option
@pass_session
def version(session: Session, name: str, reason: str, actor: str | None, as_json: bool) -> None:
    """Make the next version of a dataset: NAME@2, NAME@3 …, open, empty, of the same group.

    NAME stays what it is: it means version 1 for good, so nothing that names it changes its meaning. Parents
    and metadata are not taken over. The files of the new version need names of their own, e.g. in another
    production directory: a name that is registered is never given to other bytes.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.version(catalog, name, reason), as_json, _render_version)


@cli.command(
    "set",
    examples="ddm dataset set mdst/2016/P08 phast.version=8.035 approved=true\n"
    "ddm dataset set mdst/2016/P08 approved=false --reason 'wrong alignment'",
    exits=EXITS,
)
@click.argument("name")
@click.argument("values", metavar="KEY=VALUE...", nargs=-1, required=True)
@change_reason
@actor_option
@json_option
@pass_session
def set_(
    session: Session, name: str, values: tuple[str, ...], reason: str | None, actor: str | None, as_json: bool
) -> None:
    """Say something of a dataset. A known value changes only with --reason; the history keeps the old one.

    'ddm meta define' makes a key with its type; else it gets that of its first value.
    """
    with catalogue(session, actor) as catalog:
        emit(datasets.describe(catalog, name, values, reason), as_json, render_described)


@cli.command(examples="ddm dataset unset mdst/2016/P08 approved --reason 'not looked at yet'", exits=EXITS)
@click.argument("name")
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@reason_option
@actor_option
@json_option
@pass_session
def unset(
    session: Session, name: str, keys: tuple[str, ...], reason: str, actor: str | None, as_json: bool
) -> None:
    """Withdraw values of a dataset; the history keeps them."""
    with catalogue(session, actor) as catalog:
        emit(datasets.withdraw(catalog, name, keys, reason), as_json, render_described)


@cli.command(
    examples="ddm dataset own mdst/2016/P08 production\n"
    "ddm dataset own mdst/2016/P08 hadron --reason 'they reprocess it'",
    exits=EXITS,
)
@click.argument("name")
@click.argument("owner", metavar="[GROUP]", required=False)
@click.option("--nobody", is_flag=True, help="Take it from its group; everybody may act then.")
@why_option
@actor_option
@json_option
@pass_session
def own(
    session: Session,
    name: str,
    owner: str | None,
    nobody: bool,
    reason: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Give a dataset to a group. A change of the group needs --reason, and a member of the present one.

    If the group has members, only they may then do to the dataset what a person does. This is a guard against
    mistakes, not security; the flow goes on as before.
    """
    if nobody == (owner is not None):
        raise click.UsageError("give a group, or --nobody", click.get_current_context())
    with catalogue(session, actor) as catalog:
        emit(datasets.own(catalog, name, owner, reason), as_json, _render_owned)


def _render(done: datasets.Changed) -> str:
    return f"dataset {done.dataset} is {done.state}{'' if done.changed else ' already'}"


def _render_family(done: Family) -> str:
    where = ", ".join(done.parents)
    return f"dataset {done.dataset} is under {where or 'no other'}{'' if done.changed else ' already'}"


def _render_version(made: Version) -> str:
    return f"dataset {made.name} is {made.state}: version {made.version}"


def _render_owned(done: Owned) -> str:
    return f"dataset {done.dataset} belongs to {done.group or 'nobody'}{'' if done.changed else ' already'}"


def _render_all(lines: list[Line]) -> Rendered:
    rows: list[tuple[object, ...]] = []
    for line in lines:
        first = (line.name, line.state, line.group)
        if not line.tiers:
            rows.append((*first, None, 0, 0, size(0), 0, 0))
        for number, tier in enumerate(line.tiers):
            rows.append((*(("", "", "") if number else first), _tier(tier), *_numbers(tier)))
    columns = ("dataset", "state", "group", "holds", "runs", "files", "size", "events", "unknown")
    return table_or(Table(columns, rows), "no dataset; 'ddm file register' makes one")


def _tier(tier: Tier) -> str:
    return tier.role if tier.role == tier.product else f"{tier.role} {tier.product}"


def _numbers(tier: Tier) -> tuple[object, ...]:
    return (tier.runs, tier.files, size(tier.size), tier.events, tier.unknown)


def _tiers(tiers: tuple[Tier, ...], title: str = "") -> Table:
    columns = ("holds", "runs", "files", "size", "events", "unknown")
    return Table(columns, [(_tier(tier), *_numbers(tier)) for tier in tiers], title)


def _render_one(shown: Shown) -> Rendered:
    line = shown.dataset
    known: list[tuple[str, object]] = [
        ("dataset", line.name),
        ("state", f"{line.state} since {when(line.since)}"),
        ("version", _version(shown)),
        ("group", line.group or "nobody"),
    ]
    known += [("under", ", ".join(shown.parents))] if shown.parents else []
    known += [("holds", ", ".join(shown.children))] if shown.children else []
    known += [(key, written(value)) for key, value in shown.meta.items()]
    parts: list[str | Table] = [facts([*known, ("files", line.files), ("size", size(line.size))])]
    if len(line.tiers) > 1:
        parts.append(_tiers(line.tiers, "its own files"))
    if shown.children:
        parts.append(_tiers(shown.below, "with all datasets below it"))
    parts += [f"more than one version of {name} is counted there" for name in shown.twice]
    if shown.undefined:
        rows = list(shown.undefined.items())
        parts.append(
            Table(("run", "why not all its files are known"), rows, "not defined; it cannot be closed")
        )
    return [*parts, _runs(shown)]


def _version(shown: Shown) -> str:
    last = shown.versions[-1]
    if last.name == shown.dataset.name:
        return f"{shown.version}{', the newest' if len(shown.versions) > 1 else ''}"
    return f"{shown.version}; {last.name} is newer"


def _runs(shown: Shown) -> Table | str:
    several = len(shown.dataset.tiers) > 1
    rows = [
        (
            run.run,
            *([f"{run.role} {run.product}"] if several else []),
            run.files,
            size(run.size),
            run.events,
            run.unknown,
        )
        for run in shown.runs
    ]
    columns = ("run", *(["holds"] if several else []), "files", "size", "events", "unknown")
    return table_or(Table(columns, rows), "no files of its own" if shown.children else "no files")


def _render_tree(branches: list[Branch]) -> Rendered:
    rows = [
        (
            "  " * branch.depth + branch.name + (" (see above)" if branch.again else ""),
            branch.state,
            branch.files,
            size(branch.size),
            "; ".join(f"{_tier(tier)} {counted(tier.events, 'event')}" for tier in branch.tiers) or None,
        )
        for branch in branches
    ]
    columns = ("dataset", "state", "files", "size", "events")
    return table_or(Table(columns, rows), "no dataset is under another; 'ddm dataset attach' puts one there")


def _render_history(past: list[Past]) -> Rendered:
    rows = [
        (when(entry.at), entry.event, entry.old or None, entry.new or None, entry.actor, entry.reason)
        for entry in past
    ]
    return Table(("when", "event", "from", "to", "who", "why"), rows)
