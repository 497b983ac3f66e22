"""A rule set's page tells everything that is declared (X-5, S3-15)."""

import importlib
import re
from collections.abc import Iterable

import pytest

from invoice_rules import pages
from invoice_rules.problems import Rule
from invoice_rules.rulesets import rule_set, rule_sets
from tests.modules import module_files

LOOKED_PAST = re.compile(r"^invoice_rules\.(cli|store\.migrations)\b")
RECEIVABLES = rule_set("paystand.receivables")


@pytest.mark.parametrize("name", rule_sets())
def test_every_field_rule_and_option_is_on_the_page(name):
    rules, text = rule_set(name), pages.page(rule_set(name))
    assert text.startswith(f"# {rules.title}\n")
    for field in rules.fields.values():
        assert f"| {field.title}{' *' if field.required else ''} | `{field.name}` |" in text  # S3-15: required fields are starred
        assert all(synonym in text for synonym in field.synonyms)
    for _, rule in rules.rules:
        assert re.search(rf"`{rule.id}` \|.*\| {rule.spec} \|", text)
    assert all(f"| `{option.name}` |" in text for option in rules.options)


def test_the_page_says_what_a_template_checks_while_typing():
    text = pages.page(RECEIVABLES)
    assert re.search(r"\| `within-amount` \|.*\| stays out \| yes \| S3-10 \|", text)
    assert re.search(r"\| `duplicate` \|.*\| in part \(spaces around it are looked past on import alone\) \| S3-28 \|", text)
    assert re.search(r"\| `rising-due` \|.*\| no \(it depends on what is on file\) \| S3-25 \|", text)
    assert re.search(r"\| `cell-error` \|.*\| no \(a spreadsheet shows its errors itself\) \| X-4 \|", text)


@pytest.mark.parametrize(("name", "closed", "without"), [("spectra.invoices", "waits for a yes", "stays out"), ("quickbooks.history", "waits for a yes", "goes in, with a warning"), ("spectrum.invoices", "stays out", "stays out")])
def test_the_page_says_what_becomes_of_an_invoice_in_this_system(name, closed, without):
    """X-24, S2-41: as the rule set declares it."""
    text = pages.page(rule_set(name))
    assert re.search(rf"\| `closed-books` \|[^|]*\| {closed} \|", text) and re.search(rf"\| `no-lines` \|[^|]*\| {without} \|", text)


@pytest.mark.parametrize("name", rule_sets())
def test_the_page_tells_no_rule_that_cannot_come_up(name):
    """S3-27, S0-4, S3-30, S1-11"""
    rules, text = rule_set(name), pages.page(rule_set(name))
    numbered = rules.role("number") not in ("", rules.key)
    holds = {"plan-canceled-absent": rules.plans, "other-row-mode": rules.row_mode, "demo-data": rules.demo, "number-again": numbered}
    assert {one: f"| `{one}` |" in text for one in holds} == {one: bool(held) for one, held in holds.items()}
    again = "stays out" if rules.existing == "error" else "waits for a yes"
    assert not numbered or re.search(rf"\| `number-again` \|[^|]*\| {again} \|", text)


def test_the_settings_of_dates_without_slashes_are_told():
    """S0-19"""
    assert "| `invoiceDate.padded` |" in pages.page(rule_set("spectra.invoices")) and ".padded`" not in pages.page(RECEIVABLES)


def test_every_rule_of_the_engine_has_its_section():
    modules = [name for name in module_files("invoice_rules") if not LOOKED_PAST.search(name)]
    told = _ids(f"invoice_rules.{name}" for name in ("fields", *pages.READING_RULES, *pages.FILE_RULES, *pages.STORE_RULES))
    assert _ids(modules) == told


def _ids(names: Iterable[str]) -> set[str]:
    rules = [rule for name in names for rule in getattr(importlib.import_module(name), "RULES", ())]
    return {rule.id for rule in rules if isinstance(rule, Rule)}


def test_the_page_speaks_of_what_the_rule_set_has():
    receivables, customers = pages.page(RECEIVABLES), pages.page(rule_set("paystand.customers"))
    assert "`number-again`" in receivables  # S3-21
    assert "`number-again`" not in customers
    assert "up to 10 MB" in receivables  # S3-1
    assert "Amount due and Due date may change freely" in receivables  # S3-23
    assert "Customer ID never changes" in receivables
    assert "Such an invoice is updated" in receivables  # S3-22
    assert "Such a customer is updated" in customers  # S3-33
    assert "waits for a yes" in receivables


def test_tables_are_whole():
    for rules in rule_sets().values():
        for block in re.findall(r"(?:^\|.*\|\n)+", pages.page(rules), re.MULTILINE):
            assert len({line.replace("\\|", "").count("|") for line in block.splitlines()}) == 1


def test_pages_are_written(tmp_path):
    written = pages.write(tmp_path / "rulesets")
    assert {path.stem for path in written} == set(rule_sets())
    assert (tmp_path / "rulesets" / "paystand.receivables.md").read_text(encoding="utf-8") == pages.page(RECEIVABLES)
