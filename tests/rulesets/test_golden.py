"""The samples of each system with everything that is said of them, beside each other: `make golden` writes the expected texts anew."""

import datetime as dt
from pathlib import Path

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.problems import Severity
from invoice_rules.references import kind
from invoice_rules.results import Outcome
from invoice_rules.samples.systems import build_system, systems
from invoice_rules.store import commit, open_store, preview_list, save_lists

GOLDEN = Path(__file__).parent / "golden"
TODAY = dt.date(2026, 11, 21)
CASES = {
    "quickbooks.history": {"companyFile": "Hollis & Crane", "from": "2026-01-01"},
    "autotask.invoices": {},
}


@pytest.fixture
def books(tmp_path):
    """(system -> its sample, an empty store)."""
    return lambda system: (build_system(system, tmp_path / system), open_store(f"sqlite:///{tmp_path / 'books.db'}"))


def filled(sample, store):
    """The store with the sample's reference lists in it."""
    reports = [examine(path, kind(name), context=store.context()) for name, path in sample.lists.items()]
    assert not [p.message for report in reports for p in report.problems if p.severity >= Severity.ERROR]
    save_lists([preview_list(report, store) for report in reports], store)
    return store


def told(report, planned) -> str:
    """What is said of a file, a line a problem, then a line an invoice with what becomes of it."""
    lines = [report.summary(), ""]
    lines += [f"{p.severity}  {p.rule}  {p.cell}\n    {p.message}" for p in report.problems if p.rule != "unused-columns"]
    lines.append("")
    for at, row in enumerate(report.rows.to_dict("records")):
        amounts = [f"{row[report.rules.role(role)] / 100:,.2f}" for role in ("amount", "balance") if report.rules.role(role)]
        parts = [row[report.rules.key], row[report.rules.role("number")], row["record.status"], *amounts, Outcome(int(planned.outcomes[at])).name.lower()]
        lines.append("  ".join(map(str, parts)))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_the_samples(name, books, golden):
    sample, store = books(name.split(".")[0])
    report = examine(sample.documents, name, settings=CASES[name], context=filled(sample, store).context(), today=TODAY)
    golden(GOLDEN / f"{name}.txt", told(report, plan(report, store)))


@pytest.mark.parametrize("name", CASES)
def test_the_good_ones_go_in_and_only_once(name, books):
    """S1-11, S1-14, S1-15, S4-18"""
    sample, store = books(name.split(".")[0])
    asked = {"settings": CASES[name], "today": TODAY}
    report = examine(sample.documents, name, context=filled(sample, store).context(), **asked)
    done = commit(plan(report, store, all_or_nothing=False))
    assert done.counts["created"] == report.accepted > 3 and done.counts["rejected"] == report.rejected > 1
    again = plan(examine(sample.documents, name, context=store.context(), **asked), store, all_or_nothing=False)
    assert again.count(Outcome.CREATED) == again.count(Outcome.UPDATED) == 0


def test_there_are_samples_of_these_systems_and_no_other(tmp_path):
    assert {"quickbooks", "autotask"} <= set(systems()) and "paystand" not in systems()
    with pytest.raises(CannotRun, match="no sample files of nowhere"):
        build_system("nowhere", tmp_path)
