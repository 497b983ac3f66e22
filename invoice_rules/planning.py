"""`plan(report, store)`: what an import would do, invoice by invoice. It only classifies; nothing is written (X-6)."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.chargeplans import with_plans
from invoice_rules.columnmarks import UNDECIDED as MARK_UNDECIDED
from invoice_rules.comparing import ANOTHER
from invoice_rules.crediting import REPLACED
from invoice_rules.crosschecks import SAME_NUMBER
from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.fields import STATUS, RuleSet
from invoice_rules.grouping import NO_LINES
from invoice_rules.problems import Finding, Severity
from invoice_rules.reading.assembling import SWALLOWED
from invoice_rules.reading.templates import UNREAD
from invoice_rules.results import Outcome, Plan, Report
from invoice_rules.totals import TOTAL_ROW
from invoice_rules.values.dates import UNDECIDED as ORDER_UNDECIDED
from invoice_rules.wholefile import RIVALS

OVERRIDES = ("closed-books",)
"""Errors that an administrator may let pass for one batch, which its receipt records (X-24)."""
_OF_EVERY_SET = (ANOTHER, MARK_UNDECIDED, NO_LINES, ORDER_UNDECIDED, REPLACED, SAME_NUMBER, SWALLOWED, TOTAL_ROW, UNREAD, RIVALS)

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store


def plan(
    report: Report,
    store: "Store",
    *,
    accept: Sequence[str] = (),
    all_or_nothing: bool | None = None,
    open_items_complete: bool = False,
    close_absent: bool = False,
    user: str | None = None,
) -> Plan:
    """Classify each invoice of a report: create, update, unchanged, skip or reject.

    `accept` names the holds that somebody confirmed for this batch (X-19), and closed books that an administrator overrides (X-24). `all_or_nothing` is by
    default as the rule set says (S1-15). `open_items_complete` declares the file the complete
    list of open items; only `close_absent` then closes as Paid what it does not name (X-20), in closed books where those are accepted (X-24).
    Raises CannotRun for a report made without a view of the store, or of another entity's: its rules have not seen what is on
    file, and guessing here would let in what they would have held; also for a list of open items that cannot be one. Raises Outrun when the books changed since it was made.
    """
    from invoice_rules.store import absent_invoices, may_close, user_name, with_lines

    entity = store.entity
    _refuse_unfit(report, entity.name)
    if entity.revision != report.entity.revision:
        raise Outrun("Somebody changed these books while the file was checked. Nothing was written. Check the file again to see what is new.")
    _may_override(report, store, accept)
    report = with_lines(report, store)
    outcomes = _classified(report, accept)
    all_or_nothing = report.rules.all_or_nothing if all_or_nothing is None else all_or_nothing
    nothing = bool(report.unsettled(accept))
    if all_or_nothing and (outcomes == Outcome.REJECTED).any():
        outcomes[:], nothing = Outcome.REJECTED, True
    complete = open_items_complete or close_absent
    absent = absent_invoices(report, store) if complete else None
    closing = close_absent and not nothing
    late = may_close(report, absent, store, accept) if closing else ()
    if report.rules.plans:
        closed = pa.array(absent["key"] if closing and absent is not None else [], pa.large_string())
        report = with_plans(report, np.isin(outcomes, (Outcome.CREATED, Outcome.UPDATED)), closed, store.context(), dt.date.today())
    return Plan(
        id=uuid.uuid4().hex,
        report=report,
        store=store,
        outcomes=outcomes,
        revision=report.entity.revision,
        accepted_holds=tuple(sorted({*_accepted(report, accept), *late})),
        all_or_nothing=all_or_nothing,
        open_items_complete=absent is not None,
        close_absent=closing,
        absent=absent,
        user=user_name(user),
    )


def acceptable(rules: RuleSet) -> tuple[str, ...]:
    """What `accept` may name in a rule set: its own kinds of hold, those of every file, and what an administrator overrides (X-19, X-24)."""
    known = [rule.id for rule in (*(rule for _, rule in rules.rules), *map(rules.weighed, _OF_EVERY_SET)) if rule.severity == Severity.HOLD]
    return tuple(sorted({*known, *OVERRIDES}))


def known_holds(accept: Sequence[str], rules: RuleSet) -> None:
    """Raise CannotRun for a kind of hold that a rule set does not have, naming those that there are (X-19)."""
    known = acceptable(rules)
    for name in accept:
        if name not in known:
            raise CannotRun(f'"{name}" is no hold of {rules.title}. Write one of: {", ".join(known)}.')


def _may_override(report: Report, store: "Store", accept: Sequence[str]) -> None:
    """Raise CannotRun where an error would be overridden by somebody who may not (X-24)."""
    if any(_overridden(found, accept) for found in report.problems.findings):
        store.require("administrator", "Importing into closed books")


def _overridden(found: Finding, accept: Sequence[str]) -> bool:
    """Whether this is an error that an administrator lets pass for this batch."""
    return found.rule.id in OVERRIDES and found.rule.id in accept and found.at is not None


def _refuse_unfit(report: Report, entity: str) -> None:
    if report.known is None:
        raise CannotRun("This file was checked without looking at the store. Check it again with context=store.context(), then plan it.")
    if report.entity.name != entity:
        raise CannotRun(f"This file was checked for {report.entity.name}, and the store is open for {entity}. Check it again for {entity}.")


def _classified(report: Report, accept: Sequence[str]) -> np.ndarray:
    """(invoices,) int8 of `Outcome`."""
    known, differs = _known(report)
    met = Outcome.SKIPPED if report.rules.existing == "skip" else Outcome.UNCHANGED
    outcomes = np.where(known, met, Outcome.CREATED).astype(np.int8)
    if report.rules.existing != "skip":
        outcomes[known & differs] = Outcome.UPDATED
    outcomes[kept_out(report, accept)] = Outcome.REJECTED
    return outcomes


def _known(report: Report) -> tuple[np.ndarray, np.ndarray]:
    """(invoices,) bool twice: the store knows it, and it differs from what is stored."""
    known, differs = np.zeros(report.invoices, bool), np.zeros(report.invoices, bool)
    assert report.known is not None
    known[report.known.at] = True
    differs[report.known.at[report.known.differs | _incomplete(report)]] = True
    return known, differs


def _incomplete(report: Report) -> np.ndarray:
    """Customers that an invoice brought are completed by their own file, even where it says nothing new (S3-29)."""
    assert report.known is not None
    if report.rules.document != "customer" or STATUS not in report.known.was or not len(report.known.at):
        return np.zeros(len(report.known.at), bool)
    return pc.equal(report.known.was.take(STATUS), "Incomplete").fill_null(False).to_numpy(zero_copy_only=False)


def kept_out(report: Report, accept: Sequence[str]) -> np.ndarray:
    """(invoices,) bool: kept out by an error, or by a hold that nobody confirmed (X-19)."""
    out = np.zeros(report.invoices, bool)
    for found in report.problems.findings:
        open_hold = found.weight == Severity.HOLD and found.rule.id not in accept
        if found.at is not None and (open_hold or (found.weight == Severity.ERROR and not _overridden(found, accept))):
            out[report.invoice[found.at]] = True
    return np.ones(report.invoices, bool) if report.unsettled(accept) else out


def _accepted(report: Report, accept: Sequence[str]) -> tuple[str, ...]:
    """The confirmed holds, and the overridden errors, that this file really has."""
    met = {found.rule.id for found in report.problems.findings if found.weight == Severity.HOLD or _overridden(found, accept)}
    return tuple(sorted(met & set(accept)))
