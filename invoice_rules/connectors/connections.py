"""Connections to services: make, list, change and end them, and talk over one. Everything that front ends and clients need stands here."""

from invoice_rules.connectors.asking import Ask, Cancelled
from invoice_rules.connectors.connecting import connect, disconnect
from invoice_rules.connectors.known import Connection, called, change, connection, connections
from invoice_rules.connectors.opening import address, companies, session
from invoice_rules.connectors.secrets import secrets_file
from invoice_rules.connectors.systems import SYSTEMS, system
from invoice_rules.connectors.tokens import kept_login
from invoice_rules.errors import CannotRun

__all__ = [
    "SYSTEMS", "Ask", "Cancelled", "Connection", "address", "called", "change", "companies", "connect", "connection", "connections", "disconnect", "good_until", "secrets_file",
    "session", "system",
]  # fmt: skip


def good_until(one: Connection) -> str:
    """Until when a login is good at the least, ISO 8601 in UTC; "" where nobody says, or the keyring is closed."""
    try:
        return kept_login(one.secrets, one.name)[1] if system(one.system).authorize else ""
    except CannotRun:
        return ""
