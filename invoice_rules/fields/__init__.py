"""Kinds of field and rules over fields, each declared once in Pandera, and the `RuleSet` that holds them.

A field helper gives one `pandera.Column`: its dtype, its checks, and in the metadata a `Field` with what mapping, messages,
templates and pages need. `rule()` turns a function of the typed rows into a `pandera.Check` that blames one field.
"""

from invoice_rules.fields import called
from invoice_rules.fields.checks import DUPLICATE, INNER, REQUIRED, RULES, UNMAPPED, check, inner_content, repeated, strict_content
from invoice_rules.fields.declaration import FIGURES, ROLES, checked
from invoice_rules.fields.declared import RECORD, STATUS, Dated, Field, Link, Option, RuleSet
from invoice_rules.fields.kinds import (
    DATE_TYPE,
    MONEY_TYPE,
    NUMBER_TYPE,
    YES_NO_TYPE,
    YES_OR_NO,
    code,
    currency,
    date,
    emails,
    money,
    number,
    percent,
    text,
    yes_no,
)
from invoice_rules.fields.live import Live, live_rules
from invoice_rules.fields.rules import ON_FILE, Computed, computed, first_of, given, half_of_last_digit, percent_of, priced, rule, share_of

__all__ = [
    "DATE_TYPE",
    "DUPLICATE",
    "FIGURES",
    "INNER",
    "MONEY_TYPE",
    "NUMBER_TYPE",
    "ON_FILE",
    "RECORD",
    "REQUIRED",
    "ROLES",
    "RULES",
    "STATUS",
    "UNMAPPED",
    "YES_NO_TYPE",
    "YES_OR_NO",
    "Computed",
    "Dated",
    "Field",
    "Link",
    "Live",
    "Option",
    "RuleSet",
    "called",
    "check",
    "checked",
    "code",
    "computed",
    "currency",
    "date",
    "emails",
    "first_of",
    "given",
    "half_of_last_digit",
    "inner_content",
    "live_rules",
    "money",
    "number",
    "percent",
    "percent_of",
    "priced",
    "repeated",
    "rule",
    "share_of",
    "strict_content",
    "text",
    "yes_no",
]
