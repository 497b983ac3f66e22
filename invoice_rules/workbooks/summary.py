"""The second sheet of the error workbook: which file, how much of it is here, what is wrong by rule, and how to go on."""

import datetime as dt
from collections.abc import Sequence

from invoice_rules.marks import OPTIONAL_HEADING, REQUIRED_HEADING, Note
from invoice_rules.problems import Severity, plural
from invoice_rules.reading.assembling import misfits
from invoice_rules.results import exact
from invoice_rules.table import CELLS_WRONG, Kind
from invoice_rules.values import decimals_of, show_date
from invoice_rules.workbooks.cells import Look
from invoice_rules.workbooks.rejected import Rejected
from invoice_rules.workbooks.sheets import Cell, Sheet

_PLAIN, _WRAPPED = Look(), Look(wrap=True)
_TITLE = Look(color=REQUIRED_HEADING.fill, bold=True, size=16)
_LABEL = Look(bold=True)
_HEAD = Look(OPTIONAL_HEADING.color, OPTIONAL_HEADING.fill, bold=True, wrap=True)
_HEAD_RIGHT = Look(OPTIONAL_HEADING.color, OPTIONAL_HEADING.fill, bold=True, wrap=True, across="right")


def summary_sheet(found: Rejected, now: dt.datetime) -> Sheet:
    """Made of the same rows as the sheet "To fix"; its totals are those of this workbook, so that it can be tied on its own."""
    report = found.report
    count = int(found.invoices.sum())
    lead = f"{count:,} of {plural(report.invoices, report.rules.document)} {'is' if count == 1 else 'are'} to fix"
    rows: list[Sequence[Cell]] = [[_text(lead, _TITLE)], *_about(found, now), []]
    rows += [*_totals(found), [], *_going_on(found), [], *_by_rule(found)]
    return Sheet("Summary", top=rows, widths=(24, 14, 16, 18, 84), landscape=True, footer=f"{report.table.origin.name}: summary")


def _text(words: str, look: Look = _PLAIN) -> tuple[str, Kind, Look]:
    return words, Kind.TEXT, look


def _number(number: object, format: str = "#,##0") -> tuple[str, Kind, Look]:
    return str(number), Kind.NUMBER, Look(format=format, across="right")


def _about(found: Rejected, now: dt.datetime) -> list[list[Cell]]:
    report, origin = found.report, found.report.table.origin
    sheet = [("Sheet", origin.sheet)] if origin.sheet else []
    sender = [("Sender", report.sender)] if report.sender else []
    facts = [
        ("File", origin.name),
        *sheet,
        *sender,
        ("Checked as", f"{report.rules.title}, rules version {report.rules.version}"),
        ("Books", report.entity.title or report.entity.name),
        ("Rows", f"{len(found.rows):,} of {plural(len(report.table), 'row')}"),
        ("Made", f"{show_date(now.date())}, {now:%H:%M}"),
    ]
    return [[_text(label, _LABEL), _text(value)] for label, value in facts]


def _totals(found: Rejected) -> list[list[Cell]]:
    """Counts and totals per currency of what is in this workbook; amounts that could not be read are counted apart."""
    report = found.report
    fields = [name for name in (report.rules.role("amount"), report.rules.role("balance")) if name and name in report.rows]
    titles = [report.rules.fields[name].title for name in fields]
    counted = [f"{report.rules.document.capitalize()}s", *titles]
    rows: list[list[Cell]] = [[_text("In this workbook", _HEAD), *[_text(title, _HEAD_RIGHT) for title in counted]]]
    heads = report.rows[found.invoices]
    counts = heads["currency"].value_counts() if "currency" in heads else {}
    for code, sums in report.totals(found.invoices).items():
        rows.append([_text(code), _number(counts[code]), *[(exact(sums[name], code), Kind.NUMBER, _money(code)) for name in fields]])
    if len(rows) == 1:
        rows.append([_text("All"), _number(int(found.invoices.sum()))])
    unread = [(report.rules.fields[name].title, int(report.rows[name][found.invoices].isna().sum())) for name in fields]
    told = [f"{title}: {plural(cells, 'cell')}" for title, cells in unread if cells]
    if told:
        rows.append([_text(f"Blank or unreadable, and so not in the totals: {'; '.join(told)}.", Look(color="595959", italic=True))])
    return rows


def _money(code: str) -> Look:
    decimals = decimals_of(code)
    return Look(format="#,##0" + (f".{'0' * decimals}" if decimals else ""), across="right")


def _by_rule(found: Rejected) -> list[list[Cell]]:
    """One line a rule and field: how often, an example in words, the rule."""
    head: list[Cell] = [
        _text("What is wrong", _HEAD),
        _text("Cells", _HEAD_RIGHT),
        _text("Kind", _HEAD),
        _text("Rule", _HEAD),
        _text("For example", _HEAD),
    ]
    rows: list[list[Cell]] = [head]
    for problem in found.report.blocked:
        rows.append(
            [_text("The whole file", _WRAPPED), None, _text(str(problem.severity)), _text(problem.rule), _text(problem.message, _WRAPPED)]
        )
    groups: dict[tuple[int, str, str], list[Note]] = {}
    for note in found.notes:
        groups.setdefault((-note.problem.severity, note.problem.field, note.problem.rule), []).append(note)
    for (weight, name, rule), group in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0])):
        field = found.report.rules.fields.get(name)
        first = group[0].problem
        example = f"Row {first.row}: {first.message}"
        rows.append(
            [
                _text(field.title if field else name, _WRAPPED),
                _number(len(group)),
                _text(str(Severity(-weight))),
                _text(rule),
                _text(example, _WRAPPED),
            ]
        )
    return rows


def _going_on(found: Rejected) -> list[list[Cell]]:
    """What to do with this workbook."""
    noun, wrong = found.report.rules.document, misfits(found.report.table.findings, len(found.report.table))
    shifted = wrong is not None and wrong[found.rows].any()
    clear = [f'A row with an entry under "{CELLS_WRONG}" had more or fewer cells than there are headings. Put each value under its heading, then clear the entry.']
    steps = [
        'On the sheet "To fix", correct the red cells. Reasons says what is wrong with each; yellow cells wait for a yes or are only warnings.',
        *(clear if shifted else ()),
        "Save the workbook and import it like the first file. Its columns are found as before; Source row, Status, Reasons and Suggested fix are not imported.",
        f"Only what stayed out is here. The {noun}s that were right are not, so nothing is imported twice.",
    ]
    rows: list[list[Cell]] = [[_text("How to go on", _LABEL)]]
    return rows + [[_text(f"{number}. {step}")] for number, step in enumerate(steps, 1)]
