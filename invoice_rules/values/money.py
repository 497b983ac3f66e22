"""Amounts: text -> int64 minor units, exactly, by way of digits and never of a float (X-3, X-17, X-21, S3-8)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.problems import Fix, Rule, Severity
from invoice_rules.values.columns import Fault, Parsed, blank, content, holds_any, matches, nulled, offsets_of, spread
from invoice_rules.values.currencies import FOREIGN, decimals_of, without_symbols
from invoice_rules.values.decimalmarks import FIRST, exchanged, pointed

_SCALE, _WHOLE = 4, 12
_LONGEST = 3 + _WHOLE + 4
_LONG, _LONGEST_DECLARED = 60, 100
_BLOCK = 1 << 16
_THOUSANDS = rf"^-?\$? ?{FIRST}(?:,[0-9]{{3}}){{1,3}}(?:\.[0-9]{{1,3}})?$"
_NUMBER = re.compile(rf"(?P<whole>{FIRST}(?:,[0-9]{{3}})+|[0-9]*)(?:\.(?P<part>[0-9]*))?")
_DRESSED = re.compile(r"\$?\s*+(?P<open>\()?(?P<minus>-)?\s*+\$?\s*+(?P<minus2>-)?\s*+(?P<number>[0-9.,]++)\s*+(?P<tail>-|CR|DR)?(?P<close>\))?", re.I)
_DASH = re.compile(r"\$?\s*-\s*\$?")
_EUROPEAN = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?|-?[0-9]+,[0-9]{1,2}|-?0,[0-9]+")
_RESPELLED = re.compile(r"[+-]?\$?(?:[1-9][0-9]{0,2}(?:[ '\u2019\u00a0\u202f\u2009][0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?")
_INDIAN = re.compile(r"-?[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?")
"""Lakhs and crores, 1,23,456.78: of the amounts with commas elsewhere than between thousands the only ones that have one meaning."""
_LIKE_AMOUNT = rf"^[0-9.,$()+\-CRDEcrde\s\p{{Z}}\x{{0B}}\x{{1C}}-\x{{1F}}\x{{85}}]*$|[A-Z]{{3}}|{'|'.join(map(re.escape, FOREIGN))}"
"""What holds nothing but what amounts hold, or a currency: all other texts are no amounts, which is told at the speed of a pattern."""
_LIKE_RESPELLED = "^[-+$0-9.,' \u2019\u00a0\u202f\u2009]+$|\u2212"
_ROUGH = Context(prec=15, rounding=ROUND_HALF_EVEN)

MONEY = Rule("money", "{value} is not an amount. Write digits with a decimal point, such as 1,200.00.", "S3-8", "An amount: digits, thousands commas in threes, a decimal point; $ is allowed.")
COMMAS = Rule("money", "{value} has a comma in the wrong place. Write {again}, with commas only between thousands.", "S3-8")
EUROPEAN = Rule("money", "{value} looks like an amount with a decimal comma. Amounts here have a decimal point: write {hint}, or choose the decimal comma for the whole column.", "S3-8")
COMMA_MONEY = Rule("money", "{value} is not an amount. This column has a decimal comma: write digits as in 1.200,00.", "S3-8")
POINTS = Rule("money", "{value} has a point in the wrong place. This column has a decimal comma: write {again}, with points only between thousands.", "S3-8")
POINTED = Rule("money", "{value} looks like an amount with a decimal point. This column has a decimal comma: write {hint}, or choose the decimal point for the whole column.", "S3-8")
SYMBOL = Rule("money", "{value} names a currency ({currency}), and amounts here are in {own}. Write the amount alone if it is the same; leave out other currencies, or give the file's currency.", "S3-8")
OWN_CODE = Rule("money", "{value} names its currency, and all amounts here are in {own} anyway. Write the amount alone: {bare}.", "S3-8")
RESPELLED = Rule("money", "{value} is not an amount. Write {bare}, without a plus, blanks or apostrophes, and with a plain minus.", "S3-8")
EXPONENT = Rule("money", "{value} is a shortened number: Excel has hidden digits of it. Ask the sender for the full amount.", "S3-8")
TOO_LARGE = Rule("money", "{value} has more than 13 digits before the decimal point. Correct the amount.", "S3-8")
DECIMALS = Rule("decimals", "{value} has more decimals than {own} has{allowed}. Amounts are never rounded for you: correct it.", "X-17", "No more decimals than the currency has.")
TWO_WAYS = Rule("decimals", "{value} can be read as {thousands} or as {read}, and no other amount of this column shows which. Write {thousands} or {read}, or choose the decimal mark for the whole column.", "X-12")
DASHED = Rule("money", "{value} can be read as {hint} or as -{hint}: some write a dash for no cents, some a minus behind the amount. Write {hint} or -{hint}.", "X-21")
NOISE = Rule("binary-noise", "{value} was read as {read}: the digits after the fifteenth are noise of a computer's arithmetic.", "X-21", "More than 15 digits: rounded to 15, both shown.", Severity.NOTICE)
RULES = (MONEY, DECIMALS, NOISE)
_BY_COMMA = {MONEY: COMMA_MONEY, COMMAS: POINTS, EUROPEAN: POINTED}
"""What a rule says where the column has a decimal comma."""


def parse_money(
    text: pa.Array, currency: str = "USD", decimals: int | np.ndarray = 2, mark: str = "point", dollars: bool | np.ndarray = True,
    real: np.ndarray | None = None, unsure: np.ndarray | None = None,
) -> Parsed:  # fmt: skip
    """Amounts to int64 minor units.

    `text` is trimmed; `currency` is its code, '' where rows differ; `decimals` and `dollars` (whether $ may stand there) are the
    currency's, or one a row; `mark` is the column's decimal mark, point or comma; `real` tells cells that are numbers, which have a point;
    `unsure` those that must not be read where they have another meaning with the other mark (X-12).
    Parentheses, a trailing minus, CR and the accounting dash count as negative or zero (X-21).

    >>> parse_money(pa.array(["$1,200.50", "(5)", "$ -", "12,00", ""])).values.to_pylist()
    [120050, -500, 0, None, None]
    """
    filled = ~blank(text)
    source = pointed(text, real) if mark == "comma" else text
    scaled, read = _plain(source)
    if holds_any(source, ","):
        _read_thousands(source, np.flatnonzero(filled & ~read), scaled, read)
    faults = [part for fault in _read_rest(source, np.flatnonzero(filled & ~read), scaled, read, currency, mark) for part in _of_own_code(fault, text, currency, mark)]
    if not np.all(dollars):
        faults += _not_dollars(text, read, np.asarray(dollars), currency)
    step = 10 ** (_SCALE - np.asarray(decimals))
    fine = scaled % step == 0
    if not fine.all():
        facts = {"own": currency or "the row's currency", "allowed": f" ({decimals})" if currency else ""}
        faults.append(Fault(DECIMALS, np.flatnonzero(read & ~fine), lambda _: facts))
        read &= fine
        faults = [fault if fault.rule is not NOISE else Fault(NOISE, fault.at[read[fault.at]], fault.facts) for fault in faults]
    if unsure is not None:
        faults += _two_ways(read, unsure, currency, mark)
    return Parsed(nulled(scaled // step, read, pa.int64()), tuple(faults))


def _plain(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(amounts at four decimals, whether read) of plain amounts: -, $ and a blank, up to 12 digits, a point with up to three more."""
    scaled, read = np.zeros(len(text), np.int64), np.zeros(len(text), bool)
    for start in range(0, len(text), _BLOCK):
        part = slice(start, start + _BLOCK)
        scaled[part], read[part] = _plain_block(text.slice(start, _BLOCK))
    return scaled, read


