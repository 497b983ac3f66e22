"""All rules of Paystand receivables by hand: Arrow kernels over whole columns, each pattern tried on distinct values or once a row.

What a skilled author writes for this one file and nothing else: no Pandera, no messages, no rule set, and the columns and the
currency are known. One screening pattern a column tells the few cells that the exact patterns look at. Gives typed columns and a
table of failures; the verdicts are those of `examine()`, rule by rule.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context
from decimal import Decimal as D

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from email_validator import EmailNotValidError, validate_email

AROUND = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff\u3000\"'"
LONGEST = {"invoiceId": 40, "invoiceNumber": 40, "customerName": 50, "extCustomerId": 40}
CODES = ("invoiceId", "invoiceNumber", "extCustomerId")
DEMO = ("invoiceId", "invoiceNumber", "customerName", "contactEmail")

_DEMO_WORD = r"(?i)(?:^|[^a-z])(?:test|demo|sample|dummy|asdf|qwerty|foobar|lorem|testing|asdfgh)(?:[^a-z]|$)|@example\.(?:com|org|net)\b"
_PATTERNS = {
    "content": "^[=+\\-@＝＋－＠]|--|(?i:=cmd|=sum|=vlookup)",
    "control-characters": "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]",
    "lost-digits": r"^-?[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{1,3}$",
    "content-inside": '(?s).["=+@]',
    "demo-data": _DEMO_WORD,
}
_WORDS = "test|demo|sample|dummy|asdf|qwerty|foobar|lorem"
_ODD = rf"[^0-9A-Za-z ,.&/#_\-]|^-|--|(?i:{_WORDS})"  # every cell that one of the patterns above could find
_ODD_ADDRESS = rf"(?i){_WORDS}|@example\."
_PLAIN = r"^-?\$? ?(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,2})?$"
_COMMA_ALONE = re.compile(r"[^0-9]*(?:[0-9]+,[0-9]{1,2}|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|0,[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,})[^0-9]*")
_TWO_WAYS = r"^[^0-9]*(?:[1-9]|[0-9]{2,3})[.,][0-9]{3}[^0-9]*$"
_DRESSED = re.compile(r"\$?\s*(\()?(-)?\s*\$?\s*(-)?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]*))?\s*(-|CR|DR)?(\))?", re.I)
_ADDRESS = r"[A-Za-z0-9_][A-Za-z0-9_+\-]{0,19}(?:\.[A-Za-z0-9_+\-]{1,20})?@(?:[A-Za-z0-9]+\.){1,3}(?:com|net|org|edu|gov|biz|info|io|co|us|uk|ca|au|de|fr|nl|eu)"
_ADDRESSES = rf"^{_ADDRESS}(?: *[,;] *{_ADDRESS}){{0,5}}$"
_LOOKALIKES = str.maketrans("oilsbz", "011582")

Failed = list[tuple[str, str, np.ndarray]]


def judged(cells: Mapping[str, pa.Array], today: dt.date) -> tuple[dict[str, pa.Array], pa.Table, dict[str, int]]:
    """Typed columns, failures (row, column, rule), and how many cells of each column hold a sign inside (S3-5, told only).

    `cells`: one `large_string` array a column, as read. Typed: text, cents as int64, date32, bool, `currency`, `record.status`.
    """
    text = {name: _trimmed(array) for name, array in cells.items()}
    blank = {name: pc.binary_length(array).to_numpy(zero_copy_only=False) == 0 for name, array in text.items()}
    codes = {name: _encoded(text[name]) for name in ("invoiceId", "invoiceNumber", "customerName", "extCustomerId", "date", "dateDue", "isCanceled", "contactEmail")}
    failed: Failed = [(name, "required", mask) for name, mask in blank.items()]
    told = _words(text, codes, failed)
    cents = {name: _money(name, text[name], blank[name], failed) for name in ("amount", "amountDue")}
    days = {name: _dates(name, codes[name], blank[name], today, failed) for name in ("date", "dateDue")}
    canceled = _canceled(codes["isCanceled"], blank["isCanceled"], failed)
    addressed = _emails(codes["contactEmail"], blank["contactEmail"], failed)
    _between(cents, days, failed)
    _across(codes, blank, cents["amount"], days["date"], failed)
    return _typed(text, blank, cents, days, canceled, addressed), _table(failed), told


Coded = tuple[np.ndarray, pa.Array]
Value = tuple[np.ndarray, np.ndarray]
"""Values, and whether each was read."""


def _trimmed(array: pa.Array) -> pa.Array:
    held = np.frombuffer(array.buffers()[2] or b"", np.uint8)
    if len(held) and held.max() >= 0x80:
        return pc.utf8_trim(array, AROUND)
    return pc.ascii_trim(array, "".join(c for c in AROUND if c.isascii()))


def _encoded(array: pa.Array) -> Coded:
    codes = array.dictionary_encode()
    return codes.indices.to_numpy(zero_copy_only=False), codes.dictionary


def _found(array: pa.Array, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(array, pattern).to_numpy(zero_copy_only=False)


def _words(text: Mapping[str, pa.Array], codes: Mapping[str, Coded], failed: Failed) -> dict[str, int]:
    """Length, content, control characters, lost digits, demo data; returns the cells with a sign inside, by column."""
    told = {}
    for name, most in LONGEST.items():
        rows, distinct = codes[name]
        repeats = len(distinct) < len(rows) // 2
        array = distinct if repeats else text[name]
        failed.append((name, "max-length", _spread(pc.utf8_length(array).to_numpy(zero_copy_only=False) > most, rows, repeats)))
        odd = np.flatnonzero(_found(array, _ODD))
        for rule, pattern in _PATTERNS.items() if len(odd) else ():
            if (rule == "lost-digits" and name not in CODES) or (rule == "demo-data" and name not in DEMO):
                continue
            found = np.zeros(len(array), bool)
            found[odd] = _found(array.take(pa.array(odd)), pattern)
            if rule == "content-inside":
                told[name] = int(_spread(found, rows, repeats).sum())
            else:
                failed.append((name, rule, _spread(found, rows, repeats)))
    return {name: count for name, count in told.items() if count}


def _spread(judged: np.ndarray, rows: np.ndarray, repeats: bool = True) -> np.ndarray:
    if not repeats:
        return judged
    return judged[rows] if judged.any() else np.zeros(len(rows), bool)


def _money(name: str, text: pa.Array, blank: np.ndarray, failed: Failed) -> Value:
    """Cents. A plain amount has at most 14 digits, which a float holds exactly; the others are read one by one. Where one proves a decimal comma, the ambiguous ones are refused."""
    plain = _found(text, _PLAIN)
    bare = pc.if_else(pa.array(plain), text, "0")
    held = bytes(bare.buffers()[2])
    for sign in "$, ":
        bare = pc.replace_substring(bare, sign, "") if sign.encode() in held else bare
    cents = np.rint(pc.cast(bare, pa.float64()).to_numpy() * 100).astype(np.int64)
    read, faults = plain, {rule: np.zeros(len(plain), bool) for rule in ("money", "decimals", "binary-noise")}
    for at in np.flatnonzero(~plain & ~blank):
        amount, rule = _amount(text[at].as_py())
        if amount is not None:
            cents[at], read[at] = amount, True
        if rule:
            faults[rule][at] = True
    failed += [(name, rule, mask) for rule, mask in faults.items()]
    if any(_COMMA_ALONE.fullmatch(text[at].as_py()) for at in np.flatnonzero(~plain & ~blank)):
        failed.append((name, "decimal-mark", two_ways := _found(text, _TWO_WAYS) & read))
        read = read & ~two_ways
    return cents, read


def _amount(value: str) -> tuple[int | None, str]:
    """A dressed amount in cents: $ in front, brackets, a minus at the end, CR, the accountant's dash."""
    if re.fullmatch(r"\$?\s*-\s*\$?", value):
        return 0, ""
    match = _DRESSED.fullmatch(value)
    if not match or bool(match[1]) != bool(match[7]) or not (match[4] or match[5]):
        return None, "money"
    signs = bool(match[1]) + bool(match[2]) + bool(match[3]) + ((match[6] or "").upper() in ("-", "CR"))
    whole, part = match[4].replace(",", "").lstrip("0"), (match[5] or "").rstrip("0")
    if signs > 1 or len(whole) > 13:
        return None, "money"
    noisy = len(whole + part if whole else part.lstrip("0")) > 15
    exact = D(f"{whole or 0}.{part or 0}")
    cents = (Context(prec=15, rounding=ROUND_HALF_EVEN).plus(exact) if noisy else exact).scaleb(2)
    if cents != cents.to_integral_value():
        return None, "decimals"
    return -int(cents) if signs else int(cents), "binary-noise" if noisy else ""


