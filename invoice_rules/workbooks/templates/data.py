"""The sheet of data: a table that may grow, with help above its headings, messages beside its cells, drop-downs and live conditions."""

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from invoice_rules.fields import Field
from invoice_rules.marks import GOOD, NEUTRAL
from invoice_rules.problems import Severity
from invoice_rules.values import decimals_of, show_money
from invoice_rules.workbooks.templates import looks, words
from invoice_rules.workbooks.templates.conditions import conditions
from invoice_rules.workbooks.templates.looks import AMBER, GREY, NAVY, RED, formula, put
from invoice_rules.workbooks.templates.plan import COVER, FIRST, HEAD, Plan

_WIDTHS = {"date": 14.0, "money": 15.0, "number": 11.0, "percent": 11.0, "yes_no": 11.0, "currency": 10.0, "emails": 32.0}
_LEAST, _WIDEST, _WORDS = 13.0, 34.0, 50


def add_data(book: Workbook, plan: Plan, totals: dict[str, int]) -> Worksheet:
    """The sheet that is filled in; `totals`: the rows of the cover with the number and the first total."""
    ws = book.create_sheet(plan.documents)
    footer = f"{plan.rules.title}: template, version {plan.rules.version}"
    looks.page(ws, landscape=True, footer=footer, titles=f"{HEAD}:{HEAD}", wide=sum(map(width, plan.columns)))
    ws.sheet_view.showGridLines = True
    ws.sheet_properties.tabColor = "2F5597"
    _columns(ws, plan)
    _top(ws, plan, totals)
    _headings(ws, plan)
    _table(ws, plan)
    _validations(ws, plan)
    _conditions(ws, plan)
    ws.freeze_panes = ws.cell(FIRST, 2)
    ws.sheet_view.selection[-1].activeCell = ws.sheet_view.selection[-1].sqref = f"A{FIRST}"
    return ws


def width(field: Field) -> float:
    """As wide as what usually stands in the column, and as its heading on two lines."""
    longest = max(len(field.example) + 3, len(field.title) * 0.75 + 6, *(len(choice) + 4 for choice in field.choices or ("",)))
    wide = (field.max or 0) >= _WORDS and field.kind == "text"
    return max(_WIDTHS.get(field.kind, min(max(longest, _LEAST), _WIDEST)), 24.0 if wide else 0.0, min(len(field.title) * 0.75 + 6, _WIDEST))


def _columns(ws: Worksheet, plan: Plan) -> None:
    """Formats belong to whole columns, so that a sheet of any length costs nothing and rows that are added have them too."""
    for one in plan.columns:
        column = ws.column_dimensions[plan.letters[one.name]]
        column.width = width(one)
        column.number_format = looks.FORMATS.get(one.kind, looks.TEXT)
        column.font, column.alignment = Font(name=looks.FONT, size=10), looks.alignment(one)


