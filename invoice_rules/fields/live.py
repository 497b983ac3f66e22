"""The rules that a sheet checks by itself while somebody types: `live_rules()` gives each with its formula, or the reason why it has none.

What a rule declares (`rule(..., excel="{amountDue}<={amount}")`) is one condition over the cells of a row. In it

- `{amount}` is a cell, `{status:text}` its trimmed text, `{voided:yes}` whether it says yes, `{amount:column}` all cells of the field,
- `{sum.lineAmount}`, `{count.lineAmount}` and `{count.lines}` are figures over the lines of the row's document,
- `{:lines}` is 1 for the rows of the document and 0 for others, to be multiplied in a SUMPRODUCT,
- `{:decimals}` is how many decimals the row's amounts have, `{:cent}` the smallest amount.

Rows in which a field of the rule is blank or was not understood are not judged, as the engine does it (X-4); nor are figures of lines
whose amount is missing.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandera.pandas as pandera

from invoice_rules.fields.checks import UNMAPPED
from invoice_rules.fields.declared import Field, RuleSet
from invoice_rules.fields.formulas import of_field
from invoice_rules.fields.rules import Computed
from invoice_rules.fields.sheetcells import NUMERIC, Cells, every
from invoice_rules.problems import Rule, Severity

_SLOT = re.compile(r"\{(?:(?P<figure>sum|count)\.)?(?P<name>\w*|\*)(?::(?P<how>\w+))?\}")

UNDECLARED = "It is looked for on import."
_DERIVED = "It is worked out, and no column holds it."
_FILLED = "It only fills what is blank."
_HAS_COLUMN = "A template has a column for every field."

NOT_TYPED = {
    **dict.fromkeys(("date-order", "date-order-of-others", "decimal-mark", "decimal-mark-of-others"), "The whole column decides, on import."),
    **dict.fromkeys(("binary-noise", "percent-cell"), "Nothing is to be mended; it only tells how a cell was read."),
    **dict.fromkeys(("setting-overwrites", "corrected"), "It tells of what is done on import."),
    "cell-error": "A spreadsheet shows its errors itself.",
    "computed": "It only prepares other rules.",
}
"""Rules of reading that no sheet tells, with the reason."""


@dataclass(frozen=True)
class Live:
    """One rule of one field, as a sheet can tell it.

    `formula` is TRUE where the rule is kept, over the cells of one row (see `placed`); "" where there is none. `because` says why there
    is none, or what the formula does not see; with a formula and no such reason, its verdict on what is filled in is the engine's.
    """

    field: str
    rule: str
    severity: Severity
    formula: str
    because: str = ""
    says: str = ""

    @property
    def needs(self) -> frozenset[str]:
        """The fields whose cells the formula looks at."""
        return frozenset(found["name"] for found in _SLOT.finditer(self.formula) if found["name"] != "*")

    def placed(self, columns: Mapping[str, str], first: int, last: int) -> str:
        """The formula for the first row, without the sign in front: `columns` are the letters of the fields, `first` and `last` the rows of data.

        >>> Live("due", "due-before-date", Severity.WARNING, "{due}>={date}").placed({"date": "C", "due": "D"}, 6, 505)
        '$D6>=$C6'
        """
        ends = sorted(columns.values(), key=lambda letters: (len(letters), letters))

        def cell(found: re.Match[str]) -> str:
            if found["name"] == "*":
                return f"${ends[0]}{first}:${ends[-1]}{first}"
            letter = columns[found["name"]]
            ranges = {"column": f"${letter}${first}:${letter}${last}", "next": f"${letter}${first + 1}:${letter}${last + 1}", "above": f"${letter}{first - 1}"}
            return ranges.get(found["how"], f"${letter}{first}")

        return _SLOT.sub(cell, self.formula)


def live_rules(rules: RuleSet, currency: str = "", fixed: Collection[str] = ()) -> tuple[Live, ...]:
    """Every rule that blames a field of this rule set, in the order of the fields; `currency` is that of rows which name none.

    `fixed` are the fields that no cell holds, for every row has the same. A rule set with row modes is asked under one of them
    (`rules.under({"rowMode": "multi"})`).
    """
    rules = _without(rules, fixed) if fixed else rules
    cells = Cells(rules, (currency or rules.currency).upper())
    checks = [(check.statistics, check.statistics["blames"]) for check in (*rules.schema.checks, *rules.updates)]
    return tuple(
        live
        for name, field in rules.fields.items()
        for live in (
            *_of_field(cells, field),
            *(_of_rule(cells, known) for known, blamed in checks if blamed == name),
            *(_of_computed(cells, made) for made in rules.computed if made.fills == name),
        )
    )


def _without(rules: RuleSet, names: Collection[str]) -> RuleSet:
    """The rule set without these fields, and without what is told of them together with others."""
    columns = {name: column for name, column in rules.schema.columns.items() if name not in names}
    over = {id(one) for one in (*rules.schema.checks, *rules.updates) if _seen(one.statistics["fields"], one.statistics["excel"]) & {*names}}
    checks = [check for check in rules.schema.checks if id(check) not in over]
    return replace(
        rules,
        schema=pandera.DataFrameSchema(columns, checks=checks, name=rules.schema.name, title=rules.schema.title),
        updates=tuple(check for check in rules.updates if id(check) not in over),
        computed=tuple(replace(made, excel="") if _seen(made.fields, made.excel) & {*names} else made for made in rules.computed if made.fills not in names),
        group_by=tuple(name for name in rules.group_by if name not in names),
        skipped={name: values for name, values in rules.skipped.items() if name not in names},
    )


def _seen(fields: Iterable[str], excel: str) -> set[str]:
    """The fields that a rule names, and those of its formula."""
    return {*fields, *(found["name"] for found in _SLOT.finditer(excel))}


def _live(rules: RuleSet, name: str, rule: Rule, formula: str, because: str) -> Live:
    weighed = rules.weighed(rule)
    if rules.fields[name].derived:
        formula, because = "", _DERIVED
    elif formula and rules.skipped and rules.fields[name].level == "line":
        formula = f"IF({Cells(rules, '').is_line()}=0,TRUE,{formula})"
    return Live(name, rule.id, weighed.severity, formula, because or ("" if formula else UNDECLARED), weighed.says)


def _of_field(cells: Cells, field: Field) -> Iterator[Live]:
    declared = [check.statistics["rule"] for check in cells.rules.schema.columns[field.name].checks]
    for rule, formula, because in of_field(cells, field, declared):
        yield _live(cells.rules, field.name, rule, formula, because)
    if field.required:
        yield _live(cells.rules, field.name, UNMAPPED, "", _HAS_COLUMN)


def _of_rule(cells: Cells, known: Mapping[str, object]) -> Live:
    """A rule over several fields, judged where all that it needs is there."""
    rule, excel, fields = known["rule"], str(known["excel"]), known["fields"]
    assert isinstance(rule, Rule) and isinstance(fields, tuple)
    formula = _judged(cells, excel, [name for name in fields if name in cells.rules.fields]) if excel else ""
    return _live(cells.rules, fields[0], rule, formula, str(known["because"]))


def _of_computed(cells: Cells, made: Computed) -> Live:
    """A given value that differs from what is worked out by more than a cent a line (X-25)."""
    rules, rule, name = cells.rules, made.statistics["rule"], made.fills
    if not made.compared or rules.fields[name].kind != "money":
        return _live(rules, name, rule, "", _FILLED)
    lines = "" if rules.fields[name].level == "line" or not rules.lined else "*IF({count.lines}>1,{count.lines},1)"
    excel = f"ABS({{{name}}}-({made.excel}))<=1.001*{{:cent}}{lines}"
    own = [its for its in made.fields if its in rules.fields and its in made.excel and its != "currency"]
    blank = [its for its in own if f"LEN({{{its}}})=0" not in made.excel]
    known = cells.currency_read() if "currency" in made.fields else ""
    return _live(rules, name, rule, _judged(cells, excel, [name, *blank], known) if made.excel else "", made.because)


def _judged(cells: Cells, excel: str, fields: list[str], known: str = "") -> str:
    """The condition with the cells of a row in place of its slots, judged only where the fields are filled and figures are whole."""
    slots = list(_SLOT.finditer(excel))
    figures = {found["name"] for found in slots if found["figure"] or found["how"] == "column"} & set(cells.rules.at_level("line"))
    given = [found["name"] for found in slots if not found["figure"] and not found["how"] and found["name"] not in fields]
    maybe = [name for name in dict.fromkeys(given) if cells.rules.fields[name].kind in NUMERIC]
    guards = [*(cells.understood(name) for name in dict.fromkeys(fields)), *(f"OR(LEN({{{name}}})=0,{cells.understood(name)})" for name in maybe)]
    costly = [known]
    if any(found["figure"] or found["how"] == "lines" for found in slots):
        costly += [_none_astray(cells, figures), *(_whole(cells, name) for name in sorted(figures))]
    header = cells.rules.lined and cells.rules.fields[fields[0]].level == "header"
    judged = _SLOT.sub(lambda found: _expression(cells, found), excel)
    for wanted in (every(*costly), every(*guards), cells.first_row() if header else "TRUE"):  # the cheapest is looked at first
        judged = judged if wanted == "TRUE" else f"IF({wanted},{judged},TRUE)"
    return judged


def _expression(cells: Cells, found: re.Match[str]) -> str:
    name, how = found["name"], found["how"]
    if found["figure"]:
        return _figure(cells, found["figure"], name)
    alone: dict[str, Callable[[], str]] = {"decimals": cells.decimals, "cent": lambda: f"10^-({cells.decimals()})", "lines": cells.same}
    if not name:
        return alone[how]()
    return {"text": cells.text, "yes": cells.yes}[how](name) if how in ("text", "yes") else found[0]


def _figure(cells: Cells, figure: str, name: str) -> str:
    """A figure over the lines of the row's document."""
    lines = "*".join(filter(None, [cells.same(), cells.is_line(":column")]))
    if figure == "sum":
        return f"SUMPRODUCT(1*{lines},{{{name}:column}})"  # what is text counts as nothing where it stands alone
    counted = "+".join(f"LEN({cell})" for cell in cells.line_cells(":column")) if name == "lines" else f"LEN({{{name}:column}})"
    return f"SUMPRODUCT({lines}*({counted}>0))"


