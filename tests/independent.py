"""A second reading of the Paystand receivables, written from the list of behaviours alone: csv, datetime, Decimal and no engine.

It shares nothing with `invoice_rules`, takes a row at a time and is slow on purpose: where the two differ, one of them is wrong.
What the behaviours leave open is fixed here: near dates are up to 7 days apart; similar numbers have the same letters and
digits, whatever their case, signs and leading zeros, with O like 0, I and L like 1, S like 5, B like 8 and Z like 2.
"""

import csv
import datetime as dt
import re
import unicodedata
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

CODES, NAMES = {"invoiceId": 40, "invoiceNumber": 40, "extCustomerId": 40}, {"customerName": 50}
AMOUNTS, DATES = ("amount", "amountDue"), ("date", "dateDue")
REQUIRED = ("invoiceId", "invoiceNumber", *AMOUNTS, "customerName", "extCustomerId", *DATES, "isCanceled", "contactEmail")
DECIMALS = {"USD": 2, "EUR": 2, "CAD": 2, "JPY": 0, "BHD": 3}
DOLLARS = ("USD", "CAD")
SYMBOLS = {"EUR": "€", "JPY": "¥"}
ALIKE = dict(zip("oilsbz", "011582", strict=True))
DEMO = re.compile(r"(?<![a-z])(test|demo|sample|asdf)(?![a-z])|@example\.com\b", re.I)
NEAR = 7

Broken = set[tuple[int, str, str]]
"""(row as Excel counts it, field, rule id)."""


EXCHANGED = str.maketrans(".,", ",.")
SHEET_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")


class Unreadable(Exception):
    """A cell that is not what its field holds; the argument is the id of the rule."""


def verdict(path: Path, today: dt.date, live: bool = True, closed: dt.date | None = None) -> tuple[Broken, dict]:
    """What is wrong with the file, and the sums of its amounts: {currency: {field: Decimal}}."""
    rows = read(path)
    broken: Broken = set()
    sure = {name for name in AMOUNTS if any(proves_the_point(row[name]) for row in rows.values())}
    mixed = {name for name in AMOUNTS if any(proves_the_point(row[name].translate(EXCHANGED)) for row in rows.values())}
    for number, row in rows.items():
        broken |= {(number, field, rule) for field, rule in own_problems(row, sure, mixed, live)}
    for number, field in read_dates(rows, broken):
        rows[number]["read"][field] = None
    for number, row in rows.items():
        broken |= {(number, field, rule) for field, rule in of_dates(row["read"], today, closed)}
    return broken | across(rows), sums(rows)


