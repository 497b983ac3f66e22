"""`convert`: a file of invoices in another form: rows as the JSON of a service, its JSON as rows (S2-1, S2-45)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import options, output, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.checking import examine
from invoice_rules.cli.session import Session, line, say, tell, working

To = Annotated[Path, typer.Option("--to", metavar="OUT", help="The file to write: .json, .xlsx or .csv.")]
Filled = Annotated[bool, typer.Option("--filled", help="Write defaults, official codes and computed amounts too, with the reference lists of the store; otherwise only what the file says.")]


@app.command()
def convert(
    ctx: typer.Context,
    file: options.File,
    to: To,
    rules: options.Rules = None,
    saved: options.Saved = None,
    map_: options.Map = None,
    set_: options.Set = None,
    sheet: options.Sheet = None,
    header: options.Header = "auto",
    encoding: options.Encoding = None,
    currency: options.Currency = None,
    limit_mb: options.LimitMb = None,
    fix: options.ApplyFixes = False,
    filled: Filled = False,
    force: options.Force = False,
    show_all: options.All = False,
) -> None:
    """Write a file in another form: rows of a workbook or CSV file as JSON, JSON as rows.

    JSON has the service's own names in their order, amounts as exact numbers and blanks as "". Rows have one line each, with its header
    repeated. The file is checked first; whether its invoices were imported before does not matter.

    Ends with 0 where the file was written, 1 where errors kept it from being written, 2 where it could not be read or written at all.
    """
    session: Session = ctx.obj
    target = to.expanduser()
    wizard = _wizard(session, file, dict(ctx.params), filled)
    invoice_rules.converting.may_write(target, wizard.rules, force, file)
    examine(wizard)
    shown = wizard.report if filled else invoice_rules.converting.without_lookups(wizard.report)
    if not session.json:
        _show(shown, filled, show_all)
    written, refused = None, ""
    try:
        with working(f"Writing {target.name}"):
            written = invoice_rules.converting.convert(wizard.report, target, filled=filled, replace=force)
    except invoice_rules.converting.HasErrors as stop:
        refused = str(stop)
    _tell(ctx, wizard, str(file), shown.problems, written)
    if refused:
        tell(refused, style="red")
    raise typer.Exit(0 if written else 1)


def _wizard(session: Session, file: Path, given: Mapping[str, Any], filled: bool) -> Any:
    """The examination of one file; reference lists count only where blanks are to be filled from them."""
    context = session.store_if_any.context() if filled and session.store_if_any else None
    lists = invoice_rules.converting.ListsOnly(context) if context else None
    return invoice_rules.wizard.Wizard(options.choices(session, file, given), context=lists)


def _show(report: Any, filled: bool, show_all: bool) -> None:
    """The report for people; what is filled in, and that it is not, matter only where it is written."""
    say(showing.reading(report.table, report.rules), style="dim")
    say("")
    showing.problems(report, show_all)
    if len(report.problems):
        say("")
    if filled:
        showing.filled(invoice_rules.filledin.counts(report))


def _tell(ctx: typer.Context, wizard: Any, file: str, problems: Any, written: Path | None) -> None:
    report = wizard.report
    if ctx.obj.json:
        with output.array(ctx) as writing:
            told = {"written": str(written) if written else None, "lines": None if report.lines is None else len(report.lines)}
            writing.add({**output.of_report(file, wizard, None), **told}, problems)
    elif written:
        lines = f" with {invoice_rules.plural(len(report.lines), 'line')}" if report.lines is not None else ""
        say(f"{invoice_rules.plural(report.invoices, report.rules.document)}{lines} written to")
        line(f"  {written}")
