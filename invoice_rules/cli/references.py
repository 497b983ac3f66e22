"""`reference`: the lists that invoices name: customers, jobs, terms, tax codes … (S0-20, S1-4, S2-4 … S2-28, S4-20)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, options, output, records, showing, tables
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, line, out, say, tell, working

reference = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The lists that invoices name: customers, jobs, terms, tax codes.")
app.add_typer(reference, name="reference")

ALL = "all"
RETRIES = 5
_MOST = 200
_WORDS = {"created": "new", "updated": "changed", "unchanged": "unchanged", "rejected": "rejected", "ended": "taken out of force"}

Kind = Annotated[str, typer.Argument(metavar="KIND", help="The list, such as customers or taxRates; `reference list` names them. `all`: every sheet of a workbook that is called like a list.")]
Replace = Annotated[bool, typer.Option("--replace", help="The file is the whole list: entries that it does not have go out of force.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Save without asking.")]


@dataclass(frozen=True)
class _List:
    """One list on its way into the store."""

    report: Any
    change: Any
    settings: Mapping[str, str]


@reference.command(name="import")
def import_(
    ctx: typer.Context,
    kind: Kind,
    file: options.File,
    map_: options.Map = None,
    set_: options.Set = None,
    sheet: options.Sheet = None,
    header: options.Header = "auto",
    encoding: options.Encoding = None,
    currency: options.Currency = None,
    limit_mb: options.LimitMb = None,
    fix: options.ApplyFixes = False,
    replace: Replace = False,
    show_all: options.All = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Save a list from a file.

    An entry that is on file already is found by its key and changed; the earlier one is kept. Good entries go in, the others are
    listed with what is wrong. With `all`, a workbook's sheets are saved together, or none of them.

    Ends with 0 where every entry is in, 1 where some were rejected, 2 where the file could not be read or the lists not be saved.
    """
    session: Session = ctx.obj
    given, sheets = dict(ctx.params), _sheets(kind, file, sheet, session.json)
    with session.rehearsal(dry_run):
        found = _previews(session, given, sheets)
        if not session.json:
            _show(found, show_all)
        saved = [] if dry_run else _save(session, found, lambda: _previews(session, given, sheets), yes)
        if session.json:
            _write(ctx, found, saved, file)
        elif dry_run:
            say("This was a dry run: nothing was written.", style="bold")
    raise typer.Exit(1 if any(one.change.counts["rejected"] for one in found) else 0)


def _sheets(kind: str, file: Path, sheet: str | None, quiet: bool) -> dict[str, str | None]:
    """The name of each list that is meant, with its sheet; raises CannotRun for lists that there are not."""
    if kind.casefold() != ALL:
        return {_kind(kind).name: sheet}
    found, others = invoice_rules.references.sheets_of(file)
    if not found:
        raise invoice_rules.CannotRun(f"No sheet of {file.name} is called like a list. Call them {', '.join(invoice_rules.references.owned())}, or by their titles.")
    if others and not quiet:
        tell(f"Left alone, for they are called like no list: {', '.join(others)}.")
    return dict(found)


def _kind(name: str) -> Any:
    try:
        return invoice_rules.references.kind(name)
    except LookupError as unknown:
        raise invoice_rules.CannotRun(str(unknown.args[0])) from None


def _previews(session: Session, given: Mapping[str, Any], sheets: Mapping[str, str | None]) -> list[_List]:
    """Each list examined against the books as they are now, with what saving it would do."""
    context = session.store.context()
    return [_preview(session, given, _kind(name), sheet, context) for name, sheet in sheets.items()]


def _preview(session: Session, given: Mapping[str, Any], rules: Any, sheet: str | None, context: Any) -> _List:
    file, settings = given["file"], options.pairs(given["set_"] or (), "--set", "FIELD=VALUE")
    settings |= {"currency": given["currency"]} if given["currency"] else {}
    columns = options.pairs(given["map_"] or (), "--map", "FIELD=COLUMN")
    limit = options.megabytes(given["limit_mb"])
    with working(f"Reading {file.name}"):
        table = invoice_rules.read(file, sheet=sheet, header=options.header_row(given["header"]), encoding=given["encoding"], limit_mb=limit, rules=rules)
    with working(f"Checking {invoice_rules.plural(len(table), 'row')} of {file.name}"):
        mapping = invoice_rules.match(table.headings, rules, table, None, columns)
        report = invoice_rules.examine(table, rules, mapping, settings, context, apply_fixes=given["fix"])
        _ = report.problems
    return _List(report, invoice_rules.store.preview_list(report, session.store, replace=given["replace"]), settings)


def _show(found: list[_List], show_all: bool) -> None:
    for one in found:
        say(showing.reading(one.report.table, one.report.rules), style="dim")
        say("")
        showing.problems(one.report, show_all)
        if len(one.report.problems):
            say("")
        say(one.change.summary(), style="bold")
        say("")


