"""Counterparts that are started once a worker."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from invoice_rules.store import Store, open_store
from invoice_rules.store.ledger import Ledger
from tests.connectors import wiremock as counterpart
from tests.connectors.spectrumdata import Books
from tests.connectors.wiremock import WireMock

if TYPE_CHECKING:
    from tests.connectors.xeroserver import XeroServer


@pytest.fixture(scope="session")
def _wiremock() -> Iterator[WireMock]:
    with counterpart.wiremock() as server:
        yield server


@pytest.fixture
def wiremock(_wiremock: WireMock) -> WireMock:
    """A WireMock that knows nothing yet: no answers, an empty journal."""
    _wiremock.clear()
    return _wiremock


@pytest.fixture(scope="session")
def _xero() -> "Iterator[XeroServer]":
    from tests.connectors.xeroserver import running  # takes a second to import, which only its tests are to pay

    with running() as server:
        yield server


@pytest.fixture
def xero(_xero: "XeroServer") -> "Iterator[XeroServer]":
    """A Xero with nothing in it. Where its own description is at hand, nothing that is sent to it may be against that."""
    _xero.reset()
    yield _xero
    assert _xero.refused() == []


@pytest.fixture
def contact(xero: "XeroServer") -> str:
    """The contact of company 29683 in it."""
    return xero.contact("Stonebridge Partners", ContactNumber="29683")


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger without entries for the organisation in it; links of contacts are all that tests put into it."""
    return open_store(tmp_path_factory.mktemp("ledger") / "store.sqlite").ledger("xero", "11111111-2222-3333-4444-555555555555")


@pytest.fixture(scope="session")
def _spectrum_books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return Books(tmp_path_factory.mktemp("spectrum"))


@pytest.fixture
def books(_spectrum_books: Books, tmp_path: Path) -> Callable[..., Store]:
    """A function: a store with these invoices for Spectrum."""
    return lambda *invoices: _spectrum_books.with_invoices(tmp_path, *invoices)
