"""Counterparts that are started once a worker."""

from collections.abc import Iterator

import pytest

from tests.connectors import wiremock as counterpart
from tests.connectors.wiremock import WireMock
from tests.connectors.xeroserver import XeroServer, running


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
def _xero() -> Iterator[XeroServer]:
    with running() as server:
        yield server


@pytest.fixture
def xero(_xero: XeroServer) -> XeroServer:
    """A Xero with nothing in it, behind its own description where that is at hand."""
    _xero.reset()
    return _xero
