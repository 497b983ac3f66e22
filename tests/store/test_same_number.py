"""The same customer and number on file: by the customer's id, or by name where an id is missing (S1-11)."""

import pandas as pd
import pytest

from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.problems import Severity
from invoice_rules.references import kind
from invoice_rules.store import commit, preview_list, save_lists

INVOICE = {"quickbooksId": "146", "companyFile": "Hollis / Crane", "invoiceNumber": "1039", "customerName": "Bill's Shop", "project": "P-1"}
INVOICE |= {"invoiceDate": "03/24/2026", "total": "50.00", "balance": "50.00", "lineAmount": "50.00"}


def checked(store, **cells):
    return examine(pd.DataFrame([INVOICE | cells]), "quickbooks.history", context=store.context())


def refused(store, **cells) -> list[str]:
    return [p.message for p in checked(store, **cells).problems if p.severity == Severity.ERROR]


@pytest.fixture
def books(store):
    save_lists([preview_list(examine(pd.DataFrame({"project": ["P-1"]}), kind("projects"), context=store.context()), store)], store)
    return store


@pytest.mark.parametrize("stored", [{}, {"customerId": "2"}])
def test_a_customer_without_an_id_is_found_by_name(books, stored):  # S1-11
    assert commit(plan(checked(books, **stored), books)).counts["created"] == 1
    (told,) = refused(books, quickbooksId="999", customerName="BILL'S  shop")
    assert told.startswith('Customer BILL\'S  shop has invoice number "1039" on invoice Hollis \\/ Crane/146, on file, too')
    assert refused(books, quickbooksId="999", customerName="Zoe") == []
    assert bool(refused(books, quickbooksId="999", customerId="2")) and bool(refused(books, quickbooksId="999", customerId="3")) != bool(stored)


def test_the_number_of_another_company_file_is_another_invoice(books):  # S1-11
    assert commit(plan(checked(books, customerId="2"), books)).counts["created"] == 1
    assert refused(books, companyFile="Harbour", customerId="2") == []
    assert refused(books, companyFile="Harbour", quickbooksId="999", customerId="2") == []