def read(path: Path) -> dict[int, dict]:
    """Row number -> cells by heading; blanks and quotes around a value are not part of it (S3-4)."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        headings, *records = csv.reader(handle)
    rows = {}
    for number, cells in enumerate(records, 2):
        if cells:
            rows[number] = {heading: cell.strip(" \t\r\n\"'\u00a0") for heading, cell in zip(headings, cells, strict=True)}
    return rows


def own_problems(row: dict, sure: set[str], mixed: set[str], live: bool) -> list[tuple[str, str]]:
    """What one row breaks by itself, dates apart; `row["read"]` gets what could be read."""
    wrong = [name for name, cell in row.items() if cell in SHEET_ERRORS]
    found = [(name, "required") for name in REQUIRED if not row[name]] + [(name, "cell-error") for name in wrong]  # S3-6
    row |= dict.fromkeys(wrong, "")
    known = row["read"] = {name: row[name] or None for name in (*CODES, *NAMES)}
    for name, most in (CODES | NAMES).items():
        found += [(name, rule) for rule in of_text(row[name], most, name in CODES)]
    code = row.get("currency", "").upper() or "USD"
    known["currency"] = code if code in DECIMALS else None
    if code not in DECIMALS:
        found.append(("currency", "currency"))
    for name in AMOUNTS:
        known[name] = attempt(found, name, amount, row[name], code if code in DECIMALS else "USD", name in sure, name in mixed)
        if known[name] is not None and known[name] < 0:
            found.append((name, "not-negative"))  # S3-9
    due, total = known["amountDue"], known["amount"]
    if due is not None and total is not None and due > total:
        found.append(("amountDue", "within-amount"))  # S3-10
    if total == 0:
        found.append(("amount", "zero-amount"))  # S3-9
    if row["isCanceled"] and row["isCanceled"].lower() not in ("yes", "no", "true", "false"):
        found.append(("isCanceled", "yes-no"))  # S3-12
    found += [("contactEmail", rule) for rule in of_addresses(row["contactEmail"])]
    if live:  # S3-30
        found += [(name, "demo-data") for name in ("invoiceId", "invoiceNumber", "customerName", "contactEmail") if DEMO.search(row[name])]
    return found


def attempt(found: list, name: str, reader, text: str, *more):
    """The value of a cell, None where it is blank or cannot be read; the problem is noted once (X-4)."""
    try:
        return reader(text, *more) if text else None
    except Unreadable as why:
        found.append((name, str(why)))
        return None


def of_text(text: str, most: int, code: bool) -> list[str]:
    """Length (S3-7), content (S3-5), identifiers that lost their digits (X-3), control characters."""
    found = []
    if len(text) > most:
        found.append("max-length")
    if text[:1] in tuple("=+-@") or any(barred in text.lower() for barred in ("--", "=cmd", "=sum", "=vlookup")):
        found.append("content")
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in text):
        found.append("control-characters")
    if code and re.fullmatch(r"-?\d(\.\d+)?E\+\d+", text, re.I):
        found.append("lost-digits")
    return found


def proves_the_point(text: str) -> bool:
    """Whether an amount has points that cannot stand between thousands: one or two digits behind one, or commas between thousands (X-12)."""
    digits = text.strip("".join(set(text) - set("0123456789")))
    shapes = (r"([0-9]+|(?!0,)[0-9]{1,3}(,[0-9]{3})+)\.[0-9]{1,2}", r"(?!0,)[0-9]{1,3}(,[0-9]{3})+\.[0-9]+", r"(?!0,)[0-9]{1,3}(,[0-9]{3}){2,}", r"0\.[0-9]+")
    return any(re.fullmatch(shape, digits) for shape in shapes)


def amount(text: str, code: str, sure: bool, mixed: bool) -> Decimal:
    """An amount of money (S3-8, X-17, X-21); 1.200 is none unless it is `sure` what the points of its column mean, nor 1,200 in one `mixed` with decimal commas (X-12)."""
    if own := SYMBOLS.get(code):
        text = re.sub(rf"^([-( ]*){own}\s*([^{own}]*[0-9-][^{own}]*)$", r"\1\2", text)
    if "$" in text and code not in DOLLARS:
        raise Unreadable("money")
    if re.fullmatch(r"\$?\s*-", text):
        return Decimal(0)
    bare, negative = text, 0
    if re.search(r"\.\s*-$", bare):
        raise Unreadable("money")
    if tail := re.search(r"\s*(-|cr)$", bare, re.I):
        bare, negative = bare[: tail.start()], negative + 1
    bare = re.sub(r"^\$\s*", "", bare, count=1)
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1].strip(), negative + 1
    if bare.startswith("-"):
        bare, negative = bare[1:].lstrip(), negative + 1
    if "$" not in text[:1]:
        bare = re.sub(r"^\$\s*", "", bare, count=1)
    if bare.startswith("-"):
        bare, negative = bare[1:], negative + 1
    if negative > 1 or not re.fullmatch(r"((?!0,)[0-9]{1,3}(,[0-9]{3})+|[0-9]+)?(\.[0-9]*)?", bare) or not re.search("[0-9]", bare):
        raise Unreadable("money")
    value = Decimal(bare.replace(",", "")).normalize(Context(prec=400))
    if value >= 10**13:
        raise Unreadable("money")
    if len(value.as_tuple().digits) > 15:
        value = Context(prec=15, rounding=ROUND_HALF_EVEN).plus(value)
    if value != value.quantize(Decimal(1).scaleb(-DECIMALS[code]), context=Context(prec=400)):
        raise Unreadable("decimals")
    if mixed and re.fullmatch(r"(?!0[.,])[0-9]{1,3}[.,][0-9]{3}", bare):
        raise Unreadable("decimal-mark")
    if not sure and DECIMALS[code] < 3 and re.fullmatch(r"(?!0\.)[0-9]{1,3}\.[0-9]{3}", bare):
        raise Unreadable("decimals")
    return -value if negative else value


def of_addresses(text: str) -> list[str]:
    """1 to 6 addresses, each one valid (S3-13)."""
    if not text:
        return []
    addresses = [part.strip() for part in re.split("[,;]", text) if part.strip()]
    bad = not addresses or not all(valid(address) for address in addresses)
    return ["email"] * bad + ["email-count"] * (len(addresses) > 6)


@cache
def valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return "." in address.rpartition("@")[2]


def read_dates(rows: dict[int, dict], broken: Broken) -> list[tuple[int, str]]:
    """Dates month first, in place (S3-11); the cells that a column with proof of the other order leaves undecided (X-12)."""
    undecided = []
    for name in DATES:
        two_ways, other = [], False
        for number, row in rows.items():
            row["read"][name], swapped = day_of(row[name])
            if row[name] and row["read"][name] is None:
                broken.add((number, name, "date"))
                other |= swapped is not None
            elif swapped and swapped != row["read"][name]:
                two_ways.append(number)
        if other:
            broken |= {(number, name, "date-order") for number in two_ways}
            undecided += [(number, name) for number in two_ways]
    return undecided


def day_of(text: str) -> tuple[dt.date | None, dt.date | None]:
    """(the date month first, the date day first)."""
    shape = re.fullmatch(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})", text)
    if not shape:
        return None, None
    first, second, year = int(shape[1]), int(shape[3]), int(shape[4])
    return calendar(year, first, second), calendar(year, second, first)


def calendar(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def of_dates(known: dict, today: dt.date, closed: dt.date | None) -> list[tuple[str, str]]:
    """Due before date (S3-11), dates far away and closed books (X-24)."""
    found = []
    late, early = today.replace(year=today.year + 1), today.replace(year=today.year - 10)
    for name in DATES:
        if known[name] and not early <= known[name] <= late:
            found.append((name, "far-date"))
    if known["date"] and known["dateDue"] and known["dateDue"] < known["date"]:
        found.append(("dateDue", "due-before-date"))
    if closed and known["date"] and known["date"] <= closed:
        found.append(("date", "closed-books"))
    return found


def across(rows: dict[int, dict]) -> Broken:
    """What only more than one row can break."""
    known = {number: row["read"] for number, row in rows.items()}
    return duplicates(known) | two_names(known) | numbers_again(known) | near_duplicates(known)


def groups(known: dict[int, dict], form) -> list[list[int]]:
    """Rows by what `form` makes of them; None is in no group."""
    found = defaultdict(list)
    for number, row in known.items():
        if (key := form(row)) is not None and None not in key:
            found[key].append(number)
    return list(found.values())


def duplicates(known: dict[int, dict]) -> Broken:
    """S3-28, X-9"""
    return {(n, "invoiceId", "duplicate") for group in groups(known, lambda row: (row["invoiceId"],)) if len(group) > 1 for n in group}


def two_names(known: dict[int, dict]) -> Broken:
    """S3-29: beyond case and spaces."""
    broken: Broken = set()
    for group in groups(known, lambda row: (row["extCustomerId"],)):
        named = {n: "".join(known[n]["customerName"].casefold().split()) for n in group if known[n]["customerName"]}
        if len(set(named.values())) > 1:
            broken |= {(n, "customerName", "two-names") for n in named}
    return broken


def numbers_again(known: dict[int, dict]) -> Broken:
    """S3-21: another invoice id with a number that this customer has."""
    broken: Broken = set()
    for group in groups(known, lambda row: (row["extCustomerId"], row["invoiceNumber"], row["invoiceId"] and "")):
        if len({known[n]["invoiceId"] for n in group}) > 1:
            broken |= {(n, "invoiceNumber", "number-again") for n in group}
    return broken


def near_duplicates(known: dict[int, dict]) -> Broken:
    """X-9: same customer and amount of one currency, near date, similar number."""

    def key(row):
        return row["extCustomerId"], row["amount"], row["currency"], row["invoiceNumber"] and looks(row["invoiceNumber"]), row["date"] and ""

    return {
        (one, "invoiceNumber", "near-duplicate")
        for group in groups(known, key)
        for one in group
        for other in group
        if known[one]["invoiceId"] and known[other]["invoiceId"] and known[one]["invoiceId"] != known[other]["invoiceId"]
        if abs((known[one]["date"] - known[other]["date"]).days) <= NEAR
    }


def looks(number: str) -> str:
    letters = "".join(ALIKE.get(c, c) for c in unicodedata.normalize("NFKC", number).casefold() if c.isalnum())
    return letters.lstrip("0") or letters


def sums(rows: dict[int, dict]) -> dict:
    total: dict = defaultdict(lambda: dict.fromkeys(AMOUNTS, Decimal(0)))
    for row in rows.values():
        if code := row["read"]["currency"]:
            for name in AMOUNTS:
                total[code][name] += row["read"][name] or 0
    return dict(total)