def _plain_block(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Digit by digit from the left, all rows at once."""
    held, ends = np.append(content(text), np.uint8(0)), offsets_of(text)
    start, end = (ends[:-1] - ends[0]).astype(np.int64), (ends[1:] - ends[0]).astype(np.int64)
    fits = end - start <= _LONGEST
    negative = held[start] == ord("-")
    for sign in "-$ ":
        start = start + ((held[start] == ord(sign)) & (start < end))
    point = end
    for places in (1, 2, 3):
        point = np.where((held[np.maximum(end - 1 - places, 0)] == ord(".")) & (end - places > start), end - 1 - places, point)
    fits &= (point > start) & (point - start <= _WHOLE)
    amount = np.zeros(len(text), np.int64)
    for step in range(int((end - start)[fits].max(initial=0))):
        at = np.minimum(start + step, len(held) - 1)
        digit = held[at] - np.uint8(48)
        counts = (at < end) & (at != point)
        fits &= (digit <= 9) | ~counts
        amount = np.where(counts, amount * 10 + digit, amount)
    amount *= (10 ** (_SCALE - np.maximum(end - point - 1, 0)))
    return np.where(fits, np.where(negative, -amount, amount), 0), fits


def _read_thousands(source: pa.Array, at: np.ndarray, scaled: np.ndarray, read: np.ndarray) -> None:
    """Plain amounts with commas between the thousands; fills `scaled` and `read` in place."""
    dressed = source.take(pa.array(at))
    good = matches(dressed, _THOUSANDS)
    amounts, _ = _plain(pc.replace_substring(dressed.filter(pa.array(good)), ",", ""))
    scaled[at[good]], read[at[good]] = amounts, True


def _not_dollars(text: pa.Array, read: np.ndarray, dollars: np.ndarray, currency: str) -> list[Fault]:
    """Amounts with a $ in rows of a currency that has none: not read; updates `read` in place."""
    wrong = read & ~dollars & matches(text, r"\$")
    read &= ~wrong
    return [Fault(SYMBOL, np.flatnonzero(wrong), lambda _: {"currency": "$", "own": currency or "the row's currency"})] if wrong.any() else []


def _of_own_code(fault: Fault, text: pa.Array, currency: str, mark: str) -> list[Fault]:
    """A fault, with amounts that name the one currency of all rows told as such, with a safe fix (S3-8, X-5)."""
    if fault.rule not in (SYMBOL, MONEY, COMMA_MONEY) or not currency:
        return [fault]
    rest, *told = _apart(fault, text, OWN_CODE, lambda value: _without_code(value, currency, mark), currency, rf"(?i){currency}")
    return [part for part in (*_apart(rest, text, RESPELLED, lambda value: _respelled(value, mark), currency, _LIKE_RESPELLED), *told) if len(part.at)]


def _apart(fault: Fault, text: pa.Array, rule: Rule, bare: Callable[[str], str], currency: str, like: str) -> tuple[Fault, Fault]:
    """(the fault, its cells that this other rule tells with a safe fix): those that have a `bare` form with the same meaning, all of them `like` this."""
    cells = text.take(pa.array(fault.at))
    own = matches(cells, like)
    (own[own],) = spread(cells.filter(pa.array(own)), lambda distinct: [np.array([bool(bare(value)) for value in distinct.to_pylist()], bool)])
    told = Fault(rule, fault.at[own], lambda value: {"own": currency, "bare": bare(value)}, lambda value: Fix(bare(value), safe=True))
    return replace(fault, at=fault.at[~own]), told


def _respelled(value: str, mark: str) -> str:
    """An amount with a plus, another minus or other signs between its thousands, written as amounts are here; '' for other texts."""
    seen = (exchanged(value) if mark == "comma" else value).replace("\u2212", "-")
    plain = re.sub(r"[^0-9.$-]", "", seen) if len(value) < _LONG and _RESPELLED.fullmatch(seen) else seen
    return "" if plain == value or _read(plain)[1] is not None else exchanged(plain) if mark == "comma" else plain


def _without_code(value: str, currency: str, mark: str) -> str:
    """An amount without its currency's code in front or behind; '' where there is none, or what is left is no amount."""
    bare = re.sub(rf"^([-( ]*){currency}\s*|\s*{currency}([-)]*)$", r"\1\2", value, count=1, flags=re.I) if len(value) < _LONG else value
    return bare if bare != value and _read(exchanged(bare) if mark == "comma" else bare)[1] is None else ""


def _two_ways(read: np.ndarray, unsure: np.ndarray, currency: str, mark: str) -> list[Fault]:
    """Amounts that the other mark would make a thousand times as much: not read; updates `read` in place."""
    wrong = read & unsure
    read &= ~wrong
    return [Fault(TWO_WAYS, np.flatnonzero(wrong), lambda value: _facts(value, currency or "the row's currency", mark))] if wrong.any() else []


def _read_rest(source: pa.Array, at: np.ndarray, scaled: np.ndarray, read: np.ndarray, currency: str, mark: str) -> list[Fault]:
    """Read what is not plain, by distinct values; fills `scaled` and `read` in place and returns the faults."""
    if not len(at):
        return []
    distinct = source.take(pa.array(at)).dictionary_encode()
    rows = distinct.indices.to_numpy(zero_copy_only=False)
    amounts, codes, good = _read_distinct(distinct.dictionary)
    rules, known = codes[rows], good[rows]
    scaled[at[known]] = amounts[rows[known]]
    read[at[known]] = True
    own, said = currency or "the row's currency", _BY_COMMA if mark == "comma" else {}
    return [
        Fault(said.get(rule, rule), at[rules == code], lambda value: _facts(value, own, mark)) for code, rule in enumerate(_REASONS) if (rules == code).any()
    ]


_REASONS = (MONEY, COMMAS, EUROPEAN, SYMBOL, EXPONENT, TOO_LARGE, DECIMALS, NOISE, DASHED)
_CODES = {id(rule): code for code, rule in enumerate(_REASONS)}


def _read_distinct(distinct: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(amounts at four decimals, place of the rule that each breaks or -1, whether it was read) of distinct texts."""
    amounts, codes, good = np.zeros(len(distinct), np.int64), np.zeros(len(distinct), np.int8), np.zeros(len(distinct), bool)
    like = np.flatnonzero(matches(distinct, _LIKE_AMOUNT))
    for at, value in zip(like.tolist(), distinct.take(pa.array(like)).to_pylist(), strict=True):
        amount, rule = _read(value)
        codes[at] = -1 if rule is None else _CODES[id(rule)]
        amounts[at], good[at] = amount or 0, amount is not None
    return amounts, codes, good


def _read(value: str) -> tuple[int | None, Rule | None]:
    """One dressed amount at four decimals, and the rule that it breaks (NOISE only tells)."""
    parted = _parted(value)
    if isinstance(parted, Rule):
        return None, parted
    negative, whole, part = parted
    amount, rule = _exact(whole, part)
    return (None if amount is None else -amount if negative else amount), rule


def _parted(value: str) -> tuple[bool, str, str] | Rule:
    """(whether it is below zero, its digits, its decimals) of one dressed amount, or the rule that it breaks."""
    if _DASH.fullmatch(value):
        return False, "0", ""
    dressed = _DRESSED.fullmatch(value)
    if not dressed or bool(dressed["open"]) != bool(dressed["close"]):
        return _why_not(value)
    number = _NUMBER.fullmatch(dressed["number"])
    if not number or not (number["whole"] or number["part"]):
        return _why_not(value)
    signs = sum(bool(dressed[name]) for name in ("open", "minus", "minus2")) + ((dressed["tail"] or "").upper() in ("-", "CR"))
    if signs > 1:
        return MONEY
    if dressed["tail"] == "-" and number["part"] == "":
        return DASHED
    return bool(signs), number["whole"].replace(",", ""), number["part"] or ""


def declared_number(text: str, decimals: int = 0) -> int | None:
    """One number that somebody declares, at so many decimals: written as amounts are, however long it is; None where it cannot be read (X-8, S3-8).

    >>> declared_number("$1,200.5", 2), declared_number("(3)"), declared_number("300,30", 2), declared_number("1.5")
    (120050, -3, None, None)
    """
    parted = _parted(text.strip())
    if isinstance(parted, Rule) or len(text) > _LONGEST_DECLARED:
        return None
    negative, whole, part = parted
    part = part.rstrip("0")
    number = int(f"0{whole}{part.ljust(decimals, '0')}")
    return None if len(part) > decimals else -number if negative else number


def declared_amount(text: str, currency: str) -> int | None:
    """One declared amount in minor units of its currency, whose own symbol it may carry; None where it cannot be read (X-8, X-17).

    >>> declared_amount("£5", "GBP"), declared_amount("$5", "GBP"), declared_amount("5.001", "BHD"), declared_amount("5.1", "JPY")
    (500, None, 5001, None)
    """
    bare = without_symbols(pa.array([text.strip()], pa.large_string()), currency, dollars=True)[0].as_py()
    return None if "$" in bare else declared_number(bare, decimals_of(currency))


def _exact(whole: str, part: str) -> tuple[int | None, Rule | None]:
    """Digits to an amount at four decimals; more than 15 significant digits lose their noise (X-21)."""
    whole, part = whole.lstrip("0"), part.rstrip("0")
    if len(whole) > 13:
        return None, TOO_LARGE
    noisy = len(whole + part) - (0 if whole else len(part) - len(part.lstrip("0"))) > 15
    amount = Decimal(f"{whole or '0'}.{part or '0'}")
    if noisy:
        amount = _ROUGH.plus(amount)
    scaled = amount.scaleb(_SCALE)
    if scaled != scaled.to_integral_value():
        return None, DECIMALS
    return int(scaled), NOISE if noisy else None


def _why_not(value: str) -> Rule:
    """Which message helps most with an amount that could not be read."""
    if any(symbol in value for symbol in FOREIGN) or re.search(r"\b(?!CR\b|DR\b)[A-Z]{3}\b", value):
        return SYMBOL if re.search(r"[0-9]", value) else MONEY
    if re.fullmatch(r"-?[0-9]+(?:\.[0-9]*)?E[+-]?[0-9]+", value, re.I):
        return EXPONENT
    bare = re.sub(r"[\s$]", "", value)
    if _EUROPEAN.fullmatch(bare):
        return EUROPEAN
    return COMMAS if "," in bare and re.fullmatch(r"-?[0-9,]+(?:\.[0-9]*)?", bare) and re.search(r"[0-9]", bare) else MONEY


def _facts(value: str, own: str, mark: str) -> Mapping[str, object]:
    """The slots of the messages above, for one value as typed."""
    seen = exchanged(value) if mark == "comma" else value
    bare = re.sub(r"[\s$()]", "", seen)
    foreign = next((code for symbol, code in FOREIGN.items() if symbol in value), None) or next(iter(re.findall(r"[A-Z]{3}", value)), "")
    hint = bare.replace(".", "").replace(",", ".") if _EUROPEAN.fullmatch(bare) else bare.replace(",", "")
    hint = exchanged(hint.removesuffix(".-")) if mark == "comma" else hint.removesuffix(".-")
    again = hint if _INDIAN.fullmatch(bare) else "the amount again"
    return {"hint": hint, "again": again, "currency": foreign, "own": own, "allowed": "", "read": _rounded(seen) or _rounded(value), "thousands": _rounded(seen.replace(".", ""))}


def _rounded(value: str) -> str:
    """What a noisy amount was read as."""
    amount, _ = _read(value)
    if amount is None:
        return ""
    whole, _, part = f"{Decimal(amount).scaleb(-_SCALE):,.4f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"
