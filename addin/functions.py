"""What the worksheet functions answer: cells in, cells out; nothing is written and no sheet is looked at."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

import invoice_rules
from addin import config
from invoice_rules import CannotRun, OpenSheet

HEADINGS = ("Row", "Cell", "Field", "Severity", "What is wrong, and what to do", "Suggested fix")


def check_range(values: Sequence[Sequence[Any]], rules: str) -> list[list[Any]]:
    """Check a block of cells whose first line is its headings; nothing is written.

    `values` are the cells row by row (text, numbers, dates, yes/no, None for blank). Gives a line of headings and one line a
    problem, in the sheet's order; only the headings when all is well. Rows and cells are named as in a block that starts at A1.
    Raises CannotRun when there are no cells to check or no rules of this name.
    """
    if not values or not any(cell is not None for cell in values[0]):
        raise CannotRun("There is nothing to check here. Select the cells with their headings.")
    table = invoice_rules.read(OpenSheet("the cells", "selection", values), header=1)
    report = invoice_rules.examine(table, rules)
    return [list(HEADINGS), *(_cells(problem) for problem in report.problems)]


def _cells(problem: invoice_rules.Problem) -> list[Any]:
    fix = problem.fix.value if problem.fix else ""
    return [problem.row or "", problem.cell, problem.field, str(problem.severity), problem.message, fix]


def status_of(asked: Any) -> str:
    """The status of the invoice with this number or id; "not on file" where there is none, all of them where several share the number."""
    found = invoice_rules.store.invoices(_readable(), named=_text(asked))
    return "; ".join(dict.fromkeys(found["status"].astype(str))) if len(found) else "not on file"


def balance_of(customer: Any) -> list[list[Any]]:
    """What a customer owes: the amount; where it is owed in several currencies, a line each with its currency; 0 where nothing is open.

    Where several systems have a customer of this id, each line ends with its system.
    """
    owed = _aged(customer, None)
    lines = [[_amount(its["total"], its["currency"]), its["currency"], *_system(its, owed)] for its in owed.to_dict("records")]
    return lines if len(lines) > 1 else [[lines[0][0] if lines else 0.0]]


def aging_of(customer: Any, date: Any) -> list[list[Any]]:
    """What a customer owes by days past due, a line of headings and one a currency; and a system, where several have a customer of this id.

    Where invoices are dated after the day, a last line says that they are left out.
    """
    owed = _aged(customer, date)
    buckets = [name for name in owed.columns if name not in ("customer", "customer_name", "currency", "system")]
    lines = [[its["currency"], *(_amount(its[name], its["currency"]) for name in buckets), *_system(its, owed)] for its in owed.to_dict("records")]
    heads = ["Currency", *buckets, *(["System"] if _several(owed) else [])]
    later = invoice_rules.store.left_out(owed)
    return [heads, *lines, *([[later, *([""] * (len(heads) - 1))]] if later else [])]


def _system(its: dict[str, Any], owed: pd.DataFrame) -> list[str]:
    return [its["system"]] if _several(owed) else []


def _several(owed: pd.DataFrame) -> bool:
    return owed["system"].nunique() > 1


def _aged(customer: Any, date: Any) -> pd.DataFrame:
    store, asked = _readable(), _text(customer)
    if not asked:
        raise CannotRun("Give the id of a customer, or the name of one that has no id.")
    return invoice_rules.store.aging(store, as_of=_day(date), customer=asked)


def _readable() -> Any:
    """The store, where the user lets worksheet functions read it. Raises CannotRun where not."""
    chosen = config.load()
    if not chosen.functions:
        raise CannotRun("Worksheet functions may not read the books here. Allow it under Settings, for workbooks that you trust.")
    return config.existing_store(chosen)


def _text(cell: Any) -> str:
    """An id as text: Excel hands over a number where the cell holds one.

    >>> _text(123.0), _text(" INV-1 "), _text(None)
    ('123', 'INV-1', '')
    """
    return f"{cell:.15g}" if isinstance(cell, float) else "" if cell is None else str(cell).strip()


def _day(cell: Any) -> dt.date:
    """A day: a date, the number that Excel keeps for one, or today where nothing is given. Raises CannotRun for anything else.

    >>> _day(dt.datetime(2026, 11, 21)), _day(46347.0)
    (datetime.date(2026, 11, 21), datetime.date(2026, 11, 21))
    """
    if isinstance(cell, dt.date):
        return cell.date() if isinstance(cell, dt.datetime) else cell
    if cell is None or cell == "":
        return dt.date.today()
    if isinstance(cell, float) and 1 <= cell < 100_000:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(cell))
    raise CannotRun("The second value is no date. Give a cell with a date, or leave it out for today.")


def _amount(minor: int, currency: str) -> float:
    """An amount as a sheet holds it: a number with the currency's decimals."""
    return float(Decimal(invoice_rules.exact(int(minor), currency)))


def told(answer: Any) -> Any:
    """An answer, or the sentence that says why there is none."""
    try:
        return answer()
    except (CannotRun, LookupError) as stopped:
        return str(stopped.args[0])
