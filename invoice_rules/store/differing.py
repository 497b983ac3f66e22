"""What of an invoice is other than when it was sent (S4-17, S4-18): its fields, from the image that the next change kept of it."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from invoice_rules.fields import RuleSet
from invoice_rules.store.images import image_of_invoice
from invoice_rules.store.records import LINES, Records


def differing(connection: sa.Connection, rules: RuleSet, sent: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str] | None:
    """Field -> title of what differs between the version that an entry holds and the invoice as it is now; None where that version is not kept any more.

    When the source was marked is no difference (S4-3). Lines that came or went count as `lines`.
    """
    was = image_of_invoice(connection, sent["invoice"], sent["version"])
    if was is None:
        return None
    old, new = _values(was, rules), _values(now, rules)
    if len(old[LINES]) != len(new[LINES]):
        old, new = ({name: value for name, value in one.items() if name not in rules.at_level("line")} for one in (old, new))
    titles = {name: field.title for name, field in rules.fields.items()} | {LINES: "Number of lines"}
    return {name: title for name, title in titles.items() if name != rules.role("marked") and old.get(name) != new.get(name)}


def _values(record: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    """Field -> value of a stored record; of a line's field those of all lines, of `lines` one for each."""
    details = json.loads(record["details"])
    lines = details.pop(LINES, None) or []
    columns = {name: record.get(column) for column, name in Records(rules).columns.items()}
    return {**details, **columns, **{name: [line.get(name) for line in lines] for name in rules.at_level("line")}, LINES: [None for _ in lines]}
