"""Kinds of field and rules over fields, each declared once in Pandera, and the `RuleSet` that holds them.

A field helper gives one `pandera.Column`: its dtype, its checks, and in the metadata a `Field` with what mapping, messages,
templates and pages need. `rule()` turns a function of the typed rows into a `pandera.Check` that blames one field.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Rule, Severity
from invoice_rules.table import TEXT, text_array
from invoice_rules.values.columns import content, encoded, first_bytes, holds_any, lengths, matches, spread

MONEY_TYPE = pd.ArrowDtype(pa.int64())
DATE_TYPE = pd.ArrowDtype(pa.date32())
YES_NO_TYPE = pd.ArrowDtype(pa.bool_())

REQUIRED = Rule("required", "{title} is blank. Every {document} needs one.", "S3-6", "Must be filled in.")
UNMAPPED = Rule("unmapped", "No column feeds {title}, which every {document} needs. Choose the column, or give one value for the whole file.", "S3-17", "Required fields need a column or a value.")
MAX_LENGTH = Rule("max-length", "{title} {plain} has {length} characters; {most} are allowed. It is not shortened for you.", "S3-7", "No longer than this many characters.")
CONTENT = Rule("content", "{title} {value} {why}. Remove it.", "S3-5", "Text does not start with = + - @ and holds no --, =cmd, =sum, =vlookup.")
LITERAL = Rule("content-strict", "{title} {value} contains {found}, which the strict list of characters does not allow. Remove it.", "S3-5", "With the strict setting: none of \" ' = + - @ anywhere.")
INNER = Rule("content-inside", "{title} holds one of \" = + @ inside the text in {cells}. That is allowed; it is only told.", "S3-5", "Inner \" = + @ are told, once a column.", Severity.NOTICE)
CONTROL = Rule("control-characters", "{title} holds an invisible control character (code {code}). Type the value again.", "X-3", "No invisible control characters.")
LOST_DIGITS = Rule("lost-digits", "{title} arrived as the number {plain}: Excel keeps 15 digits and has lost the rest. Ask the sender for the column as text.", "X-3", "An identifier is text; a number with lost digits is not one.")
NOT_NEGATIVE = Rule("not-negative", "{title} is {shown}, below zero. Amounts must be 0 or more.", "S3-9", "0 or more.")
CHOICE = Rule("choice", "{title} says {value}. Write one of: {choices}.", "X-5", "One of a list of words.")
DUPLICATE = Rule("duplicate", "{title} {plain} is also on {rows}. Each {document} may appear once in a file.", "S3-28", "No two rows of a file have the same one.")
RULES = (REQUIRED, UNMAPPED, MAX_LENGTH, CONTENT, LITERAL, INNER, CONTROL, LOST_DIGITS, NOT_NEGATIVE, CHOICE, DUPLICATE)


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

    def role(self, role: str) -> str | None:
        """The field that plays this role in the store, if any."""
        return next((name for name, field in self.fields.items() if field.role == role), None)

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


def check(rule: Rule, holds: Callable[[pd.Series], np.ndarray], facts: Callable[[str], Mapping[str, object]] | None = None, fix=None) -> pandera.Check:
    """A column check: `holds` gives one bool a row, True where the rule is kept or the cell is blank."""

    def answer(series: pd.Series) -> pd.Series:
        return pd.Series(holds(series), index=series.index, copy=False)

    statistics = {"rule": rule, "facts": facts, "fix": fix}
    return pandera.Check(answer, name=rule.id, error=rule.id, ignore_na=False, n_failure_cases=1, statistics=statistics)


def rule(id: str, message: str, *fields: str, spec: str, says: str = "", severity: Severity = Severity.ERROR, creating: bool = False):
    """Mark a function of the typed rows as a rule over these fields; the first is the one to blame.

    The function sees the columns it names and returns one boolean a row, True where the rule is kept. Rows in which one of the
    fields is blank or was not understood pass, as does a file without one of the columns (X-4). In the message, `{field}` is
    replaced by the row's value. `creating` rules look only at records that are new.
    """

    def decorate(holds: Callable[[pd.DataFrame], pd.Series]) -> pandera.Check:
        declared = Rule(id, message, spec, says or (holds.__doc__ or "").strip(), severity)

        def answer(rows: pd.DataFrame) -> pd.Series:
            if not set(fields) <= set(rows.columns):
                return pd.Series(np.ones(len(rows), bool), index=rows.index)
            passed = pa.array(holds(rows), from_pandas=True)
            passed = passed.combine_chunks() if isinstance(passed, pa.ChunkedArray) else passed
            kept = pc.fill_null(passed, True).to_numpy(zero_copy_only=False)
            for name in fields:
                nulls = rows[name].isna().to_numpy()
                kept = kept | nulls if nulls.any() else kept
            return pd.Series(kept, index=rows.index, copy=False)

        statistics = {"rule": declared, "blames": fields[0], "fields": fields, "creating": creating}
        return pandera.Check(answer, name=id, error=id, ignore_na=False, n_failure_cases=1, statistics=statistics)

    return decorate


def text(title: str, description: str = "", *, max: int | None = None, choices: tuple[str, ...] = (), **declared) -> pandera.Column:
    """Words: a length, perhaps a list of choices, and nothing that a spreadsheet would run (S3-5)."""
    checks = [_content, _control, *([_longest(max)] if max else []), *([_choice(choices)] if choices else [])]
    return _column(TEXT, Field("text", title, description, max=max, choices=choices, **declared), checks)


def code(title: str, description: str = "", *, max: int | None = None, unique: bool = False, **declared) -> pandera.Column:
    """An identifier: text whose form is kept to the letter (X-3)."""
    checks = [_content, _control, _lost_digits, *([_longest(max)] if max else []), *([_unique] if unique else [])]
    return _column(TEXT, Field("code", title, description, max=max, **declared), checks)


def money(title: str, description: str = "", *, negative: bool = False, **declared) -> pandera.Column:
    """An exact amount in minor units of the row's currency."""
    return _column(MONEY_TYPE, Field("money", title, description, **declared), [] if negative else [_not_negative])


