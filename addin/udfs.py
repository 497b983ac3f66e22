"""What the buttons and the worksheet functions call, one thin function each; the buttons' names are those of `addin.commands`.

A `Session` is made for each click, because in Excel each click is a program of its own.
"""

from typing import Any

import xlwings as xw

from addin import books, checking, fetching, functions, importing, sending, templates
from addin.guard import button
from addin.ribbon.ids import decoded
from addin.session import Session


@button
def map_columns() -> None:
    checking.map_columns(Session())


@button
def new_template() -> None:
    templates.new_template(Session())


@button
def validate() -> None:
    checking.validate(Session())


@button
def next_problem() -> None:
    checking.next_problem(Session())


@button
def problems() -> None:
    checking.problems(Session())


@button
def apply_fixes() -> None:
    checking.apply_fixes(Session())


@button
def clear_marks() -> None:
    checking.clear_marks(Session())


@button
def preview_import() -> None:
    importing.preview_import(Session())


@button
def import_invoices() -> None:
    importing.import_invoices(Session())


@button
def fetch_invoices() -> None:
    fetching.fetch_invoices(Session())


@button
def send_invoices() -> None:
    sending.send_invoices(Session())


@button
def ledger() -> None:
    sending.ledger(Session())


@button
def import_history() -> None:
    books.import_history(Session())


@button
def undo_last_import() -> None:
    books.undo_last_import(Session())


@button
def settings() -> None:
    books.change_settings(Session())


@button
def help() -> None:
    books.show_help()


@button
def choose_rules(name: str) -> None:
    books.choose_rules(Session(), decoded(name))


@button
def choose_mapping(name: str) -> None:
    books.choose_mapping(Session(), decoded(name))


@xw.func(category="Invoice Rules")
@xw.arg("cells", ndim=2, err_to_str=True, doc="The cells to check, their headings in the first line.")
@xw.arg("rules", doc="The rule set, such as paystand.receivables.")
def IR_CHECK(cells: list[list[Any]], rules: str) -> Any:
    """Checks cells against a rule set and lists every problem with its cell and what to do."""
    return functions.told(lambda: functions.check_range(cells, rules))


@xw.func(category="Invoice Rules")
@xw.arg("number", doc="The number or the id of the invoice.")
def IR_STATUS(number: Any) -> Any:
    """Tells the status of an invoice on file, such as Paid or Processed."""
    return functions.told(lambda: functions.status_of(number))


@xw.func(category="Invoice Rules")
@xw.arg("customer", doc="The id of the customer, or the name of one that has no id.")
def IR_BALANCE(customer: Any) -> Any:
    """Tells what a customer owes; a line for each currency where there are several."""
    return functions.told(lambda: functions.balance_of(customer))


@xw.func(category="Invoice Rules")
@xw.arg("customer", doc="The id of the customer, or the name of one that has no id.")
@xw.arg("day", doc="The day to count from; today where it is left out.")
def IR_AGING(customer: Any, day: Any = None) -> Any:
    """Tells what a customer owes by days past due: current, 1-30, 31-60, 61-90 and over 90."""
    return functions.told(lambda: functions.aging_of(customer, day))
