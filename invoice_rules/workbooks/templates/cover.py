"""The cover of a template: what it is, how it is filled in, who sends it, and the totals that the sender declares (X-8)."""

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from invoice_rules.reading.templates import COUNT_KEY, COVER_MARK, FACTS, TOTAL_KEY
from invoice_rules.workbooks.templates import looks
from invoice_rules.workbooks.templates.looks import AMBER, GREEN, NAVY, PALE, formula, input_cell, put
from invoice_rules.workbooks.templates.plan import COVER, Plan
from invoice_rules.workbooks.templates.words import steps

_TITLES = {"sender": "Sender", "period": "Period", "contact": "Contact"}
_HINTS = {"sender": "Your company", "period": "For example November 2026", "contact": "Name, e-mail or telephone"}
_DIFFERS = '#,##0" too many";#,##0" missing";"agrees"'
_DIFFERS_MONEY = '#,##0.00" too much";#,##0.00" missing";"agrees"'
_CURRENCIES = 3
_LONGEST_LINE = 48
"""Letters that the three cells of a fact hold side by side."""


def add_cover(book: Workbook, plan: Plan) -> dict[str, int]:
    """The sheet that opens first; gives the rows with the number ("count") and the first total ("total")."""
    ws = book.create_sheet(COVER)
    looks.page(ws, landscape=False, footer=f"{plan.rules.title}: template, version {plan.rules.version}")
    ws.sheet_properties.tabColor = NAVY
    for letter, width in zip("ABCDEFG", (3, 27, 12, 20, 20, 24, 3), strict=True):
        ws.column_dimensions[letter].width = width
    ws.column_dimensions["A"].hidden = True
    put(ws["A1"], COVER_MARK)
    _opening(ws, plan)
    row = _how(ws, plan, 4)
    row = _facts(ws, plan, row + 1)
    totals = _totals(ws, plan, row + 1)
    looks.protect(ws)
    return totals


def _opening(ws: Worksheet, plan: Plan) -> None:
    put(ws["B1"], plan.rules.title, size=22, bold=True, color=NAVY)
    ws.row_dimensions[1].height = 36
    put(ws["B2"], plan.rules.description or plan.rules.title, color=looks.GREY, size=11, wrap=True)
    ws.merge_cells("B2:F2")
    ws.row_dimensions[2].height = 18


def _section(ws: Worksheet, row: int, titles: dict[str, str]) -> None:
    """A band with the title of what follows."""
    for letter in "BCDEF":
        across = {"D": "right", "E": "right", "F": "left"}.get(letter, "")
        put(ws[f"{letter}{row}"], titles.get(letter, ""), bold=True, color=NAVY, fill=PALE, across=across, size=11)
    ws.row_dimensions[row].height = 20


def _how(ws: Worksheet, plan: Plan, row: int) -> int:
    _section(ws, row, {"B": "How to fill it in"})
    for number, step in enumerate(steps(plan.rules, plan.documents, plan.fixed), 1):
        put(ws[f"B{row + number}"], f"{number}.  {step}", wrap=True)
        ws.merge_cells(f"B{row + number}:F{row + number}")
        ws.row_dimensions[row + number].height = 30 if len(step) > 118 else 17
    return row + number + 1


