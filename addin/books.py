"""History, Undo last import, Settings, Help, and the two drop-downs."""

import dataclasses
import webbrowser
from pathlib import Path

import xlwings as xw

import invoice_rules
from addin import config as settings
from addin import connecting, guide, sheets
from addin.dialogs import Field
from addin.session import Session
from addin.sheets import Column
from invoice_rules import CannotRun, folders

_HISTORY = (
    *(Column("Batch", 8), Column("When", 18), Column("What", 10), Column("State", 12), Column("User", 16), Column("Source", 34), Column("Rules", 24)),
    *(Column("Created", 9), Column("Updated", 9), Column("Unchanged", 11), Column("Left out", 9), Column("Reason", 60, long=True)),
)
_GUIDE = "guide.html"
_MOST_KNOWN = 8


def import_history(session: Session) -> None:
    """List the imports of the company on a sheet of its own, the latest first."""
    found = invoice_rules.history(settings.existing_store(session.config))

    def fill(sheet: xw.Sheet) -> int:
        top = sheets.heading(sheet, f"Imports into {session.config.entity}", f"Kept in {session.store.label}.")
        rows = [
            [
                "" if its.number is None or its.number != its.number else str(its.number), _local(its.at), its.kind, its.state, its.user, its.source, its.rules,
                *(str(count) for count in (its.created, its.updated, its.unchanged, its.rejected)), its.reason,
            ]
            for its in found.itertuples()
        ]  # fmt: skip
        sheets.listing(sheet, top, _HISTORY, rows)
        return top

    sheets.made("history", session.sheet, fill)
    session.done(f"{invoice_rules.plural(len(found), 'batch', 'batches')} listed.")


def _local(at: str) -> str:
    """When, as people here read it: 21 Nov 2026, 14:02."""
    import datetime as dt

    return f"{dt.datetime.fromisoformat(at).astimezone():%d %b %Y, %H:%M}".lstrip("0")


def undo_last_import(session: Session) -> None:
    """Undo the latest import that stands, as a batch of its own (X-10)."""
    store = settings.existing_store(session.config)
    found = invoice_rules.history(store)
    done = found[(found["kind"] == "import") & (found["state"] == "finished") & found["number"].notna()]
    if not len(done):
        raise CannotRun(f"There is no import into {session.config.entity} to undo.")
    batch = int(done.iloc[0]["number"])
    made = invoice_rules.store.receipt(batch, store)
    if not session.dialogs.confirm(f"{made.summary()}\nSource: {made.source}\n\nUndo this import?"):
        session.done("nothing was undone.")
        return
    session.say("Undoing")
    receipt = invoice_rules.undo(batch, store, user=session.config.user or None)
    session.done(receipt.summary())
    session.dialogs.tell(f"{receipt.summary()}\n\nPress Validate to bring the status beside the rows up to date.")


def change_settings(session: Session) -> None:
    """Ask for the store, the company and the user's name, and keep them once they work."""
    config = session.config
    known = [its.name for its in session.store_if_any.entities()] if session.store_if_any is not None else []
    fields = [
        Field("store", "Store: a file or a PostgreSQL address; blank for your own", config.store),
        Field("entity", _company(known), config.entity),
        Field("user", "Your name in the history; blank for your login", config.user),
        Field("functions", "Worksheet functions may read the books", "yes" if config.functions else "no", ("no", "yes")),
    ]
    connections = connecting.field()
    fields += [connections] if connections else []
    answer = session.dialogs.form("Where invoices are kept, whose books these are, who you are, and which services are connected.", fields)
    if answer is None:
        session.done("the settings were left as they were.")
        return
    new = dataclasses.replace(config, store=_whole(answer["store"]), entity=answer["entity"] or "main", user=answer["user"], functions=answer["functions"] == "yes")
    _must_open(session, new)
    session.choose(new)
    said = connecting.change(session, answer["connections"]) if connections else ""
    session.done(said or f"invoices of {new.entity} are kept in {invoice_rules.trouble.without_secrets(new.store) or 'your own store'}.")


def _company(known: list[str]) -> str:
    """What the company is asked by, with the first ones that are known.

    >>> _company(["main", "Acme"]), _company([])
    ('Company (known: main, Acme)', 'Company')
    """
    more = len(known) - _MOST_KNOWN
    listed = ", ".join(known[:_MOST_KNOWN]) + (f" and {more:,} more" if more > 0 else "")
    return f"Company (known: {listed})" if known else "Company"


def _whole(said: str) -> str:
    """The store as it is kept, a file with its whole path: each click may start in another folder. Raises CannotRun where the folder is not told."""
    scheme, is_url, path = said.partition(":///") if "://" in said else ("", "", said)
    if not path or is_url and not scheme.startswith("sqlite") or "://" in path:
        return said
    file = Path(path).expanduser()
    if not file.is_absolute():
        raise CannotRun(f'"{said}" does not say which folder it is in. Give the whole path, such as {folders.default_store().with_name(file.name)}.')
    return said if is_url else str(file)


def _must_open(session: Session, new: settings.Config) -> None:
    """Raises CannotRun where the store cannot be used; a company that is not there yet is added once the user agrees."""
    store = invoice_rules.open_store(new.store or None, "main")
    if new.entity not in [its.name for its in store.entities()]:
        if not session.dialogs.confirm(f"The store has no company {new.entity} yet. Add it?"):
            raise CannotRun("The settings were left as they were.")
        store.add_entity(new.entity, user=new.user or None)
    invoice_rules.open_store(new.store or None, new.entity).entity  # noqa: B018 # asking for it is the test


def choose_rules(session: Session, name: str) -> None:
    """Use these rules from now on."""
    if name not in invoice_rules.rule_sets():
        raise CannotRun(f"There are no rules called {name}. Choose from the list.")
    session.choose(dataclasses.replace(session.config, rules=name))
    session.done(f"rules: {invoice_rules.rule_set(name).title}.")


def choose_mapping(session: Session, name: str) -> None:
    """Use this saved mapping for the chosen rules; "" guesses from the headings."""
    if not session.config.rules:
        raise CannotRun("Choose the rule set first; saved mappings belong to one.")
    store = session.store_if_any
    if name and (store is None or store.mapping(session.config.rules, name) is None):
        raise CannotRun(f'There is no saved mapping "{name}" for these rules. Press Map columns to make one.')
    session.choose(session.config.with_mapping(name))
    session.done(f"columns: {name or 'a guess from the headings'}.")


def show_help() -> None:
    """Open the guide to the buttons in the browser."""
    settings.put(_GUIDE, guide.page())
    webbrowser.open((folders.config_folder() / _GUIDE).as_uri())
