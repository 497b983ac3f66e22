"""Invoices that a collection or AutoPay plan will charge: what an update does to their plan (S3-27)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.fields import STATUS, RuleSet
from invoice_rules.linking import looked_up
from invoice_rules.problems import Facts, Finding, Rule, Severity, plural
from invoice_rules.results import Context, Known, Report
from invoice_rules.table import TEXT, text_array
from invoice_rules.values import show_date

_TOLD = Severity.NOTICE
REVIEW = Rule("plan-review", "The plan {plan} charges this {document} on {charge}, {days} from now, and {change}: the plan is to be reviewed.", "S3-27", "A change of amount or due date shortly before a plan's charge asks for a review.", _TOLD)
CANCELED = Rule("plan-canceled", "The plan {plan} would charge this {document} on {charge}; it is closed now, so the plan is canceled.", "S3-27", "A closed receivable leaves its plan.", _TOLD)
KEPT = Rule("plan-kept", "The plan {plan} still charges this {document} on {charge}; the plan is kept.", "S3-27", "Any other change keeps the plan.", _TOLD)
ABSENT = Rule("plan-canceled-absent", "The plan {plan} would charge {document} {key} on {charge}; the file does not name it and it is closed, so the plan is canceled.", "S3-27", "A receivable that is closed because a complete list does not name it leaves its plan.", _TOLD)
RULES = (REVIEW, CANCELED, KEPT, ABSENT)
DAYS = 3
"""Days before the charge in which a change asks for a review, where the setting `planDays` says nothing else."""


def planned_charges(rows: pd.DataFrame, rules: RuleSet, known: Known, context: Context, settings: Mapping[str, str], today: dt.date) -> list[Finding]:
    """What becomes of the plans of the known documents that an import changes: one of review, canceled, kept. Nothing becomes of charges in the past."""
    if not rules.plans or not len(known.at):
        return []
    plans = context.reference(rules.plans)
    keys = rules.keys(rows.iloc[known.at]) if len(plans) else None
    if keys is None:
        return []
    place = looked_up(keys, text_array(plans[rules.key].astype(TEXT)))
    coming = _coming(plans, today)
    changed = np.flatnonzero((place >= 0) & known.differs & coming[place])
    days = int(settings.get("planDays") or DAYS)
    outcome = {one: _outcome(rows, rules, known, one, (plans["chargeDate"].iloc[place[one]] - today).days, days) for one in changed.tolist()}
    facts = _facts(rules, known, plans, place, today)
    return [Finding(rule, rules.key, known.at[[one for one, its in outcome.items() if its is rule]], facts) for rule in (REVIEW, CANCELED, KEPT)]


def _coming(plans: pd.DataFrame, today: dt.date) -> np.ndarray:
    """(plans,) bool: the charge is still to come."""
    return np.array([day is not None and not pd.isna(day) and day >= today for day in plans["chargeDate"]], bool)


def of_sound(findings: Sequence[Finding], invoice: np.ndarray, override: str = "closed-books") -> list[Finding]:
    """The findings without what would become of plans of documents that an error keeps out; one that may be overridden does not."""
    if not any(found.rule in RULES for found in findings):
        return list(findings)
    wrong = [invoice[found.at] for found in findings if found.at is not None and found.weight == Severity.ERROR and found.rule.id != override]
    going = ~np.isin(invoice, np.concatenate(wrong)) if wrong else np.ones(len(invoice), bool)
    return [found.only(going) if found.rule in RULES else found for found in findings]


def with_plans(report: Report, going: np.ndarray, closed: pa.Array, context: Context, today: dt.date) -> Report:
    """The report of an import that takes in these documents (a mask) and closes those with these keys: what becomes of their plans, and of no others."""
    if not report.rules.plans:
        return report
    rows = going[report.invoice]
    problems = report.problems.reworded(lambda found: found.only(rows) if found.rule in RULES else found)
    return replace(report, problems=problems.with_more(_of_closed(report.rules, closed, context, today)))


def _of_closed(rules: RuleSet, closed: pa.Array, context: Context, today: dt.date) -> list[Finding]:
    plans = context.reference(rules.plans) if len(closed) else pd.DataFrame()
    if not len(plans):
        return []
    met = plans[_coming(plans, today) & pc.is_in(text_array(plans[rules.key].astype(TEXT)), closed).to_numpy(zero_copy_only=False)]
    return [Finding(ABSENT, rules.key, facts={"plan": its["plan"], "key": its[rules.key], "charge": show_date(its["chargeDate"])}) for _, its in met.iterrows()]


def _outcome(rows: pd.DataFrame, rules: RuleSet, known: Known, one: int, until: int, days: int) -> Rule:
    if STATUS in rows and rows[STATUS].iloc[known.at[one]] in ("Paid", "Canceled"):
        return CANCELED
    touched = any(known.changed[name][one] for name in _watched(rules) if name in known.changed)
    return REVIEW if touched and 0 <= until <= days else KEPT


def _watched(rules: RuleSet) -> list[str]:
    return [rules.role(role) for role in ("amount", "balance", "due_date")]


def _facts(rules: RuleSet, known: Known, plans: pd.DataFrame, place: np.ndarray, today: dt.date) -> Facts:
    def facts(at: int, _: str) -> Mapping[str, object]:
        one = known.place(at)
        plan = plans.iloc[place[one]]
        titles = [rules.fields[name].title.lower() for name in _watched(rules) if name in known.changed and known.changed[name][one]]
        said = f"{' and '.join(titles)} {'changes' if len(titles) == 1 else 'change'}"
        return {"plan": plan["plan"], "charge": show_date(plan["chargeDate"]), "days": plural((plan["chargeDate"] - today).days, "day"), "change": said}

    return facts
