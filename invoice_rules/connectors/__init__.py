"""Connectors: QuickBooks and Autotask as sources, Xero and Spectrum as destinations.

A source gives a file of its own documents (`fetch`), which goes the way of every file. A destination gets invoices that the store holds, and the
store's ledger sees to it that none goes twice. Needs the extra `connect`.
"""