def _facts(ws: Worksheet, plan: Plan, row: int) -> int:
    """Who sends it, for when, and whom to ask."""
    _section(ws, row, {"B": "About this file"})
    said = {"sender": plan.sender}
    for at, key in enumerate(FACTS, row + 1):
        put(ws[f"A{at}"], key)
        put(ws[f"B{at}"], _TITLES[key])
        for letter in "CDE":
            input_cell(ws[f"{letter}{at}"])
        cell = ws[f"C{at}"]
        if said.get(key):
            cell.value, cell.data_type = looks.safe_text(said[key]), "s"
        lines = -(-len(said.get(key, "")) // _LONGEST_LINE)
        cell.alignment = Alignment(horizontal="left", vertical="center", indent=1, wrap_text=lines > 1, shrink_to_fit=lines <= 1)
        ws.merge_cells(f"C{at}:E{at}")
        put(ws[f"F{at}"], _HINTS[key], size=9, italic=True, color=looks.GREY, across="left")
        ws.row_dimensions[at].height = 18 if lines <= 1 else 14 * lines
    return row + len(FACTS) + 1


def _totals(ws: Worksheet, plan: Plan, row: int) -> dict[str, int]:
    """What is declared, beside what the sheet holds and how far they are apart."""
    _section(ws, row, {"B": "Control totals", "D": "You declare", "E": "The sheet holds", "F": "Difference"})
    at = row + 1
    put(ws[f"A{at}"], COUNT_KEY)
    put(ws[f"B{at}"], f"Number of {plan.documents.lower()}")
    _pair(plan, ws, at, counted(plan), "#,##0", _DIFFERS)
    if plan.amount:
        for place in range(_CURRENCIES if plan.rules.role("currency") in plan.letters else 1):
            at += 1
            put(ws[f"A{at}"], TOTAL_KEY)
            put(ws[f"B{at}"], f"Total ({plan.rules.fields[plan.amount].title})" if not place else "Total in another currency")
            input_cell(ws[f"C{at}"], across="center")
            if not place:
                ws[f"C{at}"].value = plan.currency
            _pair(plan, ws, at, summed(plan, f"$C${at}", first=not place), looks.MONEY, _DIFFERS_MONEY, worked_out(plan))
    _checks(ws, row + 1, at)
    note = "Rows of one document stand one below the other, or they are counted twice here; what counts is the check after you send it." if plan.keys else ""
    put(ws[f"B{at + 1}"], note or "Credits count below zero. Leave blank what you do not declare.", size=9, italic=True, color=looks.GREY)
    put(ws[f"B{at + 3}"], f"Template {plan.id}, {plan.rules.name}, version {plan.rules.version}", size=9, color=looks.GREY)
    return {"count": row + 1, **({"total": row + 2} if plan.amount else {})}


def _pair(plan: Plan, ws: Worksheet, at: int, held: str, format: str, differs: str, later: str = "") -> None:
    """What is declared, what the sheet holds, and how far they are apart; where the formula `later` holds, or there are too many rows, that cannot be told yet."""
    input_cell(ws[f"D{at}"], format, across="right")
    formula(plan.results, ws[f"E{at}"], f'IF({plan.beyond},"over {plan.counted:,} rows",{held})', 0, format, across="right")
    unknown = f"OR(ISTEXT(E{at}),{later})" if later else f"ISTEXT(E{at})"
    told = f'IF({unknown},"compared when it comes back",ROUND(E{at}-D{at},3))'
    formula(plan.results, ws[f"F{at}"], f'IF(D{at}="","not declared",{told})', "not declared", differs, across="left", bold=True)
    looks.under(ws[f"F{at}"])
    ws.row_dimensions[at].height = 18


def _checks(ws: Worksheet, first: int, last: int) -> None:
    """What may be declared, and green or amber beside it."""
    counts = DataValidation("whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True, showErrorMessage=True)
    counts.errorTitle, counts.error = "Control totals", "Type how many there are as a whole number."
    amounts = DataValidation("decimal", operator="between", formula1="-1000000000000", formula2="1000000000000", allow_blank=True, showErrorMessage=True)
    amounts.errorTitle, amounts.error = "Control totals", "Type the total as a number, for example 45310.00. Credits count below zero."
    counts.add(f"D{first}")
    ws.add_data_validation(counts)
    if last > first:
        codes = DataValidation("textLength", operator="equal", formula1="3", allow_blank=True, showErrorMessage=True)
        codes.errorTitle, codes.error = "Currency", "Type the code of a currency, three letters such as USD."
        codes.add(f"C{first + 1}:C{last}")
        amounts.add(f"D{first + 1}:D{last}")
        ws.add_data_validation(amounts)
        ws.add_data_validation(codes)
    area = f"F{first}:F{last}"
    for priority, (test, look) in enumerate(((f"F{first}=0", GREEN), (f"F{first}<>0", AMBER)), 1):
        ws.conditional_formatting.add(area, Rule("expression", dxf=look, priority=priority, formula=[f"AND(ISNUMBER(F{first}),{test})"]))


def counted(plan: Plan) -> str:
    """How many documents the sheet holds: rows with content, or where each row is a line, the runs of rows that agree."""
    if plan.keys:
        return f"SUMPRODUCT({_begins(plan)})"
    lengths = "+".join(f"LEN({plan.area(one.name, sheet=True)})" for one in plan.columns if one.name in plan.needed or one.name == plan.amount)
    return f"SUMPRODUCT(--({lengths}>0))"


def _begins(plan: Plan) -> str:
    """1 in each row in which another document begins."""
    same = "*".join(f"EXACT({plan.area(name, sheet=True)},{plan.above(name, sheet=True)})" for name in plan.keys)
    filled = "+".join(f"LEN({plan.area(name, sheet=True)})" for name in plan.keys)
    return f"({filled}>0)*(1-{same})"


def worked_out(plan: Plan) -> str:
    """Whether the amount of a document is left blank and will be worked out, so that the sheet's sum is not yet whole; "" where none is."""
    if not plan.keys or plan.amount not in {made.fills for made in plan.rules.computed} or plan.rules.fields[plan.amount].level == "line":
        return ""
    return f"SUMPRODUCT({_begins(plan)}*(LEN({plan.area(plan.amount, sheet=True)})=0))>0"


def summed(plan: Plan, code: str, first: bool) -> str:
    """The sum of the amounts in a currency; rows that name none count as the first one. Credits count below zero (S0-30)."""
    field, factors = plan.rules.fields[plan.amount], []
    if plan.keys and field.level == "header":
        factors.append(_begins(plan))
    currency = plan.rules.role("currency")
    if currency in plan.letters:
        area = plan.area(currency, sheet=True)
        blank = f"+(LEN({area})=0)" if first else ""
        factors.append(f"(((UPPER({area})=UPPER({code}))*(LEN({code})>0){blank})>0)")
    elif not first:
        factors.append("0")
    name, values = plan.rules.credit
    if name in plan.letters and values:
        kinds = plan.area(name, sheet=True)
        credits = "+".join(f'({kinds}="{value}")' for value in values)
        factors.append(f"(1-2*({credits})*({plan.area(plan.amount, sheet=True)}>0))")
    elif plan.fixed.get(name) in values:
        factors.append(f"(1-2*({plan.area(plan.amount, sheet=True)}>0))")
    area = plan.area(plan.amount, sheet=True)
    return f"SUMPRODUCT(1*{'*'.join(factors) or f'(LEN({area})>0)'},{area})"
