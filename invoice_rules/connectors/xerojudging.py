"""May an invoice be sent to Xero? What would be refused there, or would be booked other than it stands here, is kept back with a reason.

`Facts` is what the organisation is set to, asked once for all. Source: behaviours S4-2, S4-14, S4-18, S4-20, S4-21.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_rules.connectors.xero import INVOICES, Organisation
from invoice_rules.connectors.xerodocuments import (
    CENT,
    DESCRIPTION,
    NO_TAX,
    Rates,
    Wishes,
    cents,
    currency_of,
    described,
    expected,
    kind_of,
    kind_sent,
    number_of,
    priced,
    untaxed,
)
from invoice_rules.results import BEFORE, Document, State
from invoice_rules.values import show_date

if TYPE_CHECKING:
    from invoice_rules.connectors.xero import Xero
    from invoice_rules.store import Store
    from invoice_rules.store.ledger import Ledger

LONGEST = 255
"""Characters of a number in Xero."""

Verdict = tuple[State, str]
Clashes = Mapping[tuple[str, str], Sequence[str]]
"""(kind, number) -> the source's invoices that have it, or shall have it."""

_WORST = (State.REJECTED, State.NEEDS_MAPPING, State.HELD)


@dataclass(frozen=True)
class Facts:
    """What an organisation is set to, and how invoices are to be written for it."""

    organisation: Organisation
    accounts: frozenset[str]
    rates: Rates
    currencies: frozenset[str]
    wishes: Wishes = Wishes()

    @classmethod
    def of(cls, client: "Xero", store: "Store", approved: bool, account: str) -> "Facts":
        """Ask the organisation. What it does not have is looked up in the maps of the store once more, should they have been corrected since the import."""
        accounts, rates = client.accounts(), client.tax_rates()
        wishes = Wishes(approved, account, _mapped(store, "accountMap", accounts), _mapped(store, "taxMap", frozenset(rates)))
        return cls(client.organisation(), accounts, rates, client.currencies(), wishes)


def _mapped(store: "Store", name: str, known: frozenset[str]) -> dict[str, str]:
    """Codes that Xero does not have -> what a map gives for them, where Xero has that. A code that Xero has in other letters stays what it is."""
    entries = store.context().reference(name)
    pairs = zip(entries["from"], entries["to"], strict=True) if len(entries) else ()
    found = {str(given).casefold(): str(meant) for given, meant in pairs if str(given) not in known and str(meant) in known}
    return {code: code for code in known if code.casefold() in found} | found


def verdict(document: Document, facts: Facts, clashes: Clashes, contact: str) -> Verdict:
    """READY, or the worst of what keeps it back with all reasons. `contact` says why its company has no contact yet, "" where it has."""
    found = [one for check in CHECKS for one in check(document, facts)]
    if not found or found[0][0] is not State.REJECTED:
        found += [(State.REJECTED, said) for said in _clash(document, clashes)]
        found += [(State.NEEDS_MAPPING, contact)] if contact else []
    if not found:
        return State.READY, ""
    return min((state for state, _ in found), key=_WORST.index), " ".join(dict.fromkeys(said for _, said in found))


def clashes(documents: Sequence[Document], ledger: "Ledger") -> dict[tuple[str, str], list[str]]:
    """Who has which number: these documents, and entries that have left or are about to."""
    mine = {document.entry.id for document in documents}
    wanted = [(kind_of(document), number_of(document), document.entry.key) for document in documents if not document.entry.remote]
    leaving = [entry for entry in ledger.entries() if entry.number and entry.id not in mine and (entry.state not in BEFORE or entry.state is State.READY)]
    wanted += [(kind_sent(entry), entry.number, entry.key) for entry in leaving]
    found: dict[tuple[str, str], list[str]] = {}
    for kind, number, key in wanted:
        found.setdefault((kind, number.casefold()), []).append(key)
    return found


def _clash(document: Document, clashes: Clashes) -> Iterator[str]:
    others = [key for key in clashes.get((kind_of(document), number_of(document).casefold()), ()) if key != document.entry.key]
    if others and not document.entry.remote:
        whose = f"Autotask {'invoice' if len(others) == 1 else 'invoices'} {_listed(others)} {'has' if len(others) == 1 else 'have'} it too"
        yield f"Invoice number {number_of(document)} is not free: {whose}. Xero takes a number once; give one of them another."


# what the document itself says


def _number(document: Document, _: Facts) -> Iterator[Verdict]:
    number = number_of(document)
    if len(number) > LONGEST:
        yield State.REJECTED, f"Invoice number {number[:40]}… has {len(number)} characters; Xero takes {LONGEST}. It is not shortened for you."
    if any(sign in number for sign in '"\\') or not number.isprintable():
        yield State.REJECTED, f"Invoice number {number} holds a sign by which Xero cannot look for it. Write it without quotation marks and backslashes."


