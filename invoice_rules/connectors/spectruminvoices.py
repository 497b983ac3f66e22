"""Invoices as Spectrum's service takes them: the body of a request, and what of an invoice would not arrive as it is.

Spectrum cuts off what is too long and rounds what is too fine, without a word, so neither is let out (S2-9, S2-36, S2-37). The Authorization ID is
no part of the body: it belongs to the login alone (S2-2).
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoice_rules.fields import Field, RuleSet
from invoice_rules.fields.elements import Element, date_order, document_json, element, plain
from invoice_rules.results import Document
from invoice_rules.rulesets import rule_set

RULES = "spectrum.invoices"
COMPANY, BATCH, NUMBER, GUID, AMOUNT = "Company_Code", "Batch_Code", "Invoice_Or_Transaction", "GUID", "Line_Extension"

FORBIDDEN = "/*?\"'><#,&~"
"""Characters that no key may hold, in Spectrum's own list."""

_FREE = (GUID, "Customer_PO")
_CENTS = 2
_REMARK: Mapping[str, Any] = {"Quantity": Decimal(0), AMOUNT: Decimal(0), "Taxable_Flag": "N"}
"""What a line that is only a message has beside it, as in the vendor's sample; Spectrum wants an amount on every line."""

_SPACE = uuid.UUID("6f2b1d1e-0c4b-5d0f-9a53-3a0c5f0f7f0a")


def number(document: Document) -> str:
    """The number that the invoice has, or shall have, in Spectrum."""
    return document.entry.number or text(document, NUMBER)


def company(document: Document) -> str:
    """The company in Spectrum that it belongs to."""
    return text(document, COMPANY)


def text(document: Document, name: str) -> str:
    """The value of a field as text; "" where it is blank."""
    value = document.fields.get(name)
    return "" if value is None else str(value)


def body(documents: Sequence[Document], tenant: str) -> bytes:
    """The body of a request; the same documents give the same bytes.

    They share one GUID, made for this request (S2-3): an invoice that goes once more gets another one, since Spectrum lets them expire.
    """
    said = _json(documents, "")
    about = [f"{one.entry.entity}/{one.entry.id}/{one.entry.generation}/{one.entry.attempts}" for one in documents]
    return _json(documents, str(uuid.uuid5(_SPACE, "\n".join([tenant, *about, said])))).encode()


def _json(documents: Sequence[Document], guid: str) -> str:
    rules = rule_set(RULES)
    heads, lines = ({name: field for name, field in rules.offered.items() if field.level == level} for level in ("header", "line"))
    return "".join(document_json(rules, (_elements(_numbered(one, guid), heads, lines) for one in documents)))


def _numbered(document: Document, guid: str) -> Document:
    return replace(document, fields={**document.fields, GUID: guid, NUMBER: number(document)})


def _elements(document: Document, heads: Mapping[str, Field], lines: Mapping[str, Field]) -> tuple[list[Element], list[list[Element]]]:
    written = ({**_REMARK, **line} if line.get(AMOUNT) is None else line for line in document.lines)
    return _named(document.fields, heads), [_named(line, lines) for line in written]


def _named(values: Mapping[str, Any], fields: Mapping[str, Field]) -> list[Element]:
    return [(name, element(_written(values.get(name), field))) for name, field in fields.items()]


def _written(value: Any, field: Field) -> object:
    """A value as Spectrum's layout has it: dates MM/DD/CCYY, numbers without idle zeros."""
    if isinstance(value, Decimal):
        return plain(value)
    if field.kind == "date" and value is not None:
        return value.strftime(date_order(field))
    return value


def faults(document: Document) -> list[str]:
    """What keeps an invoice from arriving as it is, a sentence each; none where it may go."""
    rules = rule_set(RULES)
    found = list(_of_values({**document.fields, NUMBER: number(document)}, rules, "header", ""))
    if not document.lines:
        found.append("It has no line. Spectrum wants at least one.")
    for at, line in enumerate(document.lines, 1):
        found += _of_values({**_REMARK, **line} if line.get(AMOUNT) is None else line, rules, "line", f"Line {at}: ")
    return found


def _of_values(values: Mapping[str, Any], rules: RuleSet, level: str, where: str) -> Iterator[str]:
    for name, field in rules.offered.items():
        if field.level == level and (why := _fault(values.get(name), field)):
            yield f"{where}{field.title} {why}"


def _fault(value: Any, field: Field) -> str:
    """What is wrong with one value, the end of a sentence that begins with its title; "" where nothing is."""
    if value is None or value == "":
        return "is missing. Spectrum wants it." if field.required is True else ""
    if field.kind == "code" and field.name not in _FREE and (wrong := next((sign for sign in FORBIDDEN if sign in str(value)), "")):
        return f"is {value}, and Spectrum takes no {wrong} in its codes. Correct it."
    if field.kind == "money" and -plain(value).as_tuple().exponent > _CENTS:  # type: ignore[operator]  # stored amounts are finite
        return f"is {plain(value):f}. Spectrum has two decimals and would round it. Correct it."
    if field.kind in ("money", "percent") and value < 0:
        return f"is {plain(value):f}. Spectrum takes no amounts below zero; what lowers receivables is a credit memo. Correct it."
    size = len(f"{plain(value):f}" if isinstance(value, Decimal) else str(value))
    if field.max is not None and field.kind != "date" and size > field.max:
        return f"has {size} characters, and Spectrum keeps {field.max} and cuts off the rest. Shorten it."
    return ""
