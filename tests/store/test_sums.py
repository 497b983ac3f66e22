"""Sums inside the database are exact, however large: on both stores no 64 bits bound them (promise 5)."""

import sqlalchemy as sa

from invoice_rules.store import sums
from invoice_rules.store.tables import invoices

RECORD = {"entity": 1, "rules": 1, "details": "{}", "version": 1, "created": 1, "changed": 1, "in_force": 1}
LARGE = 2**62 + 12_345


def test_sums_that_no_64_bits_hold(store):
    amounts = [LARGE, LARGE, LARGE, -7, None]
    with store.writing() as connection:
        rows = [{**RECORD, "id": at, "key": str(at), "currency": "USD", "amount": amount, "balance": -LARGE} for at, amount in enumerate(amounts, 1)]
        connection.execute(invoices.insert(), rows)
        columns = [invoices.c.amount, invoices.c.balance]
        assert sums.exactly(connection, columns, sa.select()) == [5, 3 * LARGE - 7, -5 * LARGE]
        assert sums.exactly(connection, columns, sa.select().where(invoices.c.key == "")) == [0, 0, 0]
        assert sums.by_currency(connection, columns, invoices.c.currency, sa.select()) == {"USD": [3 * LARGE - 7, -5 * LARGE]}
        connection.rollback()
