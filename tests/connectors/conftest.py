"""Counterparts that are started once a worker."""

from collections.abc import Iterator

import pytest

from tests.connectors import wiremock as counterpart
from tests.connectors.wiremock import WireMock


@pytest.fixture(scope="session")
def _wiremock() -> Iterator[WireMock]:
    with counterpart.wiremock() as server:
        yield server


@pytest.fixture
def wiremock(_wiremock: WireMock) -> WireMock:
    """A WireMock that knows nothing yet: no answers, an empty journal."""
    _wiremock.clear()
    return _wiremock
