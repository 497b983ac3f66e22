"""Cell by cell: pandas, one Pandera check with `element_wise=True` a rule and column, the failing rows dropped, and to_sql."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.rivals.by_row import AROUND, READ, cents, rules


def prepared(path: str, folder: str) -> Callable[[], int]:
    """How many rows were stored; their errors are kept in a table beside them."""
    import pandas as pd
    import pandera.pandas as pandera

    def within(row) -> bool:
        try:
            return cents(row["amountDue"]) <= cents(row["amount"])
        except ValueError:
            return True

    checks = {name: [pandera.Check(holds, element_wise=True, name=rule) for rule, holds in rules(name).items()] for name in READ}
    columns = {name: pandera.Column(str, checks[name], unique=name == "invoiceId") for name in READ}
    schema = pandera.DataFrameSchema(columns, checks=[pandera.Check(within, element_wise=True, name="within-amount")])
    connection = sqlite3.connect(Path(folder) / "pandera.sqlite")

    def work() -> int:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame = frame.apply(lambda column: column.str.strip(AROUND))
        try:
            schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            cases.astype(str).to_sql("problems", connection, index=False)
            frame = frame.drop(index=cases["index"].dropna().unique())
        typed = frame.assign(amount=frame["amount"].map(READ["amount"]), amountDue=frame["amountDue"].map(READ["amountDue"]))
        typed.to_sql("receivables", connection, index=False)
        connection.commit()
        return len(typed)

    return work
