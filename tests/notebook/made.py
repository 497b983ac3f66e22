"""Stores that several tests look at: made once, copied for each."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from invoice_rules import commit, examine, open_store, plan, samples

RULES = "paystand.receivables"
SENDER = "Hollis & Crane Architects"


def two_months(folder: Path):
    """A store of October, then November that follows it, imported from elsewhere; copies of the files lie beside it."""
    for path in _two_months().iterdir():
        if path.suffix in (".sqlite", ".xlsx"):
            shutil.copy(path, folder)
    return open_store(folder / "books.sqlite")


@cache
def _two_months() -> Path:
    folder = Path(mkdtemp(prefix="ir-books-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    import_two_months(folder).engine.dispose()
    return folder


def import_two_months(folder: Path):
    """The same, imported from files in this folder."""
    store = open_store(folder / "books.sqlite")
    for file in samples.build_samples(folder):
        commit(plan(examine(file, RULES, context=store.context(), sender=SENDER), store))
    return store
