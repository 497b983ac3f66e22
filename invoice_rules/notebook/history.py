"""What was imported: the list, receipts, differences, proofs, the way back, and how long details are kept (X-7, X-10, S3-20).

    history = History("books.sqlite")
    history               # every import, the latest first
    history.receipt(3)
    history.panel()       # the same with buttons
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

import invoice_rules
from invoice_rules import CannotRun, plural
from invoice_rules.notebook import books
from invoice_rules.notebook.shown import Listing, Shown, lead, note
from invoice_rules.values import show_date, with_commas

if TYPE_CHECKING:
    import ipywidgets
    import pandas as pd

COUNTS = ("created", "updated", "unchanged", "skipped", "rejected", "closed", "withdrawn", "restored")
LEAST_DAYS = 60
_STATES = {"finished": "good", "failed": "bad", "interrupted": "bad", "undone": "neutral", "running": "neutral"}
_RESULTS = {True: "agrees", False: "differs", None: "not compared"}
_TINTS = {"agrees": "good", "differs": "bad", "not compared": "neutral"}
_TOTALS = {
    "file": "In the file", "created": "Created", "updated": "Updated", "unchanged": "Unchanged", "skipped": "Skipped", "rejected": "Stayed out", "stored": "Stored now",
    "withdrawn": "Taken out of force", "restored": "Restored", "reopened": "Reopened",
    "opening": "Open before", "new": "+ new", "changed": "± changed", "closed": "− closed", "closing": "= open now",
}


class History:
    """The batches of an entity. Each method shows something; `frame` is the list as data."""

    def __init__(self, store: books.Where = None, entity: str = "main"):
        self.store = books.opened(store, entity)

    @property
    def frame(self) -> "pd.DataFrame":
        """One row a batch or failed attempt, the latest first; see `invoice_rules.history`."""
        return invoice_rules.history(self.store)

    def imports(self, most: int = 50) -> Shown:
        """Every import with its result and, where it failed, the reason."""
        found = self.frame
        rows = []
        for one in found.head(most).to_dict("records"):
            counts = ", ".join(f"{one[word]:,} {word}" for word in COUNTS if one[word])
            number = "" if one["number"] != one["number"] or one["number"] is None or str(one["number"]) == "<NA>" else one["number"]
            rows.append([number, books.when(one["at"]), one["kind"], one["state"], one["source"], counts, one["reason"], one["user"]])
        refused = int(found["number"].isna().sum())
        failed = f", and {plural(refused, 'attempt')} that wrote nothing" if refused else ""
        said = f"{plural(len(found) - refused, 'batch', 'batches')} in {self.store.entity.name}{failed}." if len(found) else f"Nothing was imported into {self.store.entity.name} yet."
        listing = Listing("Imports, the latest first", ["No.", "When", "What", "State", "File", "Result", "Reason", "By"], rows, right=["No."], tints=_STATES)
        more = note(f"The first {most} are shown; imports(most=…) shows more.") if len(found) > most else None
        return Shown(lead(said), listing if rows else None, more)

    def _repr_html_(self) -> str:
        return self.imports()._repr_html_()

    def __repr__(self) -> str:
        return repr(self.imports())

    def receipt(self, batch: str | int) -> Shown:
        """The receipt of a batch: what, whose, from where, by which rules; counts with their totals; the head of the history's chain."""
        made = invoice_rules.store.receipt(batch, self.store)
        return Shown(lead(made.summary()), _totals(made), note(made.unread()) if made.unread() else None, _facts(made), _problems(made))

    def differences(self, batch: str | int, most: int = 200) -> Shown:
        """What a batch changed, invoice by invoice."""
        made = invoice_rules.store.receipt(batch, self.store)
        frame = made.to_frame()
        changed = frame[frame["changes"] != ""]
        rows = [["" if str(one["row"]) == "<NA>" else one["row"], one["key"], one["outcome"], one["changes"]] for one in changed.head(most).to_dict("records")]
        said = f"Batch {made.number} changed {plural(len(changed), 'record')} that {'was' if len(changed) == 1 else 'were'} on file."
        more = note(f"The first {most:,} are shown.") if len(changed) > most else None
        return Shown(lead(said), Listing("Changes", ["Row", "Record", "Outcome", "What changed"], rows, right=["Row"]) if rows else None, more)

    def verify(self, batch: str | int, file: str | None = None) -> Shown:
        """Compare a receipt with the file and the store as they are today; `file` is where the file lies now."""
        found = invoice_rules.store.verify_receipt(batch, self.store, file or None)
        compared = [agrees for _, agrees, _ in found if agrees is not None]
        wrong = compared.count(False)
        said = f"{plural(wrong, 'thing')} of {len(compared)} {'does' if wrong == 1 else 'do'} not agree any more." if wrong else f"All {len(compared)} things that were compared agree."
        rows = [[what.capitalize(), _RESULTS[agrees], says] for what, agrees, says in found]
        missing = " ".join(says for _, agrees, says in found if agrees is None)
        return Shown(lead(said), note(missing) if missing else None, Listing("Compared", ["What", "Result", "What was found"], rows, tints=_TINTS))

    def undo(self, batch: str | int, confirmed: bool = False) -> Shown:
        """Take a batch back, which is a batch of its own. Asks first unless `confirmed`; where nobody can be asked it must be."""
        made = invoice_rules.store.receipt(batch, self.store)
        if not confirmed and not books.yes(books.asked(f"Undo batch {made.number} of {made.entity}, {made.source}? Type yes to undo it:")):
            return Shown(lead("Nothing was undone."), made.summary())
        return self.receipt(invoice_rules.undo(made.number, self.store).number)

    def retention(self, older_than_days: int = LEAST_DAYS) -> Shown:
        """How old the details are, and what a purge would empty. Purging is off by default and an administrator's recorded act."""
        old = self._older(older_than_days)
        told = [sum(problem["count"] for problem in one.details.get("problems", ())) for one in old]
        rows = [[one.number, books.when(one.at), one.source, f"{count:,}"] for one, count in zip(old, told, strict=True)]
        have = "has" if len(old) == 1 else "have"
        said = f"{plural(len(old), 'import')} older than {older_than_days} days {have} details that a purge would empty."
        said = said if old else f"No import is older than {older_than_days} days."
        listing = Listing("Old enough to be purged", ["No.", "When", "File", "Problems told"], rows, right=["No.", "Problems told"]) if rows else None
        kept = note("A purge empties the values and messages of problems. Receipts, outcomes and hashes stay, and the history still proves itself.")
        return Shown(lead(said), listing, kept)

    def purge(self, older_than_days: int, confirmed: bool = False) -> Shown:
        """Empty the details of imports older than so many days, 60 at least; administrators only. Asks first unless `confirmed`."""
        self.store.require("administrator", "Purging")
        if older_than_days < LEAST_DAYS:
            raise CannotRun(f"Details of imports are kept for {LEAST_DAYS} days at least. Choose {LEAST_DAYS} days or more. Nothing was purged.")
        if not confirmed and not books.yes(books.asked(f"Empty the details of imports older than {older_than_days} days? This cannot be undone. Type yes:")):
            return Shown(lead("Nothing was purged."))
        return self.receipt(invoice_rules.store.purge(self.store, older_than_days).number)

    def panel(self) -> "ipywidgets.Widget":
        """The same with buttons: choose a batch, look at it, take it back."""
        from invoice_rules.notebook.panel import HistoryPanel

        return HistoryPanel(self).widget

    def _older(self, days: int) -> list[Any]:
        before = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        return [one for one in invoice_rules.store.receipts(self.store) if one.kind != "purge" and dt.datetime.fromisoformat(one.at) < before]


