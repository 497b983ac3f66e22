"""Documents as the JSON that a service takes: elements in the order of the rule set, blanks as "", numbers as exact plain numbers (S2-1, S2-40).

Whoever writes such JSON does it here, so that a file that is converted and a request that is sent are the same text.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from invoice_rules.fields.declared import Field, RuleSet

_ORDERS = {"month-first": "%m/%d/%Y", "day-first": "%d/%m/%Y"}

Element = tuple[str, str]
"""Name of an element and its value as JSON."""


def document_json(rules: RuleSet, documents: Iterable[tuple[Sequence[Element], Sequence[Sequence[Element]]]]) -> Iterator[str]:
    """The JSON of a service, piece by piece. Each document is its own elements and those of its lines, which are left out where the rule set has none."""
    yield f'{{\n  {json.dumps(rules.json)}: ['
    between = "\n    {"
    for own, lines in documents:
        yield between + ",".join(f"\n      {json.dumps(name)}: {token}" for name, token in own)
        if rules.nested:
            yield f",\n      {json.dumps(rules.nested[0])}: [{','.join(map(_line, lines))}\n      ]"
        yield "\n    }"
        between = ",\n    {"
    yield "\n  ]\n}\n"


def _line(elements: Sequence[Element]) -> str:
    return "\n        {" + ",".join(f"\n          {json.dumps(name)}: {token}" for name, token in elements) + "\n        }"


def element(cell: object) -> str:
    """One value as JSON: a blank one as "", numbers as they are, everything else in quotes.

    >>> element(None), element(Decimal("467.75")), element("007"), element(True)
    ('""', '467.75', '"007"', 'true')
    """
    if cell is None:
        return '""'
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{cell:f}" if isinstance(cell, Decimal) else json.dumps(cell, ensure_ascii=False)


def date_order(field: Field) -> str:
    """How dates of a field are written, for `strftime`; "" where that is ISO 8601."""
    return _ORDERS.get(field.orders[0] if field.orders else "", "")


def plain(number: Decimal) -> Decimal:
    """A number without idle zeros, never with an exponent.

    >>> plain(Decimal("467.50")), plain(Decimal("2E+1")), plain(Decimal("0.00"))
    (Decimal('467.5'), Decimal('20'), Decimal('0'))
    """
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
