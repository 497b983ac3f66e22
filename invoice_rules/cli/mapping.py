"""`map` and `mapping`: which column feeds which field, and the column mappings kept in the store."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, options, output, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, line, out, say, working

saved_mappings = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The column mappings kept in the store.")
app.add_typer(saved_mappings, name="mapping")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a saved mapping.")]


@app.command(name="map")
def map_file(
    ctx: typer.Context,
    file: options.File,
    rules: options.Rules = None,
    saved: options.Saved = None,
    map_: options.Map = None,
    set_: options.Set = None,
    sheet: options.Sheet = None,
    header: options.Header = "auto",
    encoding: options.Encoding = None,
    limit_mb: options.LimitMb = None,
    save: Annotated[str | None, typer.Option("--save", metavar="M", help="Keep the mapping and its settings in the store under this name; `default` is used where none is named.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --save: replace a mapping of that name without asking.")] = False,
) -> None:
    """Show which column feeds which field.

    It says how sure that is and why; required fields carry a star.

    Ends with 0 where every required field has a column or a value, 1 where one has neither.
    """
    session: Session = ctx.obj
    state = invoice_rules.wizard.Wizard(options.choices(session, file, dict(ctx.params)), store=session.store if save else session.store_if_any)
    with working(f"Reading {file.name}"):
        _ = state.mapping
    if save:
        asking.replace_mapping(session, state, save, yes)
    kept = session.keep_mapping(state, save) if save else None
    if session.json:
        with output.array(ctx) as writing:
            writing.add(_as_json(file, state, kept))
    else:
        _show(state, kept)
    raise typer.Exit(1 if state.missing else 0)


def _as_json(file: Path, state: Any, kept: Any | None) -> dict[str, Any]:
    found = {
        "file": str(file),
        "rules": state.rules.name,
        "mapping": output.columns_of(state.mapping, state.choices.settings, sure=True),
        "missing": list(state.missing),
        "unused": [state.table.headings[column] for column in state.mapping.unused],
    }
    return {**found, "saved": None if kept is None else {"name": options.mapping_name(kept), "version": kept.version}}


def _show(state: Any, kept: Any | None) -> None:
    line(showing.reading(state.table, state.rules), style="dim")
    say("")
    showing.mapping(state.mapping, state.rules, state.choices.settings, state.table.origin.first_column)
    unused = [showing.plain(state.table.headings[column]) or invoice_rules.column_letter(column) for column in state.mapping.unused]
    say("")
    if unused:
        say(f"Not used: {', '.join(unused)}")
    if state.missing:
        titles = ", ".join(f"{state.rules.fields[name].title} ({name})" for name in state.missing)
        say(f"Still to map: {titles}. Give a column with --map FIELD=COLUMN, or a value with --set FIELD=VALUE.", style="bold")
    else:
        say("Every required field has a column or a value.", style="bold")
    if kept is not None:
        use = f"Use it with --mapping {kept.name}." if kept.name else "It is used from now on where no other mapping is named."
        say(f'Saved as "{options.mapping_name(kept)}", version {kept.version}. {use}')


@saved_mappings.command(name="list")
def list_(ctx: typer.Context) -> None:
    """List the saved mappings of the entity."""
    found = ctx.obj.existing_store().mappings()
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for kept in found:
                writing.add(_described(kept))
    elif not found:
        say("No mapping is saved yet. map FILE --rules NAME --save M saves one.")
    else:
        shown = showing.table(["Name", "Rules", "Version", "Columns", "Values"], right=["Version", "Columns", "Values"])
        for kept in found:
            columns = sum(bool(match.heading) for match in kept.matches.values())
            shown.add_row(options.mapping_name(kept), kept.rules, str(kept.version), str(columns), str(len(kept.settings)))
        out().print(shown)


def _described(kept: Any) -> dict[str, Any]:
    about = {"name": options.mapping_name(kept), "version": kept.version, "rules": kept.rules, "settings": dict(kept.settings)}
    about |= {"kind": kept.kind, "header": kept.header}
    return {**about, "mapping": {name: match.heading or None for name, match in kept.matches.items()}}


def _of_files(kept: Any) -> str:
    """What kind of file a mapping was made for, and where its headings stand: `, from CSV files without headings`."""
    kinds = {"csv": "text files (CSV)", "workbook": "workbooks", "json": "JSON"}
    headings = {"auto": "", "none": " without headings"}.get(str(kept.header), f" with headings in row {kept.header}")
    return f", made from {kinds.get(kept.kind, 'files')}{headings}" if kept.kind or headings else ""


@saved_mappings.command()
def show(ctx: typer.Context, name: Name, rules: options.Rules = None) -> None:
    """Show a saved mapping: its columns and values."""
    kept = options.saved_mapping(ctx.obj, name, rules)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add(_described(kept))
        return
    say(f'"{name}", version {kept.version}, for {kept.rules}{_of_files(kept)}', style="bold")
    showing.saved(kept, options.found_rules(kept.rules))


@saved_mappings.command()
def delete(ctx: typer.Context, name: Name, rules: options.Rules = None, yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False) -> None:
    """Take a saved mapping out of use. Receipts of earlier imports keep theirs."""
    kept = options.saved_mapping(ctx.obj, name, rules)
    asking.must_confirm(ctx.obj, f'Take the mapping "{name}" out of use?', yes)
    ctx.obj.store.delete_mapping(kept.rules, kept.name)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"deleted": name, "rules": kept.rules})
    else:
        say(f'The mapping "{name}" is out of use.')