def _top(ws: Worksheet, plan: Plan, totals: dict[str, int]) -> None:
    """What this is, and how far it is from what the cover declares."""
    rules = plan.rules
    put(ws["A1"], rules.title, size=16, bold=True, color=NAVY)
    row = f"One row for each line; the rows of one {rules.document} repeat its number." if plan.keys else f"One row for each {rules.document}."
    put(ws["A2"], f"{row} Headings with a star are required. Click a cell to read what belongs there.", color=GREY)
    count = totals["count"]
    noun = f'IF({COVER}!$E${count}=1," {rules.document}"," {plan.documents.lower()}")'
    told = f'{COVER}!$E${count}&{noun}&" on this sheet"&IF({COVER}!$D${count}="","",", "&{COVER}!$D${count}&" declared")'
    if "total" in totals:
        at = totals["total"]
        held, said = (f"FIXED({COVER}!${letter}${at},{decimals_of(plan.currency)})" for letter in "ED")
        told += f'&".  Total "&{COVER}!$C${at}&" "&{held}&IF({COVER}!$D${at}="","",", "&{said}&" declared")'
    result = f"0 {plan.documents.lower()} on this sheet" + (f".  Total {plan.currency} {show_money(0, plan.currency)}" if "total" in totals else "")
    told = f'IF(ISTEXT({COVER}!$E${count}),"More than {plan.counted:,} rows on this sheet. They are counted when it comes back.",{told})'
    formula(plan.results, ws["A3"], told, result, bold=True, color=NAVY)
    lines = max(-(-len(words.hint(one)) // (width(one) * 1.1)) for one in plan.columns)
    for row_number, height in enumerate((26, 16, 18, min(12 * lines + 4, 64), 32), 1):
        ws.row_dimensions[row_number].height = height
    differs = ",".join(f"IF(ISNUMBER({COVER}!$F${at}),{COVER}!$F${at}<>0,FALSE)" for at in totals.values())
    agrees = ",".join(f"IF(ISNUMBER({COVER}!$F${at}),{COVER}!$F${at}=0,FALSE)" for at in totals.values())
    ws.conditional_formatting.add("A3", Rule("expression", dxf=looks.worded(NEUTRAL), priority=1, stopIfTrue=True, formula=[f"OR({differs})"]))
    ws.conditional_formatting.add("A3", Rule("expression", dxf=looks.worded(GOOD), priority=2, formula=[f"AND({agrees})"]))


def _headings(ws: Worksheet, plan: Plan) -> None:
    for at, one in enumerate(plan.columns, 1):
        put(ws.cell(HEAD - 1, at), words.hint(one), size=8, italic=True, color=GREY, wrap=True, up="bottom", across=looks.alignment(one).horizontal or "")
        looks.heading(ws.cell(HEAD, at), plan.heading(one), one.name in plan.needed, one.kind)


def _table(ws: Worksheet, plan: Plan) -> None:
    last = plan.letters[plan.columns[-1].name]
    table = Table(displayName=plan.table, ref=f"A{HEAD}:{last}{plan.last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    ws.add_table(table)


def _validations(ws: Worksheet, plan: Plan) -> None:
    for one in plan.columns:
        made = _validation(one, plan)
        made.promptTitle, made.prompt = words.prompt_title(one, one.name in plan.needed), words.prompt(one, one.name in plan.needed, plan.rules)
        made.errorTitle, made.error = words.prompt_title(one, False), words.refusal(one)
        made.showInputMessage, made.showErrorMessage, made.allow_blank = True, made.type is not None, True
        letter = plan.letters[one.name]
        made.add(f"{letter}{FIRST}:{letter}{plan.checked}")
        ws.add_data_validation(made)


def _validation(field: Field, plan: Plan) -> DataValidation:
    """What may be typed: refused where it can be nothing right, asked about where it may still be."""
    if field.name in plan.lists():
        return DataValidation("list", formula1=f"ir_list_{field.name}", errorStyle="stop" if field.choices else "warning")
    if field.kind == "date":
        return DataValidation("date", operator="between", formula1="32874", formula2="73415")
    if field.kind in ("money", "number", "percent"):
        return DataValidation("decimal", operator="between", formula1="-1000000000000", formula2="1000000000000")
    if field.max and field.kind in ("text", "code"):
        return DataValidation("textLength", operator="lessThanOrEqual", formula1=str(field.max), errorStyle="warning")
    return DataValidation()


def _conditions(ws: Worksheet, plan: Plan) -> None:
    """Red before amber; where both hold, red is seen."""
    for priority, one in enumerate(conditions(plan), 10):
        letter = plan.letters[one.field]
        look = RED if one.severity == Severity.ERROR else AMBER
        rule = Rule("expression", dxf=look, priority=priority, stopIfTrue=look is RED, formula=[one.formula])
        ws.conditional_formatting.add(f"{letter}{FIRST}:{letter}{plan.checked}", rule)
