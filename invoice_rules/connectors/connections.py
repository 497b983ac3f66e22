"""Connections to services: make, list, change and end them, and talk over one. Everything that front ends and clients need stands here."""

from invoice_rules.connectors.known import Connection, change, connection, connections
from invoice_rules.connectors.opening import address, companies, session

__all__ = ["Connection", "address", "change", "companies", "connection", "connections", "session"]
