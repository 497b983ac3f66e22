"""The sheets to read: examples of filled-in rows, and the guide with every field and every rule in words."""

import datetime as dt
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from invoice_rules.fields import REQUIRED, Field, live_rules
from invoice_rules.problems import Rule, Severity
from invoice_rules.reading.templates import EXAMPLES_MARK, GUIDE_MARK
from invoice_rules.workbooks.templates import looks, words
from invoice_rules.workbooks.templates.conditions import conditions
from invoice_rules.workbooks.templates.data import width
from invoice_rules.workbooks.templates.looks import GREY, NAVY, PALE, put, under
from invoice_rules.workbooks.templates.plan import EXAMPLES, GUIDE, Plan

_SEVERITIES = {Severity.ERROR: "stays out", Severity.HOLD: "waits for a yes", Severity.WARNING: "goes in, with a warning"}
_SEVERITIES[Severity.NOTICE] = "is only told"
_DAYS = ("%m/%d/%Y", "%Y-%m-%d")
_MOST_TITLES = 5
_HEIGHT, _PER_LINE = 15.0, 0.83


def add_examples(book: Workbook, plan: Plan) -> Worksheet:
    """Rows of the fields' own examples, as the sheet of data would hold them."""
    ws = book.create_sheet(EXAMPLES)
    _reading_sheet(ws, plan, EXAMPLES_MARK, f"Examples: {plan.rules.title}", f"The first row has everything filled in, the second little more than what is required. Type your own rows on the sheet {plan.documents}.", sum(map(width, plan.columns)))
    for at, one in enumerate(plan.columns, 2):
        letter = ws.cell(1, at).column_letter
        ws.column_dimensions[letter].width = width(one)
        looks.heading(ws.cell(4, at), plan.heading(one), one.name in plan.needed, one.kind)
        _example(ws, 5, at, one, shown=not one.unless)
        _example(ws, 6, at, one, shown=one.name in plan.short_example)
    ws.row_dimensions[4].height, ws.row_dimensions[5].height, ws.row_dimensions[6].height = 32, 30, 30
    ws.freeze_panes = "B5"
    looks.protect(ws)
    return ws


def _example(ws: Worksheet, row: int, column: int, field: Field, shown: bool) -> None:
    cell, text = ws.cell(row, column), field.example if shown else ""
    put(cell, text, wrap=True)
    cell.number_format = looks.FORMATS.get(field.kind, looks.TEXT)
    cell.alignment = looks.alignment(field)
    if field.kind == "date" and text:
        cell.value = _day(text)
    elif field.kind in ("money", "number", "percent") and text:
        cell.value = float(text.replace("$", "").replace(",", ""))
    under(cell)


def _day(text: str) -> dt.datetime:
    """A field's example as a day."""
    for order in _DAYS:
        try:
            return dt.datetime.strptime(text, order)  # noqa: DTZ007 # a day of the calendar has no time zone
        except ValueError:
            continue
    raise ValueError(f"the example {text!r} is no date")


def add_guide(book: Workbook, plan: Plan) -> Worksheet:
    """Every field and every rule in words, each rule with its number."""
    ws = book.create_sheet(GUIDE)
    _reading_sheet(ws, plan, GUIDE_MARK, f"Field guide: {plan.rules.title}", "What each column holds, and what is checked when the workbook comes back.")
    widths = (26, 11, 50, 44, 30, 10)
    for letter, size in zip("BCDEFG", widths, strict=True):
        ws.column_dimensions[letter].width = size
    fields = [*(_about(one, plan) for one in plan.columns), *(_fixed(plan.rules.fields[name], value) for name, value in plan.fixed.items())]
    row = _list(ws, 4, ("Column", "Required", "What it is", "How it is filled in", "Example", ""), fields, widths)
    _list(ws, row + 1, ("Rule about", "", "What it wants", "Checked", "A row that breaks it", "Number"), _rules(plan), widths)
    ws.freeze_panes = "C4"
    looks.protect(ws)
    return ws


def _about(field: Field, plan: Plan) -> tuple[str, ...]:
    wanted = "required" if field.name in plan.needed else "optional"
    example = field.example if field.kind != "date" or not field.example else f"{_day(field.example):%d %b %Y}".lstrip("0")
    return field.title, wanted, field.description, words.written(field), example, ""


def _fixed(field: Field, value: str) -> tuple[str, ...]:
    """A field that nobody fills in, for a setting does."""
    return field.title, "filled in", field.description, f"Fixed for this workbook: {value}", "", ""


def _rules(plan: Plan) -> list[tuple[str, ...]]:
    """Each rule once, with the titles of the fields that it holds for, and whether the sheet tells it at once; none about fields that this kind of rows does not have."""
    at_once = {(one.field, one.rule) for one in conditions(plan)}
    elsewhere = {(live.field, live.rule) for live in live_rules(plan.rules) if live.needs - plan.rules.fields.keys()}
    told: dict[Rule, list[str]] = {}
    for name, rule in plan.rules.rules:
        if name in plan.letters and (name, rule.id) not in elsewhere:
            told.setdefault(rule, []).append(name)
    rows: list[tuple[str, ...]] = []
    for rule, names in told.items():
        seen = sum((name, rule.id) in at_once for name in names)
        when = "at once" if seen == len(names) else "partly at once" if seen else "when it comes back"
        rows.append((_about_fields(rule, names, plan), "", rule.says, when, _SEVERITIES[rule.severity], rule.spec))
    return rows


def _about_fields(rule: Rule, names: Sequence[str], plan: Plan) -> str:
    """The titles of the fields that a rule holds for; of many the first ones."""
    titles = list(dict.fromkeys(plan.rules.fields[name].title for name in names))
    if rule.id == REQUIRED.id:
        return "Every required column"
    more = len(titles) - _MOST_TITLES
    return ", ".join(titles) if more <= 1 else f"{', '.join(titles[:_MOST_TITLES])} and {more} more"


def _list(ws: Worksheet, row: int, titles: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> int:
    """Write a list; a cell with blank ones behind it reaches over them. Gives the row behind it."""
    for at, title in enumerate(titles, 2):
        put(ws.cell(row, at), title, bold=True, color=NAVY, fill=PALE)
    ws.row_dimensions[row].height = 20
    for number, cells in enumerate(rows, row + 1):
        lines = 1.0
        for at, text in enumerate(cells):
            under(ws.cell(number, at + 2))
            if not titles[at]:
                continue  # the cell before reaches over this one
            over = at + 1 < len(titles) and not titles[at + 1] and at + 2 < len(titles)
            put(ws.cell(number, at + 2), text, bold=not at, wrap=True, up="top")
            lines = max(lines, -(-len(text) * _PER_LINE // (widths[at] + (widths[at + 1] if over else 0))))
            if over:
                ws.merge_cells(start_row=number, end_row=number, start_column=at + 2, end_column=at + 3)
        ws.row_dimensions[number].height = lines * _HEIGHT
    return row + len(rows) + 1


def _reading_sheet(ws: Worksheet, plan: Plan, mark: str, title: str, says: str, wide: float = 0) -> None:
    looks.page(ws, landscape=True, footer=f"{plan.rules.title}: template, version {plan.rules.version}", wide=wide)
    ws.sheet_properties.tabColor = GREY
    ws.column_dimensions["A"].hidden = True
    put(ws["A1"], mark)
    put(ws["B1"], title, size=16, bold=True, color=NAVY)
    put(ws["B2"], says, color=GREY)
    ws.row_dimensions[1].height = 26