def date(title: str, description: str = "", **declared) -> pandera.Column:
    """A calendar date; `orders` names the only orders in which text may write it."""
    return _column(DATE_TYPE, Field("date", title, description, **declared), [])


def yes_no(title: str, description: str = "", **declared) -> pandera.Column:
    """yes, no, true or false, and Excel's own booleans."""
    return _column(YES_NO_TYPE, Field("yes_no", title, description, **declared), [])


def emails(title: str, description: str = "", *, max: int = 6, **declared) -> pandera.Column:
    """One to `max` e-mail addresses in a cell."""
    return _column(TEXT, Field("emails", title, description, max=max, **declared), [])


def currency(title: str = "Currency", description: str = "", **declared) -> pandera.Column:
    """The code of the row's currency."""
    return _column(TEXT, Field("currency", title, description, role="currency", **declared), [])


def _column(dtype, field: Field, checks) -> pandera.Column:
    wanted = [_filled, *checks] if field.required else list(checks)
    return pandera.Column(
        dtype, checks=wanted, nullable=True, required=False, title=field.title, description=field.description, metadata={"field": field}
    )


_START = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_STARTS = np.frombuffer(b"=+-@\xef", np.uint8)
_BARRED = "--|(?i:=cmd|=sum|=vlookup)"
_LITERAL = "[\"'=+\\-@]"

_filled = check(REQUIRED, lambda series: series.notna().to_numpy())


def _text_check(rule: Rule, suspect: Callable[[pa.Array], bool], pattern: str, facts) -> pandera.Check:
    """A check that no cell matches the pattern, which is tried only where the column's bytes make it possible."""

    def holds(series: pd.Series) -> np.ndarray:
        array = text_array(series)
        if not suspect(array):
            return np.ones(len(array), bool)
        (found,) = spread(pc.fill_null(array, ""), lambda distinct: [matches(distinct, pattern)])
        return ~found

    return check(rule, holds, facts)


def _may_run(array: pa.Array) -> bool:
    """Whether a cell starts with a formula's sign, or one stands where it could matter."""
    first = first_bytes(array)
    return bool(np.isin(first, _STARTS).any()) or holds_any(array, "--", "=")


def _may_control(array: pa.Array) -> bool:
    held = content(array)
    return len(held) > 0 and (int(held.min()) < 0x20 or int(held.max()) >= 0x7F)


def _why_barred(value: str) -> Mapping[str, object]:
    if re.match(_START, value):
        return {"why": f'starts with "{value[0]}", which a spreadsheet would run as a formula'}
    found = re.search(_BARRED, value)
    return {"why": f'contains "{found[0] if found else ""}", which a spreadsheet could run'}


def _why_literal(value: str) -> Mapping[str, object]:
    return {"found": " ".join(sorted(set(re.findall(_LITERAL, value))))}


_content = _text_check(CONTENT, _may_run, f"^{_START}|{_BARRED}", _why_barred)
strict_content = _text_check(LITERAL, lambda _: True, _LITERAL, _why_literal)
inner_content = _text_check(INNER, lambda array: holds_any(array, '"', "=", "+", "@"), '["=+@]', None)
_control = _text_check(CONTROL, _may_control, "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", lambda value: {"code": _control_code(value)})
_lost_digits = _text_check(LOST_DIGITS, lambda array: holds_any(array, "E+", "e+"), r"^-?[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{1,3}$", None)


def _control_code(value: str) -> str:
    return next((f"{ord(c):04X}" for c in value if not c.isprintable() and not c.isspace()), "")


def _longest(most: int) -> pandera.Check:
    def holds(series: pd.Series) -> np.ndarray:
        return lengths(text_array(series)) <= most

    return check(MAX_LENGTH, holds, lambda value: {"length": f"{len(value):,}", "most": most})


def _choice(choices: tuple[str, ...]) -> pandera.Check:
    allowed = pa.array([choice.lower() for choice in choices], pa.large_string())

    def holds(series: pd.Series) -> np.ndarray:
        return spread(pc.fill_null(text_array(series), choices[0]), lambda u: [pc.is_in(pc.utf8_lower(u), allowed).to_numpy(zero_copy_only=False)])[0]

    return check(CHOICE, holds, lambda _: {"choices": ", ".join(choices)})


def _is_unique(series: pd.Series) -> np.ndarray:
    """False on every row of a value that stands more than once (X-9); blank cells are nobody's duplicates."""
    return ~repeated(text_array(series))


def repeated(array: pa.Array) -> np.ndarray:
    """(rows,) bool: cells whose value stands in another row too."""
    codes = encoded(array)
    rows = pc.fill_null(codes.indices, -1).to_numpy(zero_copy_only=False)
    return (np.bincount(rows + 1, minlength=len(codes.dictionary) + 1) > 1)[rows + 1] & (rows >= 0)


_unique = check(DUPLICATE, _is_unique)
_not_negative = check(NOT_NEGATIVE, lambda series: pc.fill_null(pc.greater_equal(pa.array(series, from_pandas=True), 0), True).to_numpy(zero_copy_only=False))