def _dates(name: str, coded: Coded, blank: np.ndarray, today: dt.date, failed: Failed) -> Value:
    """Days since 1970 of month/day/year; where a value proves that the column writes the day first, the ambiguous ones are refused."""
    rows, distinct = coded
    read = [_read_date(value) for value in distinct.to_pylist()]
    good = np.array([date is not None for date, _ in read], bool)
    two_ways = np.array([date is not None and other is not None and date != other for date, other in read], bool)
    turned = any(date is None and other is not None for date, other in read)
    failed.append((name, "date", _spread(~good, rows) & ~blank))
    if turned:
        failed.append((name, "date-order", two_ways[rows]))
        good &= ~two_ways
    days = np.array([0 if date is None else date.toordinal() - 719_163 for date, _ in read], np.int32)
    late, early = ((dt.date(today.year + years, today.month, today.day) - dt.date(1970, 1, 1)).days for years in (1, -10))
    failed.append((name, "far-date", _spread(good & ((days > late) | (days < early)), rows)))
    return days[rows], good[rows]


def _read_date(value: str) -> tuple[dt.date | None, dt.date | None]:
    """The date, and what it would be with the day first."""
    match = re.fullmatch(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?", value)
    if not match or not 1900 <= int(match[4]) <= 2100:
        return None, None
    return _date(match[4], match[1], match[3]), _date(match[4], match[3], match[1])


def _date(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _canceled(coded: Coded, blank: np.ndarray, failed: Failed) -> Value:
    rows, distinct = coded
    words = [word.lower() for word in distinct.to_pylist()]
    known = np.array([word in ("yes", "no", "true", "false") for word in words], bool)
    failed.append(("isCanceled", "yes-no", _spread(~known, rows) & ~blank))
    return np.array([word in ("yes", "true") for word in words], bool)[rows], known[rows]


def _emails(coded: Coded, blank: np.ndarray, failed: Failed) -> np.ndarray:
    """(rows,) bool: lists in which all addresses are good ones; what the pattern is not sure of is looked at one by one."""
    rows, distinct = coded
    good = _found(distinct, _ADDRESSES)
    many = np.zeros(len(good), bool)
    wrong = np.zeros(len(good), bool)
    for at in np.flatnonzero(~good):
        addresses = [part.strip() for part in re.split("[,;]", distinct[at].as_py()) if part.strip()]
        many[at] = len(addresses) > 6
        wrong[at] = not addresses or not all(map(_is_address, addresses))
    odd = _found(distinct, _ODD_ADDRESS)
    demo = np.zeros(len(odd), bool)
    demo[odd] = _found(distinct.filter(pa.array(odd)), _DEMO_WORD)
    failed += [("contactEmail", rule, _spread(mask, rows) & ~blank) for rule, mask in (("email", wrong), ("email-count", many), ("demo-data", demo & ~wrong & ~many))]
    return ~_spread(wrong | many, rows)


def _is_address(address: str) -> bool:
    try:
        return bool(validate_email(address, check_deliverability=False, test_environment=True))
    except EmailNotValidError:
        return False


def _between(cents: Mapping[str, Value], days: Mapping[str, Value], failed: Failed) -> None:
    """Rules over two fields of a row."""
    (amount, known), (due, due_known) = cents["amount"], cents["amountDue"]
    failed.append(("amount", "not-negative", (amount < 0) & known))
    failed.append(("amountDue", "not-negative", (due < 0) & due_known))
    failed.append(("amountDue", "within-amount", (due > amount) & known & due_known))
    failed.append(("amount", "zero-amount", (amount == 0) & known))
    failed.append(("dateDue", "due-before-date", (days["dateDue"][0] < days["date"][0]) & days["dateDue"][1] & days["date"][1]))


def _across(codes: Mapping[str, Coded], blank: Mapping[str, np.ndarray], amount: Value, date: Value, failed: Failed) -> None:
    """Rules over several rows."""
    keys, numbers, customers = (codes[name][0] for name in ("invoiceId", "invoiceNumber", "extCustomerId"))
    filled = ~(blank["invoiceId"] | blank["invoiceNumber"] | blank["extCustomerId"])
    failed.append(("invoiceId", "duplicate", _twice(keys) & ~blank["invoiceId"]))
    failed.append(("customerName", "two-names", _two_names(codes, ~blank["extCustomerId"] & ~blank["customerName"])))
    again = np.flatnonzero(_twice(numbers) & filled)
    pairs = zip(customers[again].tolist(), numbers[again].tolist(), strict=True)
    failed.append(("invoiceNumber", "number-again", _marked(len(keys), _with_another(again, list(pairs), keys, lambda a, b: True))))
    same = np.flatnonzero(_twice(customers * np.int64(1 << 44) ^ amount[0]) & filled & amount[1] & date[1])
    looks = [_skeleton(codes["invoiceNumber"][1][number].as_py()) for number in numbers[same].tolist()]
    alike = list(zip(customers[same].tolist(), amount[0][same].tolist(), looks, strict=True))
    near = _with_another(same, alike, keys, lambda a, b: abs(int(date[0][a]) - int(date[0][b])) <= 7)
    failed.append(("invoiceNumber", "near-duplicate", _marked(len(keys), near)))


def _twice(values: np.ndarray) -> np.ndarray:
    """(rows,) bool: values that stand more than once; codes are counted, other numbers made into codes first."""
    rows = pa.array(values).dictionary_encode().indices.to_numpy(zero_copy_only=False) if values.dtype == np.int64 else values
    return (np.bincount(rows) > 1)[rows]


def _two_names(codes: Mapping[str, Coded], filled: np.ndarray) -> np.ndarray:
    """Rows of customers with more than one name, letter case and spaces aside."""
    ids, (rows, names) = codes["extCustomerId"][0], codes["customerName"]
    folds: dict[str, int] = {}
    forms = np.array([folds.setdefault("".join(unicodedata.normalize("NFKC", name).casefold().split()), len(folds)) for name in names.to_pylist()], np.int32)[rows]
    one = np.full(len(codes["extCustomerId"][1]), -1, np.int32)
    one[ids[filled]] = forms[filled]
    several = np.zeros(len(one), bool)
    several[ids[filled & (forms != one[ids])]] = True
    return several[ids] & filled


def _with_another(at: np.ndarray, marks: list[tuple], keys: np.ndarray, near: Callable[[int, int], bool]) -> list[int]:
    """Those of the candidates that share their mark with a row of another key that is near."""
    groups: dict[tuple, list[int]] = {}
    for position, mark in zip(at.tolist(), marks, strict=True):
        groups.setdefault(mark, []).append(position)
    return [a for group in groups.values() for a in group if any(keys[a] != keys[b] and near(a, b) for b in group)]


def _skeleton(number: str) -> str:
    letters = "".join(c for c in "".join(unicodedata.normalize("NFKC", number).casefold().split()) if c.isalnum()).translate(_LOOKALIKES)
    return letters.lstrip("0") or letters


def _marked(rows: int, at: list[int]) -> np.ndarray:
    mask = np.zeros(rows, bool)
    mask[at] = True
    return mask


def _typed(text: Mapping[str, pa.Array], blank: Mapping, cents: Mapping, days: Mapping, canceled: Value, addressed: np.ndarray) -> dict[str, pa.Array]:
    """The columns as a store takes them."""
    words = {name: pc.if_else(pa.array(blank[name]), None, text[name]) if blank[name].any() else text[name] for name in LONGEST}
    paid, known = cents["amountDue"][0] == 0, cents["amountDue"][1] & canceled[1]
    status = np.where(canceled[0], 2, paid).astype(np.int8)
    return {
        **words,
        **{name: pa.array(value, mask=~read) for name, (value, read) in cents.items()},
        **{name: pa.array(value, pa.int32(), mask=~read).cast(pa.date32()) for name, (value, read) in days.items()},
        "isCanceled": pa.array(canceled[0], mask=~canceled[1]),
        "contactEmail": pc.if_else(pa.array(addressed & ~blank["contactEmail"]), text["contactEmail"], None),
        "currency": pa.DictionaryArray.from_arrays(np.zeros(len(known), np.int8), ["USD"]),
        "record.status": pa.DictionaryArray.from_arrays(pa.array(status, mask=~known), ["Open", "Paid", "Canceled"]),
    }


def _table(failed: Failed) -> pa.Table:
    """Failures as (row, column, rule), one line each."""
    found = [(column, rule, np.flatnonzero(mask)) for column, rule, mask in failed if mask.any()]
    which = np.repeat(np.arange(len(found), dtype=np.int32), [len(at) for _, _, at in found])
    names = [pa.DictionaryArray.from_arrays(which, pa.array([line[place] for line in found], pa.string())) for place in (0, 1)]
    return pa.table({"row": np.concatenate([np.empty(0, np.int64), *(at for _, _, at in found)]), "column": names[0], "rule": names[1]})
