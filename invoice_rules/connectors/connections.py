"""Connections to services: make, list, change and end them, and talk over one. Everything that front ends and clients need stands here."""

from invoice_rules.connectors.asking import Ask, Cancelled
from invoice_rules.connectors.connecting import connect, disconnect
from invoice_rules.connectors.known import Connection, change, connection, connections
from invoice_rules.connectors.opening import address, companies, session
from invoice_rules.connectors.systems import SYSTEMS, system

__all__ = ["SYSTEMS", "Ask", "Cancelled", "Connection", "address", "change", "companies", "connect", "connection", "connections", "disconnect", "session", "system"]
