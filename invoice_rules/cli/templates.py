"""`template`: a workbook for the client to fill in, made from a rule set."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import options, output
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, line, own_command, say


@app.command()
def template(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The rule set, such as paystand.receivables; `rules` lists them.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="The workbook to write; by default the rule set's title, here.")] = None,
    rows: Annotated[int, typer.Option("--rows", metavar="N", help="How many open rows it has; it may grow.")] = 500,
    sender: Annotated[str, typer.Option("--sender", metavar="S", help="Who will fill it in; written on its cover.")] = "",
    reference: Annotated[bool, typer.Option("--reference", help="Let its users choose from the reference data on file, such as customers and tax codes.")] = False,
    set_: options.Set = None,
    force: options.Force = False,
) -> None:
    """Make a template workbook that a client fills in.

    It knows the rules and checks while somebody types. When it comes back, `check` and `import` know its columns, and the totals
    declared on its cover are compared with its rows.
    """
    session: Session = ctx.obj
    rules = options.found_rules(name)
    settings = options.pairs(set_ or (), "--set", "FIELD=VALUE")
    lists = _references(session, rules.under(settings)) if reference else {}
    target = (out or Path(f"{rules.title} template.xlsx")).expanduser()
    if target.suffix.lower() != ".xlsx":
        raise invoice_rules.CannotRun(f'"{target.name}" is no name for a template. End it with .xlsx.')
    invoice_rules.workbooks.unless_there(target, force)
    books = session.store_if_any
    currency = books.entity.currency if books is not None else ""
    written = invoice_rules.workbooks.template_workbook(rules, target, rows=rows, sender=sender, references=lists, settings=settings, currency=currency)
    if session.json:
        with output.array(ctx) as writing:
            writing.add({"template": str(written), "rules": rules.name, "version": rules.version, "rows": rows, "lists": sorted(lists)})
        return
    line(f"Written: {written}")
    if lists:
        say(f"Its drop-downs hold {invoice_rules.plural(sum(map(len, lists.values())), 'entry')} of your reference data.")
    say(f"When it comes back: {own_command(['check'])} FILE --rules {rules.name}", style="dim")



def _references(session: Session, rules: Any) -> dict[str, list[str]]:
    """What `references.keys_for` finds on file. Raises CannotRun where that is nothing."""
    found = invoice_rules.references.keys_for(rules, session.existing_store().context())
    if not found:
        raise invoice_rules.CannotRun("No reference data of these rules is on file. Import it first, or leave --reference out.")
    return found