def _lines(document: Document, _: Facts) -> Iterator[Verdict]:
    if not document.lines:
        yield State.REJECTED, "It has no lines. Check its billing items in Autotask, then fetch it again."
    for place, line in enumerate(document.lines, 1):
        if line.get("lineAmount") is None:
            yield State.REJECTED, f"Line {place} has no amount. Correct it, then import the invoice again."
        elif line["lineAmount"] != line["lineAmount"].quantize(CENT):
            yield State.REJECTED, f"Line {place} comes to {line['lineAmount']}: Xero keeps two decimals."
        elif len(described(document, line, priced(line)[2])) > DESCRIPTION:
            yield State.REJECTED, f"The text of line {place} (item and description) is longer than {DESCRIPTION:,} characters, which is what Xero takes. It is not shortened for you."


def _total(document: Document, facts: Facts) -> Iterator[Verdict]:
    """What Xero will come to is our total, to the cent."""
    total = document.fields["total"]
    if any(line.get("lineAmount") is None for line in document.lines) or not document.lines:
        return
    if total != cents(total):
        yield State.REJECTED, f"The total is {total}: Xero keeps two decimals."
        return
    made = expected(document, facts.rates, facts.wishes)
    if made is not None and made != total and not list(_tax_types(document, facts)):
        yield State.REJECTED, f"Lines and tax come to {made:,.2f}, the total is {total:,.2f}. Xero would book {made:,.2f}; check the lines and their tax."


def _dates(document: Document, facts: Facts) -> Iterator[Verdict]:
    date, locked = document.fields["invoiceDate"], facts.organisation.locked
    if locked and date <= locked:
        yield State.HELD, f"It is dated {show_date(date)}; Xero's books are locked up to {show_date(locked)}. Move the lock date in Xero, or give the invoice a later date."
    if facts.wishes.approved and kind_of(document) == INVOICES and not document.fields.get("dueDate"):
        yield State.REJECTED, "It has no due date, which Xero wants of an approved invoice. Give it one, or send it as a draft."


def _currency(document: Document, facts: Facts) -> Iterator[Verdict]:
    code, known = currency_of(document), facts.currencies | {facts.organisation.currency}
    if code not in known:
        yield State.NEEDS_MAPPING, f"{facts.organisation.name} has no currency {code}. Add it in Xero; or correct the currency map, then fetch and import the invoice anew."


# what has to be known in Xero (S4-20)


def _accounts(document: Document, facts: Facts) -> Iterator[Verdict]:
    codes = [facts.wishes.account_of(line) for line in document.lines]
    unknown = {code: f'"{code}"' for code in codes if code and code not in facts.accounts}
    if unknown:
        yield State.NEEDS_MAPPING, f"Xero has no account {_listed(unknown.values())}. Say in the account map what it is in Xero, or add the account there."
    if facts.wishes.approved and "" in codes:
        yield State.NEEDS_MAPPING, f"Line {codes.index('') + 1} has no account, which Xero wants of an approved invoice. Choose an account for such lines, or send it as a draft."


def _tax_types(document: Document, facts: Facts) -> Iterator[Verdict]:
    if untaxed(document):
        return
    lines = [(str(place), line, facts.wishes.tax_type_of(line)) for place, line in enumerate(document.lines, 1)]
    unknown = {name: f'"{name}"' for _, line, name in lines if line.get("taxType") and name not in facts.rates}
    if unknown:
        yield State.NEEDS_MAPPING, f"Xero has no tax type {_listed(unknown.values())}. Say in the tax map what it is in Xero."
    blank = [(place, line, name) for place, line, name in lines if not line.get("taxType")]
    bare = [place for place, line, _ in blank if line.get("taxAmount")]
    strange = [place for place, _, name in blank if name not in facts.rates]
    if bare:
        yield State.NEEDS_MAPPING, f"{_these(bare)} tax but no tax type. Give {'it' if len(bare) == 1 else 'them'} one in Autotask, then fetch and import the invoice anew."
    elif len(blank) == len(lines):
        yield State.NEEDS_MAPPING, "The invoice has tax, but its lines have no tax type. Give them one in Autotask, then fetch and import the invoice anew."
    elif strange:
        yield State.NEEDS_MAPPING, f'{_these(strange)} no tax type, and Xero has no "{NO_TAX}" for {facts.organisation.name}. Say in the tax map what "{NO_TAX}" is in Xero.'


def _these(places: Sequence[str]) -> str:
    """`Line 2 has`, `Lines 2 and 3 have`."""
    return f"Line {places[0]} has" if len(places) == 1 else f"Lines {_listed(places)} have"


def _listed(names: Iterable[str]) -> str:
    """`2`, `2 and 3`, `2, 3 and 5`."""
    some = list(dict.fromkeys(names))
    return " and ".join(filter(None, [", ".join(some[:-1]), some[-1]]))


CHECKS: tuple[Callable[[Document, Facts], Iterator[Verdict]], ...] = (_number, _lines, _total, _dates, _currency, _accounts, _tax_types)
"""Everything that is asked of an invoice by itself."""
