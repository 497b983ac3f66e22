"""Counterparts that are started once a worker."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from invoice_rules.store import Store
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
def xero(_xero: "XeroServer") -> "XeroServer":
    """A Xero with nothing in it, behind its own description where that is at hand."""
    _xero.reset()
    return _xero


@pytest.fixture(scope="session")
def _spectrum_books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return Books(tmp_path_factory.mktemp("spectrum"))


@pytest.fixture
def books(_spectrum_books: Books, tmp_path: Path) -> Callable[..., Store]:
    """A function: a store with these invoices for Spectrum."""
    return lambda *invoices: _spectrum_books.with_invoices(tmp_path, *invoices)