def _totals(made: Any) -> Listing | None:
    """Counts and totals by outcome and currency, then how the open items moved (X-20). No two currencies are added."""
    fields = list(dict.fromkeys(name for codes in made.totals.values() for sums in codes.values() for name in sums))
    titles = [books.title(name, made.rules) for name in fields]
    rows = [[_TOTALS.get(name, ""), count, code, *(with_commas(sums.get(field)) for field in fields)] for name, count, code, sums in made.tally(_TOTALS)]
    return Listing("Counts and totals", ["", "Count", "Currency", *titles], rows, right=["Count", *titles]) if rows else None


def _facts(made: Any) -> Listing:
    rules = f"{made.rules}, version {made.rules_version}" if made.rules else ""
    state = f"{made.kind}, {made.state}" + (f". {made.reason}" if made.reason else "")
    named = {"File": made.source, "SHA-256": made.sha256, "Sender": made.sender, "Entity": made.entity, "User": made.user, "When": books.when(made.at)}
    named |= {"Rules": rules, "Mapping": made.mapping, "State": state, "Batch": made.batch, "Store": made.store, "History head": made.head}
    return Listing("Where it came from", ["", " "], [[name, value] for name, value in named.items() if value])


def _problems(made: Any) -> Listing | None:
    found = [one for one in made.details.get("problems", ()) if one["severity"] in ("error", "hold", "warning")]
    rows = [[one["rule"], books.title(one["field"], made.rules), one["severity"], f"{one['count']:,}"] for one in found]
    tints = {"error": "bad", "hold": "neutral", "warning": "neutral"}
    return Listing("What was told about the file", ["Rule", "Field", "Severity", "Count"], rows, right=["Count"], tints=tints) if rows else None


def named(made: Any) -> str:
    """A batch as a button names it: import of 21 Nov 2026, 14:02."""
    return f"{made.kind} of {books.when(made.at)}"


def day_before(days: int) -> str:
    """The day that lies so many days back, in words."""
    return show_date(dt.date.today() - dt.timedelta(days=days))
