"""The tables of a store, for SQLite and PostgreSQL alike. A change here needs a migration and the next `SCHEMA` number.

Amounts are BIGINT minor units, never a float. The big tables carry no foreign keys, which would cost more than the rows
themselves on PostgreSQL; `store check` looks for orphans instead. `batches`, `arrivals`, `outcomes`, `history`, `attempts`, `roles`,
`reference_changes`, `sends` and `outbox_history` are append-only by trigger; the one exception is a recorded purge, which may replace an old image by its hash (S3-20).
"""

import sqlalchemy as sa

SCHEMA = 4
"""The schema that this program writes; a store with a higher number is refused."""

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""An integer of 64 bits; SQLite's own kind of primary key is called INTEGER."""

metadata = sa.MetaData()


def _whole(column: str) -> sa.CheckConstraint:
    """SQLite would take any type: amounts are whole numbers or nothing."""
    return sa.CheckConstraint(f"typeof({column}) IN ('integer', 'null')", name=f"whole_{column}").ddl_if(dialect="sqlite")


def _record() -> list[sa.Column]:
    """What invoices and customers have in common. `created` and `changed` are batch numbers; for `seq` and `row` see `arrivals`."""
    return [
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("entity", sa.Integer, nullable=False),
        sa.Column("rules", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("in_force", sa.SmallInteger, nullable=False),
        *[sa.Column(name, sa.Integer) for name in ("seq", "row")],
    ]


def _one_in_force(name: str, *columns: str) -> sa.Index:
    """Keys are unique among the records in force, by the database itself (X-18)."""
    force = sa.text("in_force = 1")
    return sa.Index(name, *columns, unique=True, sqlite_where=force, postgresql_where=force)


meta = sa.Table("meta", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))

entities = sa.Table(
    "entities",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("currency", sa.Text, nullable=False, server_default=""),
    sa.Column("environment", sa.Text, sa.CheckConstraint("environment IN ('live', 'test')", name="live_or_test"), nullable=False),
    sa.Column("closed_until", sa.Text),
    sa.Column("revision", BIG, nullable=False),
)

rule_sets = sa.Table(
    "rule_sets", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text, nullable=False, unique=True)
)
"""Numbers for the names of rule sets (invoices) and of systems (customers), which a million rows would otherwise repeat."""

invoices = sa.Table(
    "invoices",
    metadata,
    *_record(),
    *[sa.Column(name, sa.Text) for name in ("number", "customer", "customer_name", "email", "date", "due_date", "currency")],
    *[sa.Column(name, sa.BigInteger) for name in ("amount", "balance")],
    *[sa.Column(name, sa.Text) for name in ("status", "sent")],
    *[_whole(name) for name in ("amount", "balance")],
    _one_in_force("one_invoice", "entity", "rules", "key"),
)

customers = sa.Table(
    "customers",
    metadata,
    *_record(),
    *[sa.Column(name, sa.Text) for name in ("name", "email", "contact")],
    sa.Column("complete", sa.SmallInteger, nullable=False),
    _one_in_force("one_customer", "entity", "rules", "key"),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("rules", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, sa.ForeignKey("batches.number"), unique=True),
    sa.Column("receipt", sa.Text, nullable=False),
)

arrivals = sa.Table(
    "arrivals",
    metadata,
    sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("records", sa.Text, primary_key=True),
    *[sa.Column(name, BIG, nullable=False) for name in ("first", "last")],
)
"""The ids of the `records` (invoices or customers) that a batch created. Such a record tells itself where it stood in the batch, in `seq` and `row`;
a row in `outcomes` besides would make a store a fifth larger. Both together are `doings`.
"""

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.Integer),
    sa.Column("outcome", sa.SmallInteger, nullable=False),
    sa.Column("invoice", BIG),
    sa.Column("customer", BIG),
    sa.Column("key", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("before", sa.Text),
    sqlite_with_rowid=False,
)
"""What a batch did but create, one row a document of its file (`row` is the user's), then what it touched besides (`row` is NULL).

`version` is the record's version afterwards, NULL where it did not change; `before` its image until then, as JSON. The image
afterwards is the `before` of the next version, or the record itself: nothing is stored twice.
"""
_had_before = sa.text("before IS NOT NULL")
sa.Index("invoice_images", outcomes.c.invoice, outcomes.c.version, sqlite_where=_had_before, postgresql_where=_had_before)
sa.Index("customer_images", outcomes.c.customer, outcomes.c.version, sqlite_where=_had_before, postgresql_where=_had_before)

