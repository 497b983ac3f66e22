"""What a rule set declares: `Field`, `Option`, `RuleSet`."""

import hashlib
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.fields.rules import Computed
from invoice_rules.problems import Rule, Severity
from invoice_rules.table import text_array

RECORD = "record.id"
"""The column of stored records that says which record of the store each is."""
STATUS = "record.status"
"""The column of the status that a rule set derives: Open, Paid … It is no field, and fields may be called status."""


@dataclass(frozen=True)
class Field:
    """What is declared about one field besides its Pandera checks.

    `role` is what the store calls it: number, customer, customer_name, email, date, due_date, currency, amount, balance, line_amount, price, canceled.
    `changes` says what a re-import may do: "free", "warn" (the default) or "never" (S3-23). `required` is True, or the one row mode in which it is.
    `level` is "header" or "line". `of` is the reference kind that has its values, or the links, with a blank between two, one of which must find them.
    `default` lists where a blank is filled from, nearest first: "contract.terms" is a field of a link, anything else is the value itself;
    not where the field `unless` has a value. A value for the whole file counts only on rows where the amount `where` is there and not 0 (S0-32);
    defaults are taken only where the column `when` says yes, or is not 0. A `derived` field is never read from a file, and a `made` one is made by
    the program where the file has none. `modes` are the row modes that offer the field; none means all.
    """

    kind: str
    title: str
    description: str = ""
    required: bool | str = False
    max: int | None = None
    choices: tuple[str, ...] = ()
    example: str = ""
    synonyms: tuple[str, ...] = ()
    role: str = ""
    changes: str = "warn"
    level: str = "header"
    orders: tuple[str, ...] = ()
    mark: str = ""
    of: str = ""
    default: tuple[str, ...] = ()
    unless: str = ""
    where: str = ""
    when: str = ""
    dashes: bool = True
    derived: bool = False
    made: bool = False
    modes: tuple[str, ...] = ()
    decimals: int = 6
    slashless: bool = False
    spec: str = ""
    name: str = ""


@dataclass(frozen=True)
class Option:
    """A setting of a rule set: a name for `--set name=value`, what it does, its choices, the first being the default; `whole`: a whole number."""

    name: str
    title: str
    choices: tuple[str, ...]
    spec: str = ""
    whole: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Link:
    """An entry of a reference kind that belongs to a document or a line: the one whose key is the value of the field `by`.

    `matches` is another field of the kind to find it by, which may hold several values with commas between them. Where a value names several
    entries, the field `among` tells by its key which of them it is, and without it none is found. Beside the kind's fields a link has `count`, how many
    entries the value names, and `keys`, theirs where there are several.
    """

    kind: str
    by: str
    matches: str = ""
    among: str = ""


@dataclass(frozen=True)
class Dated(Link):
    """The entry among several of one key that is valid on a date: the latest on or before it, else the earliest after (S2-13).

    Beside the kind's fields it has `later` (yes where the entry begins after the date) and `nearest`, the value of `value` on the literally closest date.
    """

    on: str = ""
    since: str = "from"
    value: str = "rate"