def _save(session: Session, found: list[_List], again: Callable[[], list[_List]], agreed: bool) -> list[Any]:
    """Ask and save; where the books changed meanwhile, the preview is made again, a few times (X-6)."""
    for attempt in range(RETRIES):
        changes = [one.change for one in found]
        if not any(change.writes for change in changes):
            _told(session, "There is nothing to save.")
            return []
        asking.must_confirm(session, _question(changes, session.entity), agreed)
        try:
            with working("Saving"):
                saved = invoice_rules.store.save_lists(changes, session.store)
        except invoice_rules.Outrun:
            if attempt == RETRIES - 1:
                raise
            tell("The store changed meanwhile, so the preview is made again.")
            found[:] = again()
            continue
        _told(session, f"Saved: {', '.join(invoice_rules.references.kind(one.kind).title for one in saved)}.")
        return list(saved)
    raise invoice_rules.CannotRun("Nothing was saved.")


def _question(changes: list[Any], entity: str) -> str:
    counted = {word: sum(change.counts[word] for change in changes) for word in ("created", "updated", "ended")}
    told = ", ".join(f"{count:,} {_WORDS[word]}" for word, count in counted.items() if count)
    return f"Save {', '.join(change.kind.title for change in changes if change.writes)} in {entity} ({told})?"


def _told(session: Session, sentence: str) -> None:
    if not session.json:
        say(sentence, style="bold")


def _write(ctx: typer.Context, found: list[_List], saved: list[Any], file: Path) -> None:
    """One object a list: what `check` tells of a file, and the counts of the preview."""
    numbers = {one.kind: one.number for one in saved}
    with output.array(ctx) as writing:
        for one in found:
            report = one.report
            told = {"file": str(file), "kind": one.change.kind.name, "sheet": report.table.origin.sheet or None, "entity": report.entity.name, "rows": len(report.table)}
            told |= {"store": ctx.obj.store_label, **one.change.counts, "saved": numbers.get(one.change.kind.name)}
            writing.add({**told, "mapping": output.columns_of(report.mapping, one.settings)}, report.problems)


@reference.command(name="list")
def list_(
    ctx: typer.Context,
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help="Show the entries of this list.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help=f"Show all entries, not only the first {_MOST}.")] = False,
) -> None:
    """List the lists that there are, or the entries of one."""
    store = ctx.obj.existing_store()
    found = invoice_rules.store.lists(store) if kind is None else _entries(store, _kind(kind))
    if ctx.obj.json:
        output.records(ctx, found)
    elif kind is None:
        _lists(found)
    elif not len(found):
        say(f"{_kind(kind).title} has no entries yet.")
    else:
        _list(found if show_all else found.head(_MOST), len(found), _kind(kind))


def _lists(found: Any) -> None:
    shown = showing.table(["List", "Name", "Entries", "Saved", "From"], right=["Entries"], wide=["From"])
    for one in found.to_dict("records"):
        shown.add_row(one["kind"], one["title"], f"{one['entries']:,}", records.when(one["at"]) if one["at"] else "", showing.plain(one["source"]))
    out().print(shown)


def _list(found: Any, total: int, rules: Any) -> None:
    titles = {name: rules.fields[name].title for name in found.columns if found[name].notna().any()}
    rows = list(zip(*(map(showing.plain, found[name].tolist()) for name in titles), strict=True))
    tables.show(list(titles.values()), rows, ahead=tables.longest(rows))
    rest = f" The first {len(found):,} are shown; --all shows every one, `reference export` writes them to a file." if len(found) < total else ""
    say(f"{invoice_rules.plural(total, 'entry')}.{rest}", style="bold")


def _entries(store: Any, rules: Any) -> Any:
    """The entries with the names of their fields; amounts and other numbers as exact text."""
    titles = {field.title: name for name, field in rules.fields.items()}
    return invoice_rules.references.as_sheet(store.context().reference(rules.reference or rules.name), rules).rename(columns=titles)


@reference.command()
def export(ctx: typer.Context, kind: Kind, file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the list goes: .csv or .xlsx.")], force: options.Force = False) -> None:
    """Write a list to a file, which can be changed and imported again. With `all`, one workbook has a sheet for every list with entries."""
    target, store = file.expanduser(), ctx.obj.existing_store()
    context, ending = store.context(), target.suffix.lower()
    if ending not in (".csv", ".xlsx") or (ending == ".csv" and kind.casefold() == ALL):
        raise invoice_rules.CannotRun(f'"{target.name}" names no kind of file that can be written here. End it with .xlsx{"" if kind.casefold() == ALL else " or .csv"}.')
    invoice_rules.workbooks.unless_there(target, force)
    rules = [_kind(kind)] if kind.casefold() != ALL else list(invoice_rules.references.owned().values())
    frames = {one.title: invoice_rules.references.as_sheet(context.reference(one.reference or one.name), one) for one in rules}
    if kind.casefold() == ALL and not (frames := {title: frame for title, frame in frames.items() if len(frame)}):
        raise invoice_rules.CannotRun("No list has entries yet. `reference import` saves one from a file.")
    with working(f"Writing {target.name}"):
        if ending == ".csv":
            invoice_rules.exporting.write_csv(next(iter(frames.values())), target, {})
        else:
            invoice_rules.workbooks.tables_workbook(frames, target, "Reference lists")
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"file": str(target), "lists": {title: len(frame) for title, frame in frames.items()}})
    else:
        say(f"{invoice_rules.plural(sum(map(len, frames.values())), 'entry')} of {', '.join(frames)} written to")
        line(f"  {target}")