problems = sa.Table(
    "problems",
    metadata,
    sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.Integer),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("cell", "field", "rule", "severity", "value", "message")],
)
"""The log of an import: why rows stayed out (S3-20). A purge may empty `value` and `message` after 60 days."""

mappings = sa.Table(
    "mappings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("rules", "name")],
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.SmallInteger, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("content", "at", "user")],
    sa.UniqueConstraint("entity", "rules", "name", "version", name="one_mapping_version"),
    sa.Index(
        "one_active_mapping", "entity", "rules", "name", unique=True, sqlite_where=sa.text("active = 1"), postgresql_where=sa.text("active = 1")
    ),
)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("rules", "sender")],
    sa.Column("version", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("content", "at", "user")],
    sa.UniqueConstraint("entity", "rules", "sender", "version", name="one_corrections_version"),
)

reference_changes = sa.Table(
    "reference_changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("kind", "at", "user", "source", "sha256", "counts")],
)
"""What was done to the reference lists of an entity: one row each time that a list was saved. `counts` is JSON."""

_standing = sa.text("until IS NULL")
reference_entries = sa.Table(
    "reference_entries",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("kind", "key", "details")],
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("since", sa.Integer, nullable=False),
    sa.Column("until", sa.Integer),
    sa.Index("one_entry", "entity", "kind", "key", unique=True, sqlite_where=_standing, postgresql_where=_standing),
)
"""Entries of reference lists, each version a row of its own: in force since one change and, unless `until` is NULL, until another.

`key` is what tells entries apart, without regard to case; `details` are all fields as JSON. Of a row only `until` ever changes, once.
"""

roles = sa.Table(
    "roles",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("user", "role", "at", "granted_by")],
)
"""Who may do what in an entity: the last row of a user counts, and an empty role takes it away."""

history = sa.Table(
    "history",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("batch", sa.Integer),
    sa.Column("payload", sa.Text, nullable=False),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("entity", sa.Integer, sa.ForeignKey("entities.id"), nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("batch", "kind", "state", "at", "user", "rules", "source", "process", "reason")],
)
"""Imports that were begun, and why they failed (X-15); a begun one with neither a batch nor a failure was interrupted."""

_FROM = ("destination", "tenant")
"""Whose ledger it is, beside the entity: the service, and the organisation, company or realm there."""

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in _FROM],
    sa.Column("rules", sa.Integer, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("invoice", BIG, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("content", "state", "note", "number", "customer", "customer_name")],
    sa.Column("date", sa.Text),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("remote", sa.Text, nullable=False),
    sa.Column("send", BIG),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("at", "left_at")],
    _whole("total"),
    sa.Index("one_outbox_entry", "key", *_FROM, "rules", "generation", "entity", unique=True),
    sa.Index("outbox_invoices", "invoice"),
    sa.Index("outbox_states", "entity", "state"),
)
"""The invoices on their way to a service, one row each and generation: where they are, as `results.State` names it.

`invoice` and `version` say which stored record is meant, `content` is the hash of what of it concerns the service, `left_at` when a request with
it left this computer last, "" while none did. Header columns are those of that version.
"""

sends = sa.Table(
    "sends",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in _FROM],
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("sha256", "entries", "at", "user")],
)
"""The requests that left: each with its idempotency key and its very bytes, written before the first of them leaves. `entries` is JSON."""

outbox_history = sa.Table(
    "outbox_history",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Integer, nullable=False),
    sa.Column("entry", BIG),
    sa.Column("send", BIG),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("at", "user", "before", "after", "note")],
    sa.Column("answer", sa.Text),
    *[sa.Column(name, sa.Text, nullable=False) for name in ("record", "hash")],
    sa.Index("outbox_history_entries", "entry"),
    sa.Index("outbox_history_sends", "send"),
)
"""Every move of an entry, and every answer to a request (`entry` is NULL), in a chain of hashes like that of `history`.

`record` is the hash of the row of `outbox`, `sends` or `contact_links` as it is afterwards.
"""

contact_links = sa.Table(
    "contact_links",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Integer, nullable=False),
    *[sa.Column(name, sa.Text, nullable=False) for name in (*_FROM, "company", "contact", "name", "at", "user")],
    *[sa.Column(name, sa.Text) for name in ("until", "ended_by")],
    sa.Index("one_company", "entity", *_FROM, "company", unique=True, sqlite_where=_standing, postgresql_where=_standing),
    sa.Index("one_contact", "entity", *_FROM, "contact", unique=True, sqlite_where=_standing, postgresql_where=_standing),
)
"""Which contact of a service a company is (S4-8 … S4-13), from one moment until another; of a row only its end is ever written, once."""