@dataclass(frozen=True, eq=False)
class RuleSet:
    """One system: a Pandera schema of fields and rules, and how its documents are keyed, matched again and stored.

    `around` is trimmed beside blanks; `updates` are rules over a record and what the store has of it (`was.amountDue`); `status` derives a record's status from
    the fields `status_of`; a document is found again by its `key`, or by all of `keyed_by`; `demo` names the fields whose look may betray demo data (S3-30).

    Documents with lines:
    `group_by`  rows that agree in all of these fields are one document; a row without them may continue the one above
    `runs_of`  where none of those has a column: neighbours that agree in these fields are one document
    `nested`  the JSON lists that hold lines; `json` the list of documents in JSON that is written (S2-1)
    `skipped`  field -> what it says on rows that are no lines, such as subtotals
    `own_line`  a field of lines that is stored as a line of its own (S2-31)
    `without_lines`  how far it reaches that a document has no line (S2-41)

    What is filled in: `links` are entries of reference kinds that belong to a document or line; `computed` fill blanks from other fields.

    What documents are: those whose field `credit[0]` says one of `credit[1]` are stored with negative amounts (S0-30); a setting that replaces one of its
    values `guarded` waits for a yes (S0-16); `statuses` are those that documents can have, `receivable` those that count as open, `paid` that of one closed
    as paid; every row needs one of `identified_by` (S0-9); `plans` is the kind that lists documents which a collection or AutoPay plan will charge (S3-27).

    How they are shown and read: columns called as `secrets` are never kept or shown (S2-2); where the column `retitled[0]` says yes throughout, fields have
    the titles of `retitled[1]` (S2-21); with an option `rowMode` its choice decides which fields there are (S0-4).

    A reference kind is a rule set too: `unique` are the fields that tell its entries apart where the key repeats, `official` the field whose value replaces
    the code, `named` one by which an entry may be called instead of its key. `reference` makes this rule set's stored documents the entries of a kind.
    `needs` is the role that a user must have to import (S1-1).
    """

    name: str
    title: str
    schema: pandera.DataFrameSchema
    key: str
    description: str = ""
    source: str = ""
    version: str = "1"
    document: str = "invoice"
    updates: tuple[pandera.Check, ...] = ()
    keyed_by: tuple[str, ...] = ()
    existing: str = "update"
    files: tuple[str, ...] = ()
    megabytes: int | None = None
    around: str = ""
    currency: str = "USD"
    options: tuple[Option, ...] = ()
    status: Callable[[pd.DataFrame], pd.Series] | None = None
    status_of: tuple[str, ...] = ()
    demo: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    runs_of: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    json: str = ""
    own_line: str = ""
    secrets: tuple[str, ...] = ()
    retitled: tuple[str, Mapping[str, str]] | None = None
    skipped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    computed: tuple[Computed, ...] = ()
    credit: tuple[str, tuple[str, ...]] = ("", ())
    guarded: tuple[str, ...] = ()
    without_lines: Severity = Severity.ERROR
    closed_books: Severity = Severity.ERROR
    statuses: tuple[str, ...] = ()
    receivable: tuple[str, ...] = ("Open",)
    paid: str = "Paid"
    identified_by: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()
    all_or_nothing: bool = False
    plans: str = ""
    unique: tuple[str, ...] = ()
    official: str = ""
    named: str = ""
    reference: str = ""
    needs: str = ""

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Name -> Field, in the order of the schema."""
        return {name: replace(column.metadata["field"], name=name) for name, column in self.schema.columns.items()}

    @cached_property
    def offered(self) -> Mapping[str, Field]:
        """The fields that a file can have."""
        return {name: field for name, field in self.fields.items() if not field.derived}

    def keys(self, rows: pd.DataFrame) -> pa.Array | None:
        """(rows,) text: what each document is found again by, null where part of it is blank; None where a column is missing."""
        names = self.keyed_by or (self.key,)
        if not set(names) <= set(rows.columns):
            return None
        texts = [text_array(rows[name]) for name in names]
        if len(texts) == 1:
            return texts[0]
        escaped = [pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), "/", "\\/") for text in texts]
        return pc.binary_join_element_wise(*escaped, pa.scalar("/", pa.large_string()))

    def at_level(self, level: str) -> tuple[str, ...]:
        """The fields of documents ("header") or of their lines ("line")."""
        return tuple(name for name, field in self.fields.items() if field.level == level)

    def under(self, settings: Mapping[str, str]) -> "RuleSet":
        """The rule set as these settings have it: with the fields of the chosen row mode alone (S0-4), and fields under the user's own titles (S0-21)."""
        mode = settings.get(self.row_mode.name, self.row_mode.choices[0]) if self.row_mode else ""
        titles = tuple(sorted((name, settings[f"{name}.title"]) for name in self.fields if settings.get(f"{name}.title")))
        if not mode and not titles:
            return self
        if (mode, titles) not in self._variants:
            self._variants[mode, titles] = self._variant(mode, dict(titles))
        return self._variants[mode, titles]

    @cached_property
    def row_mode(self) -> Option | None:
        """The option that says what a row is (S0-4)."""
        return next((option for option in self.options if option.name == "rowMode"), None)

    @cached_property
    def _variants(self) -> dict[tuple, "RuleSet"]:
        return {}

    def titled(self, titles: Mapping[str, str]) -> "RuleSet":
        """The rule set with these titles of fields."""
        return self._variant("", titles)

    def _variant(self, mode: str, titles: Mapping[str, str]) -> "RuleSet":
        offered = {name: field for name, field in self.fields.items() if not mode or not field.modes or mode in field.modes}
        lined = any(field.level == "line" and (not mode or mode in field.modes) for field in offered.values())
        columns = {name: _varied(self.schema.columns[name], field, mode, titles.get(name, field.title), lined) for name, field in offered.items()}
        schema = pandera.DataFrameSchema(columns, checks=self.schema.checks, name=self.schema.name, title=self.schema.title)
        computed = tuple(made for made in self.computed if (made.fills in offered or made.fills not in self.fields) and (lined or not made.of_lines))
        return replace(self, schema=schema, computed=computed)

    @cached_property
    def lined(self) -> bool:
        """Whether documents have lines of their own."""
        return bool(self.at_level("line"))

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, field in self.fields.items() if field.required)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The required fields that nothing fills but a column or a value for the whole file."""
        worked_out = {made.fills for made in self.computed}
        return tuple(name for name in self.required if not self.fields[name].default and name not in worked_out)

    def role(self, role: str) -> str:
        """The field that plays this role in the store, '' where none does."""
        return next((name for name, field in self.fields.items() if field.role == role), "")

    def looked_up(self, name: str) -> tuple[Link, ...]:
        """The lists in which a field's values must be, as links."""
        return tuple(self.links.get(one) or Link(one, by=name) for one in self.fields[name].of.split())

    @cached_property
    def rules(self) -> tuple[tuple[str, Rule], ...]:
        """(field, rule) of every check, update rules last."""
        columns = [(name, check) for name, column in self.schema.columns.items() for check in column.checks]
        frame = [(check.statistics["blames"], check) for check in (*self.schema.checks, *self.updates)]
        frame += [(made.fills, made) for made in self.computed]
        return tuple((name, self.weighed(check.statistics["rule"])) for name, check in columns + frame)

    def weighed(self, rule: Rule) -> Rule:
        """A rule as far as it reaches here: what text may hold is only told where the system does not forbid it (S3-5); closed books and lines as declared.

        A number that its customer already has is refused where a second import is (S1-11).
        """
        mild = rule.id == "content" and self.document != "entry" and not any(option.name == "content" for option in self.options)
        declared = {"closed-books": self.closed_books, "no-lines": self.without_lines}
        if self.existing == "error":
            declared["number-again"] = Severity.ERROR
        return replace(rule, severity=Severity.WARNING if mild else declared.get(rule.id, rule.severity))

    @cached_property
    def fingerprint(self) -> str:
        """The hash of everything declared here: two receipts with the same one were judged by the same rules (X-7)."""
        declared = [self.name, self.version, self.key, self.existing, repr(sorted(self.options, key=lambda o: o.name))]
        declared += [repr(field) for field in self.fields.values()] + [f"{name}:{rule!r}" for name, rule in self.rules]
        return hashlib.sha256("\n".join(declared).encode()).hexdigest()[:16]

    def is_set(self, name: str, value: str, settings: Mapping[str, str]) -> bool:
        """Whether this rule set has the option and it is set to this value; the first choice is the default."""
        option = next((option for option in self.options if option.name == name), None)
        return option is not None and settings.get(name, option.choices[0]) == value


def _varied(column: pandera.Column, field: Field, mode: str, title: str, lined: bool) -> pandera.Column:
    """A column as a row mode has it: required or not, under this title; of the document where that has no lines of its own."""
    required = field.required == mode if isinstance(field.required, str) else field.required
    level = field.level if lined else "header"
    if (required, title, level) == (field.required, field.title, field.level):
        return column
    kept = copy(column)
    kept.checks = [check for check in column.checks if required or check.name != "required"]
    kept.title, kept.metadata = title, {"field": replace(field, required=required, title=title, level=level)}
    return kept
