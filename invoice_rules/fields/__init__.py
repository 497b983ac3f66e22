"""Kinds of field and rules over fields, each declared once in Pandera, and the `RuleSet` that holds them.

A field helper gives one `pandera.Column`: its dtype, its checks, and in the metadata a `Field` with what mapping, messages,
templates and pages need. `rule()` turns a function of the typed rows into a `pandera.Check` that blames one field.
"""

from invoice_rules.fields import called
from invoice_rules.fields.checks import DUPLICATE, INNER, REQUIRED, RULES, UNMAPPED, check, inner_content, repeated, strict_content
from invoice_rules.fields.declared import Field, Option, RuleSet
from invoice_rules.fields.kinds import DATE_TYPE, MONEY_TYPE, YES_NO_TYPE, code, currency, date, emails, money, text, yes_no
from invoice_rules.fields.rules import first_of, rule

__all__ = [
    "DATE_TYPE",
    "DUPLICATE",
    "INNER",
    "MONEY_TYPE",
    "REQUIRED",
    "RULES",
    "UNMAPPED",
    "YES_NO_TYPE",
    "Field",
    "Option",
    "RuleSet",
    "called",
    "check",
    "code",
    "currency",
    "date",
    "emails",
    "first_of",
    "inner_content",
    "money",
    "repeated",
    "rule",
    "strict_content",
    "text",
    "yes_no",
]
