"""What customers owe and how imports go: figures with the tables that they are drawn from, currency by currency (S1-9, X-17).

    receivables = Receivables("books.sqlite")
    receivables.aging()        # what is open, by how long it has been due
    receivables.customers()    # who owes most
    receivables.problems()     # who keeps sending what
    receivables.timeline()     # what came in when

Amounts of two currencies are never added. Reasons of rows that stayed out are counted from the receipts, which keep them (X-7).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import invoice_rules
from invoice_rules import exact, plural
from invoice_rules.notebook import books
from invoice_rules.notebook.figures import AGES, BAR, BLUE, GREEN, GREY, ORANGE, RED, SERIES, Drawn, bars, drawn, stacked
from invoice_rules.notebook.shown import Listing, Shown, lead, note
from invoice_rules.values import show_date, show_money

if TYPE_CHECKING:
    import pandas as pd

KEY = ["customer", "customer_name", "system"]
_AGES = {"current": "Not due yet", "1–30": "1–30 days", "31–60": "31–60 days", "61–90": "61–90 days", "over 90": "Over 90 days"}
_OUTCOMES = {"created": GREEN, "updated": BLUE, "unchanged": GREY, "skipped": ORANGE, "rejected": RED}
_WORDS = {"created": "Created", "updated": "Updated", "unchanged": "Unchanged", "skipped": "Skipped", "rejected": "Stayed out"}
NOBODY = "No sender named"
_LEGEND = 28
"""How long a name beside a figure may be, so that the figure keeps its room."""


class Receivables:
    """The open items of an entity as of a day (`2026-11-21`; today by default), of one rule set or of all. Raises CannotRun for rules that nobody knows."""

    def __init__(self, store: books.Where = None, entity: str = "main", as_of: str | dt.date | None = None, rules: str = ""):
        self.store = books.opened(store, entity)
        self.day = books.a_day(as_of)
        self.rules = books.rules_named(rules).name if rules else None

    @cached_property
    def open_items(self) -> "pd.DataFrame":
        """One row a customer and currency, in minor units; see `invoice_rules.store.aging`."""
        return invoice_rules.store.aging(self.store, as_of=self.day, rules=self.rules)

    def aging(self) -> Shown:
        """What is open by days past due: a figure and a table, a part for each currency."""
        found, day = self.open_items, show_date(self.day)
        if not len(found):
            return self._nothing()
        sums = found.groupby("currency")[[*_AGES, "total"]].sum()
        parts, rows, said = [], [], []
        for code, one in sums.iterrows():
            amounts = [int(one[name]) for name in _AGES]
            texts = [_amount(minor, str(code)) for minor in amounts]
            parts.append(partial(_ages, title=f"Open receivables in {code}, {day}", values=[_float(minor, str(code)) for minor in amounts], texts=texts))
            rows.append([code, *texts, _amount(int(one["total"]), str(code))])
            said.append(f"{code} {_amount(int(one['total']), str(code))}, of them {_amount(amounts[-1], str(code))} over 90 days past due")
        picture = drawn(parts, f"Open receivables by days past due as of {day}: {'; '.join(said)}.", [BAR * len(_AGES)] * len(parts))
        listing = Listing(f"Days past due as of {day}", ["Currency", *_AGES.values(), "Total"], rows, right=[*_AGES.values(), "Total"])
        later = invoice_rules.store.left_out(found)
        about = note(f"{later} " * bool(later) + "Credits count below zero. Drafts, estimates, void and staged documents are no receivables.")
        return Shown(lead(f"Open as of {day}: {'; '.join(said)}."), picture, listing, about)

    def customers(self, most: int = 15) -> Shown:
        """Who owes most, in each currency: a figure and a table."""
        found = self.open_items
        if not len(found):
            return self._nothing()
        parts, rows, heights = [], [], []
        system = ["system"] if found["system"].nunique() > 1 else []
        for code, of_code in found.groupby("currency"):
            top = of_code.sort_values("total", ascending=False, kind="stable").head(most).to_dict("records")
            values, texts = [_float(one["total"], str(code)) for one in top], [_amount(one["total"], str(code)) for one in top]
            title = f"Open by customer in {code}" + (f", the first {most} of {len(of_code):,}" if len(of_code) > most else "")
            parts.append(partial(_lying, title=title, labels=[_name(one) for one in top], values=values, texts=texts))
            heights.append(BAR * len(top))
            rows += [[one["customer"], one["customer_name"], *(one[its] for its in system), code, *(_amount(one[name], str(code)) for name in (*_AGES, "total"))] for one in top]
        picture = drawn(parts, f"Open by customer as of {show_date(self.day)}, the largest first.", heights)
        headings = ["Customer", "Name", *(its.title() for its in system), "Currency", *_AGES.values(), "Total"]
        listing = Listing("Open by customer", headings, rows, right=[*_AGES.values(), "Total"])
        return Shown(lead(f"{plural(len(found.drop_duplicates(KEY)), 'customer')} with open items as of {show_date(self.day)}."), picture, listing)

    @cached_property
    def _imports(self) -> list[Any]:
        return [one for one in invoice_rules.store.receipts(self.store) if one.kind == "import" and self.rules in (None, one.rules)]

    @cached_property
    def told(self) -> "pd.DataFrame":
        """One row an import, rule and field with errors or holds: at (its day), sender, rules, rule, field, severity, count."""
        import pandas as pd

        rows = [
            (_day(one), one.sender or NOBODY, one.rules, problem["rule"], problem["field"], problem["severity"], problem["count"])
            for one in self._imports
            for problem in one.details.get("problems", ())
            if problem["severity"] in ("error", "hold")
        ]
        return pd.DataFrame(rows, columns=["at", "sender", "rules", "rule", "field", "severity", "count"])

    def problems(self, most: int = 8) -> Shown:
        """Who keeps sending what: errors and holds of each month by rule and by sender, and the most frequent of each sender."""
        found = self.told
        if not len(found):
            return Shown(lead("No import on file had an error or a hold."))
        months = _months(found["at"])
        labels = [_month(month) for month in months]
        recent = found[found["at"] >= months[0]]
        parts = [
            partial(stacked, labels=labels, **_split(recent, months, by, most), title=f"By {by}", ylabel="Errors and holds") for by in ("rule", "sender")
        ]
        picture = drawn(parts, f"{_problems(recent)} of {plural(len(months), 'month')}, by rule and by sender.", [2.6, 2.6])
        each = found.groupby(["sender", "rule", "field", "rules"], as_index=False)["count"].sum()
        each = each.sort_values(["count", "sender"], ascending=[False, True], kind="stable")
        rows = [[one["sender"], one["rule"], books.title(one["field"], one["rules"]), f"{one['count']:,}"] for one in each.head(40).to_dict("records")]
        said = lead(f"{_problems(found)} in {plural(len(self._imports), 'import')}.")
        return Shown(said, picture, Listing("Who keeps sending what", ["Sender", "Rule", "Field", "Count"], rows, right=["Count"]))

    def timeline(self) -> Shown:
        """What each day's imports did, and every import of the latest thirty."""
        made = self._imports
        if not made:
            return Shown(lead("Nothing was imported yet."))
        days = sorted({_day(one) for one in made})
        series = [(_WORDS[name], [sum(one.counts.get(name, 0) for one in made if _day(one) == day) for day in days]) for name in _OUTCOMES]
        kept = [(one, color) for one, color in zip(series, _OUTCOMES.values(), strict=True) if any(one[1])]
        shown: dict[str, Any] = {"series": [one for one, _ in kept], "colors": [color for _, color in kept]}
        draw = partial(stacked, labels=[show_date(day) for day in days], **shown, title="Imported by day", ylabel="Documents")
        said = f"{plural(len(made), 'import')} on {plural(len(days), 'day')}."
        rows = [
            [one.number, books.when(one.at), one.source, one.sender, *(f"{one.counts.get(name, 0):,}" for name in _OUTCOMES), "undone" if one.state == "undone" else ""]
            for one in reversed(made[-30:])
        ]
        headings = ["No.", "When", "File", "Sender", *_WORDS.values(), "State"]
        listing = Listing("The latest imports", headings, rows, right=["No.", *_WORDS.values()], tints={"undone": "neutral"})
        created = sum(one.counts.get("created", 0) for one in made)
        told = f"{said} {plural(created, 'document')} {'was' if created == 1 else 'were'} created."
        return Shown(lead(said), drawn([draw], told, [2.8]), listing)

    def _nothing(self) -> Shown:
        later = invoice_rules.store.left_out(self.open_items)
        return Shown(lead(f"Nothing is open as of {show_date(self.day)}."), note(later) if later else None)


