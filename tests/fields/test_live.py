"""Rules that a sheet checks while somebody types: what is declared becomes a formula over the cells of a row."""

import re

import pandera.pandas as pandera
import pytest

from invoice_rules.fields import Live, RuleSet, code, date, live_rules, money, number, rule, text
from invoice_rules.fields.live import UNDECLARED
from invoice_rules.problems import Severity
from invoice_rules.references import kinds
from invoice_rules.rulesets import rule_set, rule_sets
from invoice_rules.table import column_letter

OLD_FUNCTIONS = {
    *("ABS", "AND", "CHAR", "COUNTA", "DATE", "DAY", "EXACT", "FIND", "IF", "IFERROR", "ISERROR", "ISLOGICAL", "ISNUMBER", "LEFT", "LEN", "LOWER", "MAX", "MIN"),
    *("MID", "NOT", "OR", "REPT", "RIGHT", "ROUND", "SUBSTITUTE", "SUMPRODUCT", "TRIM", "TRUNC", "UPPER", "VALUE"),
}
"""What Excel 2007 and Calc alike have, whatever their language."""


def every_rule_set():
    for name, rules in rule_sets().items():
        modes = [option.choices for option in rules.options if option.name == "rowMode"]
        yield from ((f"{name} {mode}", rules.under({"rowMode": mode})) for mode in modes[0]) if modes else [(name, rules)]


EVERY = dict(every_rule_set())


@pytest.fixture(params=EVERY, scope="module")
def lives(request):
    return live_rules(EVERY[request.param])


def one(rules, field, id):
    return next(live for live in live_rules(rules) if (live.field, live.rule) == (field, id))


def test_formulas_use_old_functions_and_no_array_constants(lives):
    for live in lives:
        bare = re.sub(r'"(?:[^"]|"")*"', '""', live.formula)
        assert set(re.findall(r"([A-Z.]+)\(", bare)) <= OLD_FUNCTIONS
        assert not re.search(r"\{[^}\w:*]", bare), "conditional formats may not hold array constants"
        assert max(map(len, re.findall(r'"(?:[^"]|"")*"', live.formula)), default=0) <= 255  # Excel's limit for a text in a formula
        assert len(live.formula) < 7500  # Excel ends at 8,192, and addresses are shorter than the names here


def test_formulas_are_placed_on_the_cells_of_a_row(lives):
    columns = {name: column_letter(at) for at, name in enumerate(sorted({name for live in lives for name in live.needs}))}
    for live in lives:
        placed = live.placed(columns, 6, 505)
        assert "{" not in placed and placed.count("(") == placed.count(")")


def test_cells_of_a_row_a_column_and_the_row_above():
    live = Live("a", "x", Severity.ERROR, "{a}+{b:column}+{b:above}+{*}")
    assert live.placed({"a": "B", "b": "AA"}, 6, 9) == "$B6+$AA$6:$AA$9+$AA5+$B6:$AA6"
    assert live.needs == {"a", "b"}


def test_a_rule_is_judged_where_its_cells_are_filled():
    live = one(rule_set("paystand.receivables"), "dateDue", "due-before-date")
    assert live.formula.endswith(",{dateDue}>={date},TRUE)") and "ISNUMBER({dateDue})" in live.formula and "ISNUMBER({date})" in live.formula
    assert live.severity is Severity.WARNING and live.says and not live.because


def test_a_rule_that_declares_nothing_is_looked_for_on_import():
    @rule("odd", "{number} is odd.", "number", spec="X-5")
    def odd(rows):
        """Numbers are even."""
        return rows["number"].str.len() % 2 == 0

    rules = RuleSet("own.notes", "Notes", pandera.DataFrameSchema({"number": code("Number")}, checks=[odd]), "number")
    live = one(rules, "number", "odd")
    assert (live.formula, live.because) == ("", "It is looked for on import.")


@pytest.fixture
def lined():
    @rule("total", "{amount}", "amount", "sum.share", spec="X-5", excel="{amount}={sum.share}*{count.lines}")
    def total(rows):
        """The total is that of the lines."""
        return rows["amount"] == rows["sum.share"]

    columns = {
        "number": code("Number", required=True, unique=True),
        "amount": money("Amount", required=True),
        "day": date("Day"),
        "what": text("What", level="line"),
        "share": money("Share", level="line", required=True),
        "pieces": number("Pieces", level="line"),
    }
    return RuleSet("own.notes", "Notes", pandera.DataFrameSchema(columns, checks=[total]), "number", group_by=("number",), skipped={"what": ("Sum",)})


def test_figures_are_those_of_the_rows_of_one_document(lined):
    formula = one(lined, "amount", "total").formula
    assert "SUMPRODUCT(1*EXACT(TRIM({number:column}),TRIM({number}))*(1-EXACT({what:column},\"Sum\")),{share:column})" in formula
    assert formula.startswith("IF(AND(LEN(TRIM({number}))>0,NOT(EXACT(TRIM({number:above}),TRIM({number}))))")  # on the first row of each
    assert one(lined, "share", "money").formula.startswith('IF((1-EXACT({what},"Sum"))=0,TRUE,')


def test_the_key_of_documents_with_lines_may_stand_on_several_rows(lined):
    live = one(lined, "number", "duplicate")
    assert not live.formula and live.because == "Rows that share it are lines of one invoice."


def test_amounts_have_the_decimals_of_the_currency():
    rules = rule_set("paystand.receivables")
    formula = {currency: next(live.formula for live in live_rules(rules, currency) if live.rule == "decimals") for currency in ("", "JPY", "bhd")}
    assert [f"IF(LEN({{currency}})=0,{places},2" in text for places, text in zip((2, 0, 3), formula.values(), strict=True)] == [True] * 3


def test_every_rule_of_every_rule_set_has_a_formula_or_a_reason(lives):
    assert not [f"{live.field}: {live.rule}" for live in lives if live.because == UNDECLARED]
    assert all(live.formula or live.because for live in lives)


@pytest.mark.parametrize("name", EVERY)
def test_no_rule_of_a_rule_set_is_left_out(name):
    rules = EVERY[name]
    told = {(live.field, live.rule, live.severity) for live in live_rules(rules)}
    assert told >= {(field, rule.id, rule.severity) for field, rule in rules.rules if field in rules.fields}


def test_so_have_those_of_reference_lists():
    for name, rules in kinds().items():
        assert not [f"{name}: {live.field}: {live.rule}" for live in live_rules(rules) if live.because == UNDECLARED]


def test_of_the_rules_that_people_break_most_all_are_checked_while_typing():
    wanted = {"required", "max-length", "choice", "date", "money", "decimals", "not-negative", "yes-no", "email", "due-before-date", "within-amount"}
    lives = [(rules, live) for rules in map(rule_set, ("paystand.receivables", "spectrum.invoices")) for live in live_rules(rules)]
    assert not {live.rule for rules, live in lives if live.rule in wanted and live.field in rules.offered and not live.formula}
