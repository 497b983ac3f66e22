"""QuickBooks Online, only ever read (S1-16): invoices of a range of days or by their ids, customers, and the company's name and currency."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from invoice_rules.connectors.exactjson import parsed
from invoice_rules.connectors.failures import Refused
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer

if TYPE_CHECKING:
    import datetime as dt

    from invoice_rules.connectors.http import Session

Row = dict[str, Any]
Tick = Callable[[int, int], None]
"""Called with how many are done and how many there are."""

PAGE = 1000
"""The most rows that QuickBooks gives at once."""

MINOR_VERSION = "75"
_AT_ONCE = 100


class QuickBooks:
    """One company of QuickBooks Online, at the address `api`. `realm` is QuickBooks' own number of it."""

    def __init__(self, session: "Session", realm: str, api: str) -> None:
        self._session = session
        self._company = f"{api.rstrip('/')}/v3/company/{_digits(realm, 'company')}"

    def company(self) -> str:
        """The company's name."""
        rows = self._rows("CompanyInfo")
        return str(rows[0].get("CompanyName") or "") if rows else ""

    def home_currency(self) -> str:
        """The code of the currency of invoices that name none; "" where QuickBooks does not say."""
        rows = self._rows("Preferences")
        kept = rows[0].get("CurrencyPrefs") if rows else None
        return _value(kept.get("HomeCurrency")) if isinstance(kept, Mapping) else ""

    def count(self, where: str = "") -> int:
        """How many invoices meet a condition."""
        answer = self._select("COUNT(*)", "Invoice", where)
        total = answer.get("totalCount")
        if not isinstance(total, int):
            raise CannotRun("QuickBooks did not say how many invoices there are. Try again later.")
        return total

    def invoices(self, where: str = "", tick: Tick | None = None) -> list[Row]:
        """All invoices that meet a condition, by id, each whole. Raises CannotRun where the list changed while it was read."""
        total = self.count(where)
        found: dict[str, Row] = {}
        start = 1
        while len(found) < total:
            rows = self._rows("Invoice", f"{where} ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE}")
            found |= {str(row.get("Id")): row for row in rows}
            start += len(rows)
            if tick:
                tick(len(found), total)
            if not rows:
                break
        if len(found) != total:
            raise CannotRun(f"QuickBooks spoke of {total:,} invoices and gave {len(found):,}: somebody changed them meanwhile. Fetch them again.")
        return list(found.values())

    def customers(self, ids: Iterable[str]) -> dict[str, Row]:
        """Customers, and projects, which QuickBooks keeps as customers, by id; those that are not there are left out."""
        found: list[Row] = []
        asked = [_digits(one, "customer") for one in dict.fromkeys(ids)]
        for at in range(0, len(asked), _AT_ONCE):
            wanted = ", ".join(f"'{one}'" for one in asked[at : at + _AT_ONCE])
            found += self._rows("Customer", f" WHERE Id IN ({wanted}) MAXRESULTS {PAGE}")
        return {str(row.get("Id")): row for row in found}

    def _rows(self, entity: str, rest: str = "") -> list[Row]:
        rows = self._select("*", entity, rest).get(entity, [])
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def _select(self, what: str, entity: str, rest: str) -> Row:
        """The result of a query in QuickBooks' own language, which can only read."""
        query = f"SELECT {what} FROM {entity}{rest}"  # noqa: S608  # no database of ours; only days and digits come from outside
        params = {"query": query, "minorversion": MINOR_VERSION}
        answer = self._session.read("GET", f"{self._company}/query", params=params, headers={"Accept": "application/json"})
        content = parsed(answer, "QuickBooks")
        faults = list(_faults(content))
        if faults:
            raise Refused(f"QuickBooks refused the question: {'; '.join(faults)}.", Answer(answer.status, answer.body))
        response = content.get("QueryResponse")
        if not isinstance(response, dict):
            raise CannotRun("QuickBooks gave an answer without a result. Try again later.")
        return response


def condition(since: "dt.date | None", until: "dt.date | None", ids: Iterable[str] = ()) -> str:
    """The condition of a query: invoice dates from `since` to `until`, both included (S1-3), and these ids; "" for all.

    >>> import datetime as dt
    >>> condition(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    " WHERE TxnDate >= '2026-01-01' AND TxnDate <= '2026-01-31'"
    """
    parts = [f"TxnDate >= '{since.isoformat()}'"] if since else []
    parts += [f"TxnDate <= '{until.isoformat()}'"] if until else []
    wanted = [f"'{_digits(one, 'invoice')}'" for one in ids]
    parts += [f"Id IN ({', '.join(wanted)})"] if wanted else []
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def _digits(value: str, what: str) -> str:
    """QuickBooks' ids are digits alone, so nothing else can slip into a query."""
    text = str(value).strip()
    if not re.fullmatch(r"[0-9]{1,30}", text):
        raise CannotRun(f'"{text[:40]}" is not the id of a QuickBooks {what}: those are digits alone.')
    return text


def _value(reference: Any) -> str:
    return str(reference.get("value") or "") if isinstance(reference, Mapping) else ""


def _faults(content: Row) -> Iterator[str]:
    """What QuickBooks found wrong, all of it; it writes `Fault/Error`, and for logins and limits `fault/error`."""
    fault = content.get("Fault") or content.get("fault")
    if not fault:
        return
    errors = (fault.get("Error") or fault.get("error")) if isinstance(fault, dict) else None
    for error in errors if isinstance(errors, list) and errors else [{}]:
        said = {str(name).lower(): value for name, value in error.items()} if isinstance(error, dict) else {}
        words = ", ".join(str(said[name]).strip().rstrip(".") for name in ("message", "detail") if said.get(name)) or "no reason was given"
        yield f"{words} ({said['code']})" if said.get("code") else words
