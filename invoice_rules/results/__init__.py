"""What the stages hand on: `Mapping`, `Report`, `Plan`, `Receipt`, and `Context`, the read-only view that a store gives.

All are frozen and carry no behaviour but showing themselves: `to_frame()`, `summary()` and an HTML form for notebooks.
"""

from invoice_rules.results.books import Context, Corrections, Entity, Expected
from invoice_rules.results.known import Known, Stored, compared, joined
from invoice_rules.results.mapping import Mapping, Match
from invoice_rules.results.plan import Outcome, Plan
from invoice_rules.results.receipt import Receipt, exact
from invoice_rules.results.report import Report, amounts
from invoice_rules.results.sending import BEFORE, THERE, TWICE, Answer, Document, Entry, Found, Result, Send, State

__all__ = [
    "BEFORE", "THERE", "TWICE", "Answer", "Context", "Corrections", "Document", "Entity", "Entry", "Expected", "Found", "Known", "Mapping", "Match",
    "Outcome", "Plan", "Receipt", "Report", "Result", "Send", "State", "Stored", "amounts", "compared", "exact", "joined",
]  # fmt: skip
