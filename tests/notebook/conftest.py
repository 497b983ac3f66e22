"""Counterparts on loopback that the tests of connections share, started once a worker."""

from tests.connectors.conftest import _wiremock, _xero, wiremock, xero  # noqa: F401  # fixtures
