"""What a front end may ask about a file: its settings with their choices, and the kinds of hold that wait for a yes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from invoice_rules.problems import Finding, Problem, Severity, plural
from invoice_rules.results import Outcome, amounts, exact
from invoice_rules.wizard.choices import Choices

if TYPE_CHECKING:
    from invoice_rules.fields import RuleSet
    from invoice_rules.results import Mapping as Columns
    from invoice_rules.results import Plan, Report
    from invoice_rules.table import Table


ROW_MODE = "rowMode"


@dataclass(frozen=True)
class Hold:
    """One kind of hold (X-19): its rule, how many rows wait for it, and the first of them in words."""

    rule: str
    count: int
    example: Problem
    about_file: bool = False


@dataclass(frozen=True)
class Question:
    """One thing to settle: a setting's name, its title, what it may be, what it is now, and whether the file needs it.

    `choices` is empty where any text will do; `default` says what happens without an answer.
    """

    name: str
    title: str
    choices: tuple[str, ...] = ()
    value: str = ""
    default: str = ""
    required: bool = False


def holds(report: "Report") -> list[Hold]:
    """The kinds of hold of a report, each with its count and its first problem."""
    waiting = report.problems.where(lambda found: found.weight == Severity.HOLD)
    counts: dict[str, int] = {}
    for found in waiting.findings:
        counts[found.rule.id] = counts.get(found.rule.id, 0) + len(found)
    firsts = {rule: waiting.where(partial(_is, rule))[0] for rule in counts}
    return [Hold(rule, count, firsts[rule], about_file=firsts[rule].row is None) for rule, count in counts.items()]


def _is(rule: str, found: Finding) -> bool:
    return found.rule.id == rule


def possible(report: "Report") -> bool:
    """Whether anything of the file could go in once its holds are accepted."""
    return not report.problems.about_file(Severity.ERROR) and bool((report.worst < Severity.ERROR).any())


def nothing_chosen(report: "Report") -> str:
    """That the settings choose no document of the file, and which settings these are; "" where some are chosen (S1-17)."""
    told = report.problems.where(lambda found: _is("nothing-to-import", found))
    return f"{told[0].message} Choose otherwise at the settings." if told else ""


def questions(rules: "RuleSet", table: "Table", mapping: "Columns", choices: Choices, currency: str) -> list[Question]:
    """Required fields without a column first, then the columns' dates and amounts, the currency, the sender, totals and options."""
    from invoice_rules.values import DATE_ORDERS

    said = {**mapping.settings, **choices.settings}
    money = any(field.kind == "money" for field in rules.fields.values())
    fed = {name for name, column in mapping.fields.items() if column is not None}
    needed = [name for name in rules.needed if name not in fed]
    asked = [
        Question(name, field.title, field.choices, said.get(name, ""), "what the file says" if name in fed else "nothing", name in rules.needed)
        for name, field in sorted(rules.offered.items(), key=lambda item: item[0] not in needed)
        if name in said or name in needed or name in rules.batch
    ]
    marks = ("point", "comma")
    for kinds, part, words, options in ((("date",), "order", "order of day and month", DATE_ORDERS), (("money", "number"), "decimal", "decimal mark", marks)):
        columns = [(f"{name}.{part}", f"{field.title}: {words}") for name, field in rules.offered.items() if field.kind in kinds and field.decimals and name in fed]
        asked += [Question(name, title, tuple(options), said.get(name, ""), "as the column shows") for name, title in columns]
    bare = [(f"{name}.padded", f"{field.title}: five digits have lost a zero in front") for name, field in rules.offered.items() if field.slashless and name in fed]
    asked += [Question(name, title, ("no", "yes"), said.get(name, ""), "as the column shows") for name, title in bare]
    asked += [Question("currency", "Currency", (), said.get("currency", ""), currency)] if money and "currency" not in said and "currency" not in fed else []
    asked += [Question("sender", "Sender", (), choices.sender, "nobody in particular")]
    asked += _totals(choices) if money else []
    asked += [_complete(choices)] if rules.role("balance") or choices.open_items_complete else []
    asked += [Question("rows", "Rows", ("all", "visible"), said.get("rows", ""), "all")] if table.hidden is not None and table.hidden.any() else []
    later = [option for option in rules.options if option.name != ROW_MODE]
    return asked + [Question(o.name, o.title, o.choices, said.get(o.name, ""), o.choices[0] if o.choices else "as said" if o.whole else "all") for o in later]


def row_mode(rules: "RuleSet", said: Mapping[str, str]) -> Question | None:
    """Whether a row of the file is a whole document or one of its lines, which is asked before its columns are matched (S0-4)."""
    option = rules.row_mode
    return None if option is None else Question(option.name, option.title, option.choices, said.get(ROW_MODE, ""), option.choices[0])


def _totals(choices: Choices) -> list[Question]:
    said = choices.expected
    count = "" if said is None or said.count is None else str(said.count)
    totals = "" if said is None else " ".join(f"{code}={exact(total, code)}" for code, total in said.totals.items())
    return [
        Question("expect-count", "Declared number of invoices", (), count, "not declared"),
        Question("expect-total", "Declared total", (), totals, "not declared"),
    ]


def _complete(choices: Choices) -> Question:
    return Question("open-items-complete", "The file lists all open invoices", ("yes", "no"), "yes" if choices.open_items_complete else "", "no")


def last_question(plan: "Plan") -> str:
    """What is about to be written, with count, total and entity; "" where nothing changes (X-18, X-23)."""
    noun = plan.report.rules.document
    going = (plan.outcomes == Outcome.CREATED) | (plan.outcomes == Outcome.UPDATED)
    closing = len(plan.absent) if plan.close_absent and plan.absent is not None else 0
    into = f"{amounts(plan.report, going)} into {plan.report.entity.name}"
    parts = [f"import {plural(int(going.sum()), noun)}{into}"] if going.any() else []
    parts += [f"close {plural(closing, 'open ' + noun)} as {plan.report.rules.paid}"] if closing else []
    text = " and ".join(parts)
    return f"{text[0].upper()}{text[1:]}?" if text else ""
