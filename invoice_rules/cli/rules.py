"""`rules` and `config`: what there is, and where things are and why."""

import os
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules import about, folders, trouble
from invoice_rules.cli import options, output, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, out, say


@app.command()
def rules(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One rule set: its fields and rules as a page.")] = None,
) -> None:
    """List the rule sets, or show one.

    One is shown with its fields, rules and options; written into a file or another program it is a page of Markdown.
    """
    if name is None:
        _list(ctx)
        return
    chosen = options.found_rules(name)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add(_described(chosen))
        return
    if out().is_terminal:
        showing.rule_set(chosen)
    else:
        typer.echo(invoice_rules.pages.page(chosen))


def _list(ctx: typer.Context) -> None:
    known = invoice_rules.rule_sets().values()
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for one in known:
                writing.add(_described(one))
        return
    shown = showing.table(["Name", "What it is for"], wide=["What it is for"])
    for one in known:
        shown.add_row(one.name, f"{one.title}. {one.description}")
    out().print(shown)
    say("rules NAME shows the fields and rules of one.", style="dim")


def _described(rules: Any) -> dict[str, Any]:
    fields = {
        name: {"title": field.title, "kind": field.kind, "required": field.required, "max": field.max, "description": field.description}
        for name, field in rules.fields.items()
    }
    settings = {option.name: list(option.choices) for option in rules.options}
    checks = [{"field": name, "rule": rule.id, "severity": str(rule.severity), "spec": rule.spec, "says": rule.says} for name, rule in rules.rules]
    return {"name": rules.name, "title": rules.title, "version": rules.version, "key": rules.key, "fields": fields, "options": settings, "checks": checks}


@app.command()
def config(ctx: typer.Context) -> None:
    """Show where things are and why.

    The store and what chose it, the folders, and the versions at work.
    """
    session: Session = ctx.obj
    exists = not folders.missing_store(session.store_url)
    found = {
        "store": trouble.without_secrets(session.store_url or str(folders.default_store())),
        "store_from": session.store_from,
        "store_exists": exists,
        "entity": session.entity,
        "config_folder": str(folders.config_folder()),
        "log_folder": str(folders.log_folder()),
        "color": "off (NO_COLOR is set)" if os.environ.get("NO_COLOR") else "on terminals",
        "versions": about.versions(),
    }
    if session.json:
        with output.array(ctx) as writing:
            writing.add(found)
        return
    titles = {"store": "Store", "store_from": "  chosen by", "store_exists": "  is there", "entity": "Entity"}
    titles |= {"config_folder": "Settings folder", "log_folder": "Log folder", "color": "Colour"}
    found["store_exists"] = "yes" if exists else "not yet: the first import makes it"
    showing.facts([*((title, found[key]) for key, title in titles.items()), *about.versions().items()])
