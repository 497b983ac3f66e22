"""Text -> typed values, a whole column at a time. Each parser returns what it read and what it could not read, never raises.

`money`, `dates`, `words` (yes/no and e-mail addresses). Blank cells are nobody's business here (X-4).
"""

from invoice_rules.values.codes import parse_code
from invoice_rules.values.columns import Fault, Parsed, blank, clean, nulled_text, spread
from invoice_rules.values.currencies import (
    DOLLARS,
    decimals_of,
    headed_alike,
    is_currency,
    named_by_symbol,
    parse_currency,
    show_money,
    shown_alike,
    symbols_of,
    with_commas,
    without_symbols,
)
from invoice_rules.values.dates import DATE_ORDERS, date_order, parse_dates, show_date
from invoice_rules.values.decimalmarks import both_ways, decimal_mark, proof_of, two_ways
from invoice_rules.values.money import declared_amount, declared_number, parse_money
from invoice_rules.values.numbers import NUMBER, parse_number, parse_percent, plain_length, products, show_number
from invoice_rules.values.showing import CellWriter, show_cell
from invoice_rules.values.slashless import parse_slashless
from invoice_rules.values.sums import exact_sum, sums_by_currency
from invoice_rules.values.words import parse_emails, parse_yes_no, split_emails

__all__ = [
    "DATE_ORDERS",
    "DOLLARS",
    "NUMBER",
    "CellWriter",
    "Fault",
    "Parsed",
    "blank",
    "both_ways",
    "clean",
    "date_order",
    "decimal_mark",
    "decimals_of",
    "declared_amount",
    "declared_number",
    "exact_sum",
    "headed_alike",
    "is_currency",
    "named_by_symbol",
    "nulled_text",
    "parse_code",
    "parse_currency",
    "parse_dates",
    "parse_emails",
    "parse_money",
    "parse_number",
    "parse_percent",
    "parse_slashless",
    "parse_yes_no",
    "plain_length",
    "products",
    "proof_of",
    "show_cell",
    "show_date",
    "show_money",
    "show_number",
    "shown_alike",
    "split_emails",
    "spread",
    "sums_by_currency",
    "symbols_of",
    "two_ways",
    "with_commas",
    "without_symbols",
]
