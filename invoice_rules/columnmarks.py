"""Which decimal mark each column of amounts or numbers is read with: given, proven by the column or by others of the file, or asked (X-12)."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from invoice_rules.fields import RuleSet
from invoice_rules.problems import Finding, Rule, Severity, quoted
from invoice_rules.table import Kind
from invoice_rules.values import Fault, Parsed, both_ways, decimal_mark, proof_of, two_ways

MARK_OF_OTHERS = Rule("decimal-mark-of-others", "{title} such as {sample} can be read two ways; it is read with a decimal {mark}, as {sibling} of the same file is. Check that this is right.", "X-12", "Where a column of amounts proves no decimal mark, another of the file may.", Severity.WARNING)
UNDECIDED = Rule("decimal-mark", "{title} such as {sample} can be read two ways: the {sign} can stand between thousands or before the decimals. Say whether the decimal mark of this column is a point or a comma; it is remembered for the sender.", "X-12", "A column of amounts shows its decimal mark, or is asked for it.", Severity.HOLD)
CONTRARY = Rule("decimal-mark", "{value} can be read as {thousands} or as {decimals}, for {evidence} of the same column has a decimal {other}. Write {thousands} or {decimals}, or choose the decimal {other} for the whole column.", "X-12")
RULES = (UNDECIDED, MARK_OF_OTHERS)

_OTHER = {"point": "comma", "comma": "point"}


def real_numbers(kinds: np.ndarray | None) -> np.ndarray | None:
    """(rows,) bool: cells that are numbers in a workbook, which have a point whatever the column's text has; None where there are none."""
    real = None if kinds is None else (kinds == Kind.NUMBER) | (kinds == Kind.PERCENT)
    return None if real is None or not real.any() else real


def mark_of(
    name: str,
    rules: RuleSet,
    text: Mapping[str, pa.Array],
    kinds: Mapping[str, np.ndarray],
    settings: Mapping[str, str],
    decimals: int | np.ndarray = 3,
    any_decimals: bool = False,
) -> tuple[str, list[Finding]]:
    """The mark of a column, `point` or `comma`, and what is to be told of it; `decimals` are those of the rows' currencies.

    `any_decimals`: three decimals are as likely as thousands, as in quantities, so 1,500 is in doubt as 1.500 is.
    """
    if known := _known(name, rules, text, kinds, settings):
        return known, []
    points, commas = (_doubtful(mark, text[name], kinds.get(name)) for mark in ".,")
    if not (points | commas).any():
        return "point", []
    odd = (np.asarray(decimals) < 3) | any_decimals  # three decimals are written only where amounts have them
    other, mark = _sibling(name, rules, text, kinds, settings) or ("", "")
    if mark == "comma" and not any_decimals and (commas & odd).any():
        return "point", _told(UNDECIDED, name, text[name], commas & odd, sign="comma")
    if mark:
        told = points | commas if mark == "comma" else points & odd
        return mark, _told(MARK_OF_OTHERS, name, text[name], told, mark=mark, sibling=rules.fields[other].title)
    if any_decimals and not points.any():
        return "point", _told(UNDECIDED, name, text[name], commas, sign="comma")
    return "point", _told(UNDECIDED, name, text[name], points & odd, sign="point")


def unsure(
    name: str, rules: RuleSet, text: Mapping[str, pa.Array], kinds: Mapping[str, np.ndarray], settings: Mapping[str, str], decimals: int | np.ndarray
) -> np.ndarray | None:
    """(rows,) bool: cells such as 1.200 of a column whose mark is named by the rule set alone, where no cell proves one; None where there are none."""
    mark = rules.fields[name].mark
    if not mark or settings.get(f"{name}.decimal"):
        return None
    doubtful = _doubtful("." if mark == "point" else ",", text[name], kinds.get(name)) & (np.asarray(decimals) < 3)
    return doubtful if doubtful.any() and not decimal_mark(text[name], real_numbers(kinds.get(name))) else None


def settled(parsed: Parsed, mark: str, text: pa.Array, kinds: np.ndarray | None, row: Callable[[int], int]) -> Parsed:
    """The column without the cells that can be read two ways, where another of its cells fits only the other mark (X-12); `row` numbers the evidence."""
    doubtful = np.flatnonzero((_doubtful(".", text, kinds) | _doubtful(",", text, kinds)) & parsed.valid())
    proof = proof_of(text, _OTHER[mark], real_numbers(kinds)) if len(doubtful) else None
    if proof is None:
        return parsed
    evidence = f"row {row(proof):,} ({quoted(text[proof].as_py())})"

    def facts(value: str) -> dict[str, object]:
        thousands, decimals = both_ways(value, mark)
        return {"thousands": thousands, "decimals": decimals, "evidence": evidence, "other": _OTHER[mark]}

    return parsed.without(Fault(CONTRARY, doubtful, facts))


def _known(name: str, rules: RuleSet, text: Mapping[str, pa.Array], kinds: Mapping[str, np.ndarray], settings: Mapping[str, str]) -> str:
    """The mark that is given, named by the rule set or proven by the column's text; '' where none is."""
    if given := settings.get(f"{name}.decimal") or rules.fields[name].mark:
        return given
    return decimal_mark(text[name], real_numbers(kinds.get(name)))


def _sibling(name: str, rules: RuleSet, text: Mapping[str, pa.Array], kinds: Mapping[str, np.ndarray], settings: Mapping[str, str]) -> tuple[str, str] | None:
    """(field, mark) of another column of amounts whose mark is known and contradicted by none of its cells, where all that are known are the same.

    Quantities and prices count for one another too, not for amounts.
    """
    alike = ("money",) if rules.fields[name].kind == "money" else ("money", "number")
    amounts = [other for other, field in rules.fields.items() if field.kind in alike and not field.mark and other != name and other in text]
    marks = {other: mark for other in amounts if (mark := _known(other, rules, text, kinds, settings))}
    marks = {other: mark for other, mark in marks.items() if proof_of(text[other], _OTHER[mark], real_numbers(kinds.get(other))) is None}
    return next(iter(marks.items())) if len(set(marks.values())) == 1 else None


def _doubtful(mark: str, text: pa.Array, kinds: np.ndarray | None) -> np.ndarray:
    real = real_numbers(kinds)
    return two_ways(text, mark) if real is None else two_ways(text, mark) & ~real


def _told(rule: Rule, name: str, text: pa.Array, rows: np.ndarray, **facts: object) -> list[Finding]:
    if not rows.any():
        return []
    return [Finding(rule, name, facts={"sample": quoted(text[int(rows.argmax())].as_py()), **facts})]
