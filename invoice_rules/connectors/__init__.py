"""Connectors: QuickBooks and Autotask as sources, Xero and Spectrum as destinations.

A source gives a file of its own documents (`fetch`), which goes the way of every file. A destination gets invoices that the store holds, and the
store's ledger sees to it that none goes twice. Needs the extra `connect`. Names are loaded when they are first asked for.
"""

import importlib
from typing import Any

from invoice_rules.about import installing
from invoice_rules.errors import CannotRun

_HOMES = {
    # talking to a service
    "Clock": "clock",
    "Session": "http",
    "Lost": "http",
    "Refused": "http",
    "NotReached": "http",
    "LoggedOut": "http",
    "Pace": "http",
    # connections
    "Ask": "connections",
    "Cancelled": "connections",
    "Connection": "connections",
    "connections": "",
    "connection": "connections",
    "connect": "connections",
    "disconnect": "connections",
    "change": "connections",
    "session": "connections",
    "address": "connections",
    # what front ends say and ask about sending
    "desk": "",
    "customers": "",
    # sources
    "Criteria": "fetching",
    "Fetched": "fetching",
    "count": "fetching",
    "fetch": "fetching",
    "Autotask": "autotask",
    "AutotaskMarker": "autotask",
    "QuickBooks": "quickbooks",
    # destinations
    "Sending": "sending",
    "Xero": "xero",
    "XeroDestination": "xerosending",
    "SpectrumDestination": "spectrum",
}
"""Names and the modules that they live in; "" is a module that is used as a whole."""

_NEEDED = ("authlib", "cryptography", "filelock", "keyring", "requests", "urllib3")

__all__ = [*_HOMES]  # noqa: PLE0604  # names are loaded when first asked for


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'invoice_rules.connectors' has no attribute {name!r}")
    try:
        if not _HOMES[name]:
            return importlib.import_module(f"invoice_rules.connectors.{name}")
        return getattr(importlib.import_module(f"invoice_rules.connectors.{_HOMES[name]}"), name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _NEEDED:
            raise
        raise CannotRun(f"Connections need more parts. Run: {installing('connect')}") from None


def __dir__() -> list[str]:
    return sorted(__all__)
