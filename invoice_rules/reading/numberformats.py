"""What a number format does to a number that the number alone does not tell: percentages, currencies, and zeros and signs before and between digits."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.values import is_currency, named_by_symbol

_LONGEST_FORMAT = 255


@dataclass(frozen=True)
class Shown:
    """How a number format shows a number: as a percentage, with zeros and signs before and between its digits, or in a currency: its code, or a symbol that several have."""

    percent: bool = False
    mask: tuple[str, ...] = ()
    currency: str = ""

    def texts(self, numbers: pa.LargeStringArray) -> pa.LargeStringArray:
        """`00123` for 123 under the format 00000; numbers that are negative or have decimals stay as they are."""
        whole = pc.utf8_is_digit(numbers)
        if not self.mask or not pc.any(whole).as_py():
            return numbers
        places, before = self.mask.count("0"), self.mask.index("0")
        digits = pc.utf8_lpad(numbers.filter(whole), places, "0")
        parts, begin = ["".join(self.mask[:before])], 0
        for zeros, signs in groupby(self.mask[before:], "0".__eq__):
            run = list(signs)
            places -= len(run) if zeros else 0
            end = -places or None
            parts.append("".join(run) if not zeros else digits if (begin, end) == (0, None) else pc.utf8_slice_codeunits(digits, begin, end))
            begin = -places
        shown = pc.binary_join_element_wise(*(pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in (*parts, "")))
        return pc.replace_with_mask(numbers, whole, shown)

    def text(self, number: str) -> str:
        """The same of one number."""
        return self.texts(pa.array([number], pa.large_string()))[0].as_py()


@lru_cache(1024)
def shown_by(code: str) -> Shown | None:
    """What a number format does, where it does something that its number alone does not tell.

    A $ tells nothing: spreadsheets put it before amounts of any currency.

    >>> shown_by("00000").text("123"), shown_by('"INV-"0000').text("42"), shown_by("000-00").text("1234"), shown_by("0.00")
    ('00123', 'INV-0042', '012-34', None)
    >>> shown_by("[$€-407] #,##0.00").currency, shown_by('#,##0.00 "CHF"').currency, shown_by("[$$-409]#,##0.00")
    ('EUR', 'CHF', None)
    """
    if len(code) > _LONGEST_FORMAT:
        return None  # Excel takes no longer ones
    if code in ("9", "10"):
        return Shown(percent=True)
    if code.isdigit() and set(code) != {"0"}:
        return None  # one of Excel's own formats
    first = code.split(";")[0]
    if "%" in re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", first):
        return Shown(percent=True)
    mask = tuple(part for found in re.finditer(r'"([^"]*)"|\\(.)|(.)', first) for part in _signs(found))
    if mask.count("0") > 1 and all(len(sign) == 1 or sign.startswith("\0") for sign in mask) and "?" not in mask:
        return Shown(mask=tuple(sign.lstrip("\0") for sign in mask))
    currency = _currency(first)
    return Shown(currency=currency) if currency else None


def _currency(code: str) -> str:
    """The currency that a format writes: `[$€-2]`, `[$EUR]`, `"£"`, `\\¥`, ` "CHF"`."""
    named = re.findall(r"\[\$([^\]-]*)", code)
    bare = re.sub(r"\[[^\]]*\]|_.|\*.", "", code)
    written = [found[1] or found[2] or "" for found in re.finditer(r'"([^"]*)"|((?:\\.)+)', bare)]
    words = [word.replace("\\", "").strip() for word in (*named, *written)]
    return named_by_symbol("".join([*named, bare])) or next((word for word in words if re.fullmatch("[A-Z]{3}", word) and is_currency(word)), "")


def _signs(found: re.Match) -> list[str]:
    """One sign of a format: a zero is a place, what is quoted or a dash stands for itself, anything else is not for us."""
    if found[3] is None:
        return ["\0" + (found[1] if found[1] is not None else found[2])]
    return ["0"] if found[3] == "0" else [found[3]] if found[3] in "-/ ()" else ["?"]
