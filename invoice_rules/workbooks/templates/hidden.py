"""The sheets that nobody looks at: the words of the drop-downs, and what the workbook says of itself to whoever reads it."""

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName

from invoice_rules.reading.templates import FORMAT, LISTS_MARK, META_MARK, PROPERTIES
from invoice_rules.table import column_letter
from invoice_rules.workbooks.templates import looks
from invoice_rules.workbooks.templates.looks import put
from invoice_rules.workbooks.templates.plan import HEAD, LISTS, META, Plan


def add_lists(book: Workbook, plan: Plan) -> None:
    """A column of words for each drop-down, each with its name."""
    ws = book.create_sheet(LISTS)
    put(ws["A1"], LISTS_MARK)
    for at, (name, words) in enumerate(plan.lists().items(), 1):
        put(ws.cell(1, at + 1), plan.rules.fields[name].title, bold=True)
        first = put(ws.cell(2, at + 1), words[0])
        first.number_format = looks.TEXT
        for row, word in enumerate(words[1:], 3):
            put(ws.cell(row, at + 1), word, like=first)
        letter = column_letter(at)
        book.defined_names[f"ir_list_{name}"] = DefinedName(f"ir_list_{name}", attr_text=f"{LISTS}!${letter}$2:${letter}${len(words) + 1}")
    ws.sheet_state = "hidden"
    looks.protect(ws)


def add_meta(book: Workbook, plan: Plan) -> None:
    """What reading needs, twice: on a sheet that only programs show, and as properties of the file."""
    rules = plan.rules
    about = {"rules": rules.name, "version": rules.version, "schema": rules.fingerprint, "id": plan.id}
    ws = book.create_sheet(META)
    lines = [(META_MARK, FORMAT), *about.items(), ("sheet", plan.documents), ("header", str(HEAD))]
    lines += [(f"setting.{name}", value) for name, value in sorted(plan.settings.items())]
    lines += [(f"field.{one.name}", plan.heading(one)) for one in plan.columns]
    for row, (key, value) in enumerate(lines, 1):
        put(ws.cell(row, 1), key)
        put(ws.cell(row, 2), value).number_format = looks.TEXT
    ws.sheet_state = "veryHidden"
    looks.protect(ws)
    for key, value in about.items():
        book.custom_doc_props.append(StringProperty(name=PROPERTIES + key, value=value))
