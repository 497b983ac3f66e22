"""What batches did to records, a row each: the rows of `outcomes`, and for a record that a batch created the record itself (see `tables.arrivals`)."""

import sqlalchemy as sa

from invoice_rules.results import Outcome
from invoice_rules.store.tables import arrivals, customers, invoices, outcomes

TABLES = (invoices, customers)
_CREATED: sa.ColumnElement[int] = sa.literal_column(str(int(Outcome.CREATED)))
_FIRST: sa.ColumnElement[int] = sa.literal_column("1")


def owner(table: sa.Table) -> str:
    """The column that names a record of this table."""
    return "customer" if table is customers else "invoice"


def came(table: sa.Table, of_one_batch: bool = False) -> sa.Join:
    """Arrivals of a table's records, each with its record.

    `|| ''` keeps SQLite from an index of its own over the kind of records, with which it would look through all arrivals for each record. Where only
    one batch is asked for, its arrival is found by the primary key; without that SQLite would look through all records.
    """
    kind = arrivals.c.records if of_one_batch else arrivals.c.records.concat(sa.literal_column("''"))
    mine = sa.and_(kind == sa.literal_column(f"'{table.name}'"), table.c.id.between(arrivals.c.first, arrivals.c.last))
    return arrivals.join(table, mine)


def created(table: sa.Table) -> sa.Select:
    """The records of a table that a batch created, with the columns of `outcomes`."""
    known = {"batch": arrivals.c.batch, "seq": table.c.seq, "row": table.c.row, "outcome": _CREATED, owner(table): table.c.id, "version": _FIRST}
    columns = [known[c.name].label(c.name) if c.name in known else sa.cast(sa.null(), c.type).label(c.name) for c in outcomes.c]
    return sa.select(*columns).select_from(came(table))


doings = sa.union_all(sa.select(outcomes), *map(created, TABLES)).subquery("doings")
"""All of it, with the columns of `outcomes`."""
