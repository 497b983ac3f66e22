"""Whose books a notebook works on, and questions to whoever sits before it."""

import datetime as dt
from typing import Any

import invoice_rules
from invoice_rules import CannotRun, folders
from invoice_rules.values import show_date

Where = Any
"""A store, its path or URL; nothing means $INVOICE_RULES_STORE, else this user's own."""


def opened(store: Where = None, entity: str = "main", make: bool = False) -> Any:
    """The store, seen as this entity's books. Looking makes none: raises CannotRun where there is none yet, unless `make`."""
    import os

    if store is not None and not isinstance(store, str | os.PathLike):
        return store
    url = str(store or "") or os.environ.get(folders.STORE_VARIABLE) or None
    if not make and folders.missing_store(url):
        raise CannotRun(f"There is no store at {url or folders.default_store()} yet. The first import makes it.")
    return invoice_rules.open_store(url, entity)


def asked(question: str) -> str | None:
    """What somebody answers in the cell; None where nobody can be asked, as when a notebook runs by itself."""
    from IPython import get_ipython
    from IPython.core.error import StdinNotImplementedError

    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    try:
        return input(f"{question} ").strip()
    except (StdinNotImplementedError, EOFError):
        return None


def attended() -> bool:
    """Whether somebody sits before the notebook who can be asked."""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


def yes(answer: str | None) -> bool:
    """Whether an answer means yes."""
    return (answer or "").strip().casefold() in ("y", "yes")


def when(at: str) -> str:
    """A moment of the store by the reader's own clock: 21 Nov 2026, 14:02."""
    moment = dt.datetime.fromisoformat(at).astimezone()
    return f"{show_date(moment.date())}, {moment:%H:%M}"


def a_day(text: str | dt.date | None) -> dt.date:
    """A day given as 2026-11-21; today where none is given. Raises CannotRun for anything else."""
    if isinstance(text, dt.date):
        return text
    try:
        return dt.date.fromisoformat(text) if text else dt.date.today()
    except ValueError:
        raise CannotRun(f'"{text}" is no day. Write it as 2026-11-21.') from None


def rules_named(name: str) -> Any:
    """A rule set by its name. Raises CannotRun with the names that there are."""
    try:
        return invoice_rules.rule_set(name)
    except LookupError as unknown:
        raise CannotRun(str(unknown.args[0])) from None


def title(field: str, rules: str) -> str:
    """A field's title, where the rule set is still there."""
    known = invoice_rules.rule_sets().get(rules)
    return known.fields[field].title if known and field in known.fields else field
