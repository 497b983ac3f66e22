"""What an answer of Xero says about an invoice. Only an item with our number, an identifier, our total and no error is a plain yes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from invoice_rules.connectors.xero import NOTHING, errors_of, found_in
from invoice_rules.connectors.xerodocuments import called, currency_of, kind_of, kind_sent, number_of
from invoice_rules.results import Document, Found, Result, State

_TAKEN = ("must be unique", "already exists", "already been used")
"""How Xero says that it has the number: perhaps from us, so it is looked into."""


def unknown(why: str) -> Result:
    """Nobody knows yet."""
    return Result(State.UNKNOWN, why)


def result_of(document: Document, rows: Sequence[Mapping[str, Any]], status: int, contact: str) -> Result:
    """What the items of an answer with this HTTP status say about a document; `contact` is the one that it was sent for."""
    mine = [row for row in rows if _is_of(document, row)]
    if len(mine) != 1:
        if status >= 400:
            return Result(State.READY, "Xero refused others of the same request, and did nothing.") if not mine else unknown("Xero's answer speaks of it twice.")
        return unknown("Xero's answer does not speak of it." if not mine else "Xero's answer speaks of it twice.")
    errors = errors_of(mine[0])
    if errors or _failed(mine[0]):
        return _refused(document, errors)
    if status >= 400:
        return Result(State.READY, "Xero refused others of the same request, and did nothing.")
    return _accepted(document, mine[0], contact)


def _is_of(document: Document, row: Mapping[str, Any]) -> bool:
    found = found_in(kind_of(document), row)
    if document.entry.remote:
        return found.remote.casefold() == document.entry.remote.casefold()
    return found.number.casefold() == number_of(document).casefold()


def _failed(row: Mapping[str, Any]) -> bool:
    said = str(row.get("StatusAttributeString") or "OK").upper()
    return said == "ERROR" or row.get("HasErrors") is True or row.get("HasValidationErrors") is True


def _refused(document: Document, errors: Sequence[str]) -> Result:
    said = "; ".join(errors) or "no reason was given"
    return taken(document, said) or Result(State.REJECTED, f"Xero refused it: {said}.")


def taken(document: Document, said: str) -> Result | None:
    """Where Xero says that it has the number of a new one already, which may be ours from the time before: UNKNOWN, with that number."""
    if document.entry.remote or not any(words in said.casefold() for words in _TAKEN):
        return None
    return Result(State.UNKNOWN, f"Xero has {called(kind_of(document))} of this number: {said}.", number=number_of(document))


def _accepted(document: Document, row: Mapping[str, Any], contact: str) -> Result:
    found = found_in(kind_of(document), row)
    if found.remote in ("", NOTHING) or str(row.get("StatusAttributeString") or "OK").upper() not in ("OK", "WARNING"):
        return unknown("Xero's answer does not say plainly that it took it.")
    if found.total is None:
        return unknown("Xero's answer does not say what it comes to.")
    warned = "; ".join(errors_of(row, "Warnings"))
    return compared(document, found, not found.customer or not contact or found.customer == contact, f"Xero warns: {warned}." if warned else "", fresh=True)


def compared(document: Document, found: Found, same_contact: bool, note: str = "", fresh: bool = False) -> Result:
    """SENT where what Xero has is ours, else CONFLICT with all that differs. `fresh`: it is the answer to sending it.

    One that may be another invoice of the number gives no identifier: it must never be changed as if it were ours (S4-18).
    """
    wrong = list(_differences(document, found, same_contact, fresh))
    if wrong:
        return Result(State.CONFLICT, " ".join(wrong), "" if _another(document, found, fresh) else found.remote, found.number)
    return Result(State.SENT, note, found.remote, found.number)


def _another(document: Document, found: Found, fresh: bool) -> bool:
    return found.reference != document.entry.key and not (fresh and not found.reference)


def _differences(document: Document, found: Found, same_contact: bool, fresh: bool) -> list[str]:
    total = abs(Decimal(document.fields["total"]))
    said = []
    if kind_sent(document.entry) != kind_of(document):
        said.append(f"It was sent as {called(kind_sent(document.entry))} and is {called(kind_of(document))} by now.")
    if found.status in ("DELETED", "VOIDED"):
        said.append(f"It was {'deleted' if found.status == 'DELETED' else 'voided'} in Xero.")
    if _another(document, found, fresh):
        said.append(f'Its reference in Xero is "{found.reference}", not {document.entry.key}: it may be another invoice of the same number.')
    if not same_contact:
        said.append("In Xero it is for another contact.")
    if found.currency and found.currency != currency_of(document):
        said.append(f"In Xero it is in {found.currency}, the invoice is in {currency_of(document)}.")
    if found.total is None or found.total != total:
        said.append(f"Xero says {found.total:,.2f}, the invoice says {total:,.2f}." if found.total is not None else "Xero does not say what it comes to.")
    return said