def _ages(axes: Any, title: str, values: Sequence[float], texts: Sequence[str]) -> None:
    _lying(axes, title, list(_AGES.values()), values, texts, AGES)


def _lying(axes: Any, title: str, labels: Sequence[str], values: Sequence[float], texts: Sequence[str], colors: str | Sequence[str] = BLUE) -> None:
    bars(axes, labels, values, texts, colors)
    axes.set_title(title)


def _split(found: "pd.DataFrame", months: Sequence[dt.date], by: str, most: int) -> dict[str, Any]:
    """The series of `stacked`: the most frequent by name, the rest as one."""
    counts = found.groupby(by)["count"].sum().sort_values(ascending=False, kind="stable")
    shown = list(counts.index[: most - 1 if len(counts) > most else most])
    month = found["at"].map(lambda day: day.replace(day=1))
    named = found[by].where(found[by].isin(shown), f"{len(counts) - len(shown)} others")
    names = [*shown, *([f"{len(counts) - len(shown)} others"] if len(shown) < len(counts) else [])]
    sums = found["count"].groupby([named, month]).sum()
    return {"series": [(_short(name, _LEGEND), [int(sums.get((name, m), 0)) for m in months]) for name in names], "colors": SERIES}


def _problems(found: "pd.DataFrame") -> str:
    return plural(int(found["count"].sum()), "error or hold", "errors and holds")


def _months(days: Iterable[dt.date]) -> list[dt.date]:
    """The first days of all months from the first to the last day, without gaps; of the last two years at most."""
    first, last = min(days).replace(day=1), max(days).replace(day=1)
    months = [first]
    while months[-1] < last:
        months.append((months[-1] + dt.timedelta(days=32)).replace(day=1))
    return months[-24:]


def _month(day: dt.date) -> str:
    return show_date(day).partition(" ")[2]


def _day(made: Any) -> dt.date:
    """The day of a batch by the reader's own clock."""
    return dt.datetime.fromisoformat(made.at).astimezone().date()


def _name(one: dict[str, Any]) -> str:
    return _short(one["customer_name"] or one["customer"] or "No customer")


def _short(text: str, longest: int = 34) -> str:
    """A name as a label: on one line, without what Matplotlib would take for mathematics, cut when long."""
    shown = " ".join("".join(c if c.isprintable() else "·" for c in str(text)).split())
    return (shown if len(shown) <= longest else shown[: longest - 1] + "…").replace("$", r"\$")


def _amount(minor: Any, code: str) -> str:
    return show_money(int(minor), code)


def _float(minor: Any, code: str) -> float:
    """The length of a bar; the words beside it are exact."""
    return float(Decimal(exact(int(minor), code)))


__all__ = ["Drawn", "Receivables"]
