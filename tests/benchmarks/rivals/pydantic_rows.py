"""Row by row: csv, one Pydantic model a row, and executemany upserts in one transaction."""

import csv
import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from tests.benchmarks.rivals.by_row import READ

_TABLE = "CREATE TABLE receivables (invoiceId TEXT PRIMARY KEY, invoiceNumber TEXT, amount INT, amountDue INT, customerName TEXT, extCustomerId TEXT, date TEXT, dateDue TEXT, isCanceled INT, contactEmail TEXT)"
_KEY, *_OTHERS = READ
_UPSERT = f"INSERT INTO receivables VALUES ({', '.join('?' * len(READ))}) ON CONFLICT ({_KEY}) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in _OTHERS)}"


def prepared(path: str, folder: str) -> Callable[[], int]:
    """How many rows were stored; their errors are kept in a table beside them."""
    from pydantic import BaseModel, BeforeValidator, ValidationError, model_validator

    class Receivable(BaseModel):
        invoiceId: Annotated[str, BeforeValidator(READ["invoiceId"])]
        invoiceNumber: Annotated[str, BeforeValidator(READ["invoiceNumber"])]
        amount: Annotated[int, BeforeValidator(READ["amount"])]
        amountDue: Annotated[int, BeforeValidator(READ["amountDue"])]
        customerName: Annotated[str, BeforeValidator(READ["customerName"])]
        extCustomerId: Annotated[str, BeforeValidator(READ["extCustomerId"])]
        date: Annotated[dt.date, BeforeValidator(READ["date"])]
        dateDue: Annotated[dt.date, BeforeValidator(READ["dateDue"])]
        isCanceled: Annotated[bool, BeforeValidator(READ["isCanceled"])]
        contactEmail: Annotated[str, BeforeValidator(READ["contactEmail"])]

        @model_validator(mode="after")
        def due_within_amount(self):
            if self.amountDue > self.amount:
                raise ValueError("within-amount")
            return self

    connection = sqlite3.connect(Path(folder) / "pydantic.sqlite", isolation_level=None)
    connection.execute("PRAGMA synchronous=EXTRA")
    connection.execute(_TABLE)
    connection.execute("CREATE TABLE problems (row INT, field TEXT, rule TEXT)")
    read = Receivable.__pydantic_validator__.validate_python

    def work() -> int:
        good, problems = [], []
        with Path(path).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        twice = {key for key, count in Counter(row[_KEY] for row in rows).items() if count > 1 and key}
        for at, row in enumerate(rows, 2):
            try:
                record = read(row)
            except ValidationError as error:
                problems += [(at, str(found["loc"][:1]), found["msg"]) for found in error.errors(include_url=False, include_input=False)]
                continue
            if record.invoiceId in twice:
                problems.append((at, _KEY, "duplicate"))
                continue
            good.append((*(getattr(record, name) for name in ("invoiceId", "invoiceNumber", "amount", "amountDue", "customerName", "extCustomerId")), record.date.isoformat(), record.dateDue.isoformat(), record.isCanceled, record.contactEmail))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_UPSERT, good)
        connection.executemany("INSERT INTO problems VALUES (?, ?, ?)", problems)
        connection.execute("COMMIT")
        return len(good)

    return work
