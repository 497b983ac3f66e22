"""New template: a workbook for a client to fill in, made from the chosen rule set and opened."""

from pathlib import Path

import xlwings as xw

import invoice_rules
from addin.dialogs import Field
from addin.session import Session
from invoice_rules import CannotRun

_ROWS = "500"
_MOST = 100_000


def new_template(session: Session) -> None:
    """Ask what it shall be called and for whom it is, write it, and open it. An earlier file of the name is replaced only after a yes."""
    if not session.config.rules:
        raise CannotRun("No rule set is chosen yet. Choose which system the invoices are for (Rule set), then try again.")
    rules = invoice_rules.rule_set(session.config.rules)
    store = session.store_if_any
    lists = invoice_rules.references.keys_for(rules, store.context()) if store is not None else {}
    fields = [
        Field("file", "File", str(_folder(session) / f"{rules.title} template.xlsx")),
        Field("sender", "Who will fill it in; written on its cover"),
        Field("rows", "Open rows", _ROWS),
        *([Field("lists", "Drop-downs with your reference data", "yes", ("yes", "no"))] if lists else []),
    ]
    answer = session.dialogs.form(f"A template for {rules.title}: a workbook that checks while somebody types.", fields)
    if answer is None:
        session.done("no template was made.")
        return
    target, rows = _target(answer["file"]), _rows(answer["rows"])
    if target.exists() and not session.dialogs.confirm(f"{target.name} is there already. Replace it?"):
        session.done("no template was made.")
        return
    session.say("Making the template")
    chosen = lists if answer.get("lists") == "yes" else {}
    currency = store.entity.currency if store is not None else ""
    written = invoice_rules.workbooks.template_workbook(rules, target, rows=rows, sender=answer["sender"], references=chosen, currency=currency)
    session.app.books.open(str(written))
    session.done(f"{written.name} is ready to be sent to a client.")


def _folder(session: Session) -> Path:
    """Where the open workbook is, else the user's documents. Of one on SharePoint or OneDrive xlwings may not find the copy on this machine."""
    try:
        file = Path(session.book.fullname)
    except xw.XlwingsError:
        file = Path()
    documents = Path.home() / "Documents"
    return file.parent if file.is_absolute() else documents if documents.is_dir() else Path.home()


def _target(said: str) -> Path:
    target = Path(said).expanduser()
    if target.suffix.lower() != ".xlsx" or not target.is_absolute():
        raise CannotRun(f'"{said}" is no name for a template. Give its folder and a name that ends with .xlsx.')
    if not target.parent.is_dir():
        raise CannotRun(f"There is no folder {target.parent}. Choose one that is there.")
    return target


def _rows(said: str) -> int:
    if not said.isdecimal() or not 1 <= int(said) <= _MOST:
        raise CannotRun(f'"{said}" is no number of rows. Give a number from 1 to {_MOST:,}.')
    return int(said)
