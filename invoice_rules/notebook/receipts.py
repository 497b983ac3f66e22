"""A receipt as it is shown in a notebook."""

import datetime as dt

from invoice_rules import Receipt
from invoice_rules.notebook import html
from invoice_rules.values import show_date, with_commas

_TOTALS = {"file": "in the file", "stored": "in the store"}


def receipt_html(receipt: Receipt) -> str:
    """What happened, where it came from, and what proves it (X-7)."""
    at = dt.datetime.fromisoformat(receipt.at).astimezone()
    failed = receipt.details.get("all_or_nothing") and not any(receipt.counts.get(name) for name in ("created", "updated", "unchanged", "skipped"))
    lead = "IMPORT FAILED: nothing was imported." if failed else receipt.summary()
    return (
        html.paragraph(lead, "bad" if failed else "lead")
        + html.cards((f"{count:,}", name, {"rejected": "bad", "created": "good", "updated": "good"}.get(name, "")) for name, count in _happened(receipt).items() if count)
        + html.facts(
            [
                ("Batch", f"{receipt.number} ({receipt.batch[:8]})"),
                ("Books", receipt.entity),
                ("Rules", f"{receipt.rules}, version {receipt.rules_version}"),
                ("File", receipt.source),
                ("SHA-256 of the file", receipt.sha256),
                ("Columns", receipt.mapping),
                ("By", f"{receipt.user}, {show_date(at.date())} {at:%H:%M}"),
                *([("Sender", receipt.sender)] if receipt.sender else []),
                *((f"Total {_TOTALS.get(name, name)}", ", ".join(_totals(of))) for name, of in receipt.totals.items() if of),
                ("Head of the history", receipt.head),
            ]
        )
    )


def _happened(receipt: Receipt) -> dict[str, int]:
    return {**receipt.counts, "closed": receipt.details.get("closed", 0)}


def _totals(of_currency: dict[str, dict[str, str]] | object) -> list[str]:
    found = of_currency if isinstance(of_currency, dict) else {}
    return [f"{code} {with_commas(next(iter(amounts.values()), None))}".rstrip() for code, amounts in found.items()]