def _none_astray(cells: Cells, figures: set[str]) -> str:
    """Whether no row below one of the document's adds to its figures and names no document: it belongs to the one above it."""
    made = {name for one in cells.rules.computed if one.fills in figures for name in one.fields}
    lines = [name for name in cells.rules.at_level("line") if name in figures | made or not figures]
    added = "+".join(f"LEN({{{name}:next}})" for name in lines)
    unnamed = "+".join(f"(LEN({{{name}:next}})=0)" for name in cells.rules.group_by)
    return f"SUMPRODUCT({cells.same()}*(({unnamed})>0)*(({added})>0))=0"


def _whole(cells: Cells, name: str) -> str:
    """Whether a field of the document's lines can be summed: nothing is written that will not be read, nothing is still to be worked out."""
    guards, field = [], cells.rules.fields[name]
    if field.kind in NUMERIC and field.kind != "date":
        places, limit = (cells.decimals(), "1E13") if field.kind == "money" else (str(field.decimals), "1E12")
        lines = "*".join(filter(None, [cells.same(), cells.is_line(":column")]))
        guards.append(f"SUMPRODUCT({lines}*(1-ISNUMBER(1/((ROUND({{{name}:column}},{places})={{{name}:column}})*(ABS({{{name}:column}})<{limit})))))=0")
    if name in {made.fills for made in cells.rules.computed}:
        guards.append(f"{_figure(cells, 'count', name)}={_figure(cells, 'count', 'lines')}")
    return every(*guards)
