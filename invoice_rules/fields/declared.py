"""What a rule set declares: `Field`, `Option`, `RuleSet`."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd
import pandera.pandas as pandera

from invoice_rules.problems import Rule


@dataclass(frozen=True)
class Field:
    """What is declared about one field besides its Pandera checks.

    `role` is what the store calls it: number, customer, customer_name, email, date, due_date, currency, amount, balance, canceled.
    `changes` says what a re-import may do: "free", "warn" (the default) or "never" (S3-23).
    """

    kind: str
    title: str
    description: str = ""
    required: bool = False
    max: int | None = None
    choices: tuple[str, ...] = ()
    example: str = ""
    synonyms: tuple[str, ...] = ()
    role: str = ""
    changes: str = "warn"
    level: str = "header"
    orders: tuple[str, ...] = ()
    mark: str = ""
    default: str = ""
    spec: str = ""
    name: str = ""


@dataclass(frozen=True)
class Option:
    """A setting of a rule set: a name for `--set name=value`, what it does, its choices, the first being the default."""

    name: str
    title: str
    choices: tuple[str, ...]
    spec: str = ""


@dataclass(frozen=True, eq=False)
class RuleSet:
    """One system: a Pandera schema of fields and rules, and how its documents are keyed, matched again and stored.

    `around` is trimmed beside blanks; `updates` are rules over a record and what the store has of it (`was.amountDue`); `status` derives a record's status from
    the fields `status_of`; `demo` names the fields whose look may betray demo data (S3-30).
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
    existing: str = "update"
    files: tuple[str, ...] = ()
    megabytes: int | None = None
    around: str = ""
    currency: str = "USD"
    options: tuple[Option, ...] = ()
    status: Callable[[pd.DataFrame], pd.Series] | None = None
    status_of: tuple[str, ...] = ()
    demo: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Name -> Field, in the order of the schema."""
        return {name: replace(column.metadata["field"], name=name) for name, column in self.schema.columns.items()}

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, field in self.fields.items() if field.required)

    def role(self, role: str) -> str:
        """The field that plays this role in the store, '' where none does."""
        return next((name for name, field in self.fields.items() if field.role == role), "")

    @cached_property
    def rules(self) -> tuple[tuple[str, Rule], ...]:
        """(field, rule) of every check, update rules last."""
        columns = [(name, check) for name, column in self.schema.columns.items() for check in column.checks]
        frame = [(check.statistics["blames"], check) for check in (*self.schema.checks, *self.updates)]
        return tuple((name, check.statistics["rule"]) for name, check in columns + frame)

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
