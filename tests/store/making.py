"""Files of receivables for the store's tests: examined by the real engine, or as reports made by hand."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from invoice_rules.errors import Outrun
from invoice_rules.examining import examine
from invoice_rules.fields import DATE_TYPE, MONEY_TYPE, YES_NO_TYPE
from invoice_rules.planning import plan
from invoice_rules.problems import Problems
from invoice_rules.results import Plan, Receipt, Report, compared
from invoice_rules.store import Store, commit, open_store
from invoice_rules.store.tables import invoices
from invoice_rules.table import TEXT
from tests.making import CUSTOMERS, RECEIVABLES, mapped, receivable, table


def rows_of(numbers: Sequence[int] = range(3), **cells: str) -> list[dict[str, str]]:
    """One good receivable a number, with these cells in each."""
    return [receivable(number, **cells) for number in numbers]


def planned(store: Store, rows: Sequence[Mapping[str, str]], rules=RECEIVABLES, name: str = "october.csv", settings=None, **options: Any) -> Plan:
    read = table(rows, name=name)
    report = examine(read, rules, mapped(read.headings, rules), settings, store.context())
    return plan(report, store, user=options.pop("user", "ada"), **options)


def imported(store: Store, rows: Sequence[Mapping[str, str]], rules=RECEIVABLES, **options: Any) -> Receipt:
    return commit(planned(store, rows, rules, **options))


def imported_customers(store: Store, rows: Sequence[Mapping[str, str]], **options: Any) -> Receipt:
    return imported(store, rows, CUSTOMERS, name="customers.csv", **options)


def on_file(store: Store, *names: str) -> dict[str, tuple]:
    """key -> the named columns of the invoices in force."""
    wanted = names or ("number", "customer", "amount", "balance", "date", "due_date", "currency", "status", "details", "version")
    with store.reading() as connection:
        rows = connection.execute(sa.select(invoices.c.key, *[invoices.c[name] for name in wanted]).where(invoices.c.in_force == 1).order_by(invoices.c.key))
        return {row[0]: tuple(row[1:]) for row in rows}


def written_file(path: Path, numbers: Sequence[int], due: Callable[[int], int] = lambda n: 500 + n % 400, start: int = 1_000) -> Path:
    """A CSV file of receivables, one a number, with these amounts due; short lines, so that 100,000 keep to the limit of a file."""
    head = "invoiceId,invoiceNumber,amount,amountDue,customerName,extCustomerId,date,dateDue,isCanceled,contactEmail\n"
    lines = (f"I{n},{n},{start + n}.25,{due(n)}.00,Miller {n % 5_000},C{n % 5_000},10/31/2026,11/30/2026,no,ap{n % 5_000}@mi.co\n" for n in numbers)
    path.write_text(head + "".join(lines))
    return path


def import_file(url: object, path: Path, say: Callable[[str], object], user: str = "ada") -> Receipt:
    """A file into a store, told as it goes: OPEN, CHECKED, PLANNED, STORING …, TOLD number batch; planned anew when it is outrun."""
    store = open_store(url)  # type: ignore[arg-type]  # a path or a URL
    say("OPEN")
    while True:
        try:
            report = examine(path, RECEIVABLES, context=store.context())
            say("CHECKED")
            ready = plan(report, store, user=user)
            say("PLANNED")
            made = commit(ready, lambda done, total, words: say(f"STORING {done} {total}"))
        except Outrun:
            say("OUTRUN")
            continue
        say(f"TOLD {made.number} {made.batch}")
        return made


class Nowhere:
    """A place for problems that nobody looks at."""

    def order(self, field: str) -> int:
        return 0


def typed_report(store: Store, frame: pd.DataFrame, known: bool = True, rules=RECEIVABLES) -> Report:
    """A report of typed rows without any problem, for amounts that no file can write and for a million rows."""
    context = store.context()
    was = context.existing(rules, pa.array(frame[rules.key], pa.large_string()))
    place = was.index.get_indexer(pd.Index(frame[rules.key]))
    at = np.flatnonzero(place >= 0)
    first = frame.drop_duplicates("extCustomerId").set_index("extCustomerId")[["customerName", "contactEmail"]].set_axis(["name", "email"], axis=1)
    on_books = context.customers(rules, pa.array(first.index, pa.large_string()))
    return Report(
        table=table(rows_of([0])),
        rules=rules,
        mapping=mapped(list(rules.fields)),
        rows=frame,
        invoice=np.arange(len(frame)),
        problems=Problems([], Nowhere()),  # type: ignore[arg-type]  # nobody asks it more
        entity=context.entity,
        known=compared(frame, at, was.iloc[place[at]], [name for name in rules.fields if name != rules.key]) if known else None,
        new_customers=first[~first.index.isin(on_books.index)],
    )


def typed_rows(amounts: Sequence[int], currency: str = "USD", start: int = 0) -> pd.DataFrame:
    """Typed receivables with these amounts, all still due."""
    count = len(amounts)
    money = pd.Series(pd.array(pa.array(amounts, pa.int64()), dtype=MONEY_TYPE))
    day = pd.Series(pd.array(pa.array([20_700] * count, pa.int32()).cast(pa.date32()), dtype=DATE_TYPE))
    numbers = range(start, start + count)
    text = {
        "invoiceId": [f"INV-{n:08d}" for n in numbers],
        "invoiceNumber": [str(n) for n in numbers],
        "customerName": [f"Customer {n % 500}" for n in numbers],
        "extCustomerId": [f"C-{n % 500}" for n in numbers],
        "contactEmail": [f"ap{n % 500}@acme.co" for n in numbers],
        "currency": [currency] * count,
        "status": ["Open" if amount else "Paid" for amount in amounts],
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype=TEXT) for name, values in text.items()})
    no = pd.Series(pd.array(pa.array([False] * count), dtype=YES_NO_TYPE))
    return frame.assign(amount=money, amountDue=money, date=day, dateDue=day, isCanceled=no).set_axis(pd.RangeIndex(2, count + 2))
