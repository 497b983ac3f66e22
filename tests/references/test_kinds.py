"""The kinds of reference list: found by name, complete, and each with its own rules (S2-4 … S2-28, S0-20, S3-27, S4-20)."""

import pytest

from invoice_rules.examining import examine
from invoice_rules.mapping import match
from invoice_rules.references import as_sheet, kind, kinds, owned
from invoice_rules.rulesets import rule_sets


def problems(name: str, *lines: str) -> list[tuple[int, str, str]]:
    """(row, field, rule) of what is wrong with a list, errors and warnings; the first line holds the headings."""
    report = examine((f"{name}.csv", "\n".join(lines).encode()), kind(name))
    return [(problem.row, problem.field, problem.rule) for problem in report.problems.at_least(2)]


def test_kinds_are_found_by_name_and_title():
    assert kind("taxCodes") is kind("Tax codes") is kind("TAXCODES") is kinds()["taxCodes"] is kind(kinds()["taxCodes"])
    with pytest.raises(LookupError, match="no reference list named 'tax'. There are: customers, projects"):
        kind("tax")


def test_rule_sets_provide_kinds_too():
    """S0-9: clients are the documents of their own rule set."""
    provided = {rules.reference: rules for rules in rule_sets().values() if rules.reference}
    assert {name: kind(name) for name in provided} == provided
    assert not set(provided) & set(owned())


@pytest.mark.parametrize("name", owned())
def test_every_kind_is_declared_whole(name):
    rules = kind(name)
    assert rules.description.endswith(".")
    assert rules.key == next(iter(rules.fields)) and rules.fields[rules.key].required
    assert set(rules.unique) <= set(rules.fields) and (not rules.official or rules.official in rules.fields)
    for field in rules.fields.values():
        assert field.title and field.description and field.example and field.level == "header"
    titles = [field.title.casefold() for field in rules.fields.values()]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("name", owned())
def test_the_examples_of_every_kind_keep_its_rules(name):
    """The titles lead to the fields, and the example of each is right."""
    fields = list(kind(name).fields.values())
    quoted = [f'"{field.example}"' for field in fields]
    assert problems(name, ",".join(field.title for field in fields), ",".join(quoted)) == []


@pytest.mark.parametrize("name", [name for name, rules in owned().items() if "customer" in rules.fields])
def test_the_customer_of_a_list_is_known_by_what_rule_sets_call_it(name):  # X-13, S2-8
    """All but Autotask's word: a company is a list of its own."""
    titles = {field.title for rules in rule_sets().values() for field in rules.fields.values() if field.role == "customer"} - {"Company ID"}
    assert "Customer ID" in titles and not {title for title in titles if match((title, "Customer name"), kind(name)).fields["customer"] != 0}


def test_codes_that_differ_in_capital_letters_are_one():
    assert problems("customers", "Customer,Name", "a,1", "A,2", "b,3") == [(2, "customer", "same-code"), (3, "customer", "same-code")]
    assert problems("customers", "Customer,Name", "a,1", "a,2") == [(2, "customer", "duplicate"), (3, "customer", "duplicate")]


def test_rates_are_told_apart_by_code_and_day():  # S2-13
    lines = ("Tax code,From,Rate", "CA,2026-01-01,7.25", "CA,2026-07-01,7.5", "ca,2026-01-01,8")
    assert problems("taxRates", *lines) == [(2, "taxCode", "same-entry"), (4, "taxCode", "same-entry")]
    assert problems("taxRates", *lines[:3]) == []


def test_percentages_are_parts_of_the_whole():  # S2-13, S2-15
    assert problems("contracts", "Job,Retention percent", "1,100", "2,100.5") == [(3, "retentionPercent", "over-all")]
    report = examine(("rates.csv", b"Tax code,From,Rate\nCA,2026-01-01,101\n"), kind("taxRates"))
    assert (report.accepted, [problem.rule for problem in report.problems.at_least(2)]) == (1, ["over-all"])


def test_a_processing_range_ends_after_it_begins():  # S2-6
    lines = ("Company,A/R from,A/R to", "001,2026-01-01,2026-12-31", "002,2026-02-01,2026-01-31", "003,,2026-01-31")
    assert problems("companies", *lines) == [(3, "arTo", "range-ends-first")]


@pytest.mark.parametrize(
    ("name", "line", "field", "rule"),
    [
        ("companies", "0001", "company", "max-length"),  # S2-4
        ("jobs", "12345678901", "job", "max-length"),  # S2-8
        ("taxCodes", "1234567890123456", "taxCode", "max-length"),  # S2-12
        ("glAccounts", "1234567890123", "account", "max-length"),  # S2-20
        ("vatCodes", "12345678901", "vatCode", "max-length"),  # S2-21
        ("costCenters", "12345678901", "costCenter", "max-length"),
        ("customers", "=1+1", "customer", "content"),  # S3-5
        ("plans", "I-1", "plan", "unmapped"),  # S3-27
        ("accountMap", "Labor", "to", "unmapped"),  # S4-20
    ],
)
def test_lengths_and_required_fields(name, line, field, rule):
    assert (field, rule) in [problem[1:] for problem in problems(name, kind(name).fields[kind(name).key].title, line)]


@pytest.mark.parametrize(("name", "field"), [("customers", "taxable"), ("contracts", "taxable"), ("glAccounts", "type")])
def test_words_of_a_list(name, field):
    title, key = kind(name).fields[field].title, kind(name).fields[kind(name).key].title
    assert problems(name, f"{key},{title}", "1,maybe") == [(2, field, "choice")]
    assert problems(name, f"{key},{title}", *(f"{at},{word}" for at, word in enumerate(kind(name).fields[field].choices))) == []


def test_an_entry_as_people_read_it():
    report = examine(("items.csv", b"Item,Price,Currency,Taxable\nA,1200,JPY,yes\nB,25.5,USD,no\nC,,,\n"), kind("priceListItems"))
    sheet = as_sheet(report.rows.reset_index(drop=True), report.rules)
    assert [str(price) for price in sheet["Price"]] == ["1200", "25.50", "None"]
    terms = examine(("terms.csv", b"Terms,Days\n1,30\n2,\n"), kind("terms"))
    assert [str(days) for days in as_sheet(terms.rows.reset_index(drop=True), terms.rules)["Days"]] == ["30", "None"]
