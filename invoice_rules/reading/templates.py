"""Template workbooks that come back: recognised by what they say of themselves, their declared totals read, older and damaged ones told.

A template says what it is on a sheet that only programs show and, once more, in the properties of the file. Each sheet that holds no
data has a mark in its first cell, so that it is known under any name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree

from invoice_rules.fields import RuleSet
from invoice_rules.problems import Finding, Rule, Severity, quoted
from invoice_rules.reading.facts import SheetFacts
from invoice_rules.reading.guards import Parts
from invoice_rules.reading.headings import SKIPPED, folded
from invoice_rules.reading.scan import column_number
from invoice_rules.reading.sheets import cells_of
from invoice_rules.rulesets import rule_sets
from invoice_rules.table import Table, Template
from invoice_rules.values import declared_amount, declared_number, is_currency

FORMAT = "1"
META_MARK, COVER_MARK, EXAMPLES_MARK, GUIDE_MARK, LISTS_MARK = "ir_template", "ir_cover", "ir_examples", "ir_guide", "ir_lists"
COUNT_KEY, TOTAL_KEY = "ir_count", "ir_total"
FACTS = ("sender", "period", "contact")
PROPERTIES = "ir."
_MARKS = frozenset((META_MARK, COVER_MARK, EXAMPLES_MARK, GUIDE_MARK, LISTS_MARK))
_CODE, _VALUE = 2, 3
"""Where on the cover the currency and the declared number stand, counted from the column of the marks."""
_PART = "docprops/custom.xml"
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NO_RESULT = "a formula whose result was not saved"

KNOWN = Rule("template", "This is our template for {name}: its columns are known without a mapping.", "S3-15", "A template of ours is recognised.", Severity.NOTICE)
OTHER = Rule("template", "This is our template for {name}, and it is checked as {other}. Choose the rules of {name}, or the other file.", "S3-15", severity=Severity.WARNING)
RENAMED = Rule("template", "In the template {renamed}. It is read all the same.", "S3-15", severity=Severity.NOTICE)
OLDER = Rule("template-older", "This template was made from earlier rules of {name}{versions}. {changes}It is read all the same; send a new template before the next file.", "S3-15", "A template of an older version is read, and what changed since is told.", Severity.WARNING)
DAMAGED = Rule("template-damaged", "The template has lost {lost}. What is left of it was read; compare the number of {document}s and their total with the sender's own.", "X-8", "A template that lost parts is read as far as possible.", Severity.WARNING)
UNREAD = Rule("template-declared", "The cover declares {value} as {what}, which cannot be read, so it was not compared. Ask the sender for it, or confirm that the file goes in without it.", "X-8", "What the cover declares can be read.", Severity.HOLD)
RULES = (KNOWN, OTHER, OLDER, DAMAGED, UNREAD)


@dataclass(frozen=True)
class Seen:
    """What a workbook shows of a template: `own` are its sheets without data, `findings` what of its cover cannot be read."""

    template: Template
    declared: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """The template's own headings, folded."""
        return frozenset(folded(heading) for heading in self.template.headings.values())


def properties(parts: Parts | None) -> Mapping[str, str]:
    """What the properties of the file say of a template: rules, version, schema, id; nothing where it is none of ours."""
    name = next((its for its in parts.archive.namelist() if its.lower() == _PART), "") if parts else ""
    if parts is None or not name:
        return {}
    root = ElementTree.fromstring(parts.archive.read(name))  # `guards` has read it before and let no entity in
    found = {str(one.get("name", "")): "".join(one.itertext()).strip() for one in root}
    return {name.removeprefix(PROPERTIES): value for name, value in found.items() if name.startswith(PROPERTIES)}


def seen(heads: Mapping[str, Sequence[Sequence[str]]], said: Mapping[str, str]) -> Seen | None:
    """The template that the first rows of a workbook's sheets and its properties show; None where it is none of ours."""
    marked = {_mark(head): name for name, head in heads.items() if _mark(head)}
    if not marked and "rules" not in said:
        return None
    meta = {row[0]: row[1] for row in heads[marked[META_MARK]] if len(row) > 1} if META_MARK in marked else {}
    about = {**said, **meta}
    lost: tuple[str, ...] = () if META_MARK in marked else ("the hidden sheet that names its columns",)
    lost += () if COVER_MARK in marked else ("its cover sheet with the declared totals",)
    template = Template(
        rules=about.get("rules", ""), version=about.get("version", ""), schema=about.get("schema", ""), id=about.get("id", ""), sheet=about.get("sheet", ""),
        headings={name: bare(its) for name, its in _parted(meta, "field.").items()}, settings=_parted(meta, "setting."), lost=lost,
    )  # fmt: skip
    declared, findings = _declared(heads[marked[COVER_MARK]]) if COVER_MARK in marked else ({}, [])
    return Seen(template, declared, frozenset(marked.values()), tuple(findings))


def with_unread(head: Sequence[Sequence[str]], about: SheetFacts | None) -> Sequence[Sequence[str]]:
    """The first rows of a cover with what its error cells show and where a formula has no result: both are read as blank, and may be what it declares."""
    if about is None or _mark(head) != COVER_MARK:
        return head
    cells = {(row, column): about.shown[which] for row, column, which in cells_of(about.errors).tolist()}
    cells |= {(int(found[2]), column_number(found[1])): _NO_RESULT for its in about.uncomputed if (found := _ADDRESS.fullmatch(its))}
    rows = [list(row) for row in head]
    for (row, column), text in cells.items():
        if row <= len(rows) and column <= _VALUE + 1:
            rows[row - 1] += [""] * (column - len(rows[row - 1]))
            rows[row - 1][column - 1] = text
    return rows


def bare(heading: str) -> str:
    """A heading without the star that required ones have."""
    return heading.strip().removesuffix("*").rstrip()


def table_of(seen: Seen, table: Table) -> Table:
    """The table of a template: what stands above its headings is ours, and is not told."""
    kept = tuple(found for found in table.findings if found.rule is not SKIPPED)
    return replace(table, findings=(*kept, *seen.findings), declared=seen.declared, template=seen.template)


def _mark(head: Sequence[Sequence[str]]) -> str:
    first = head[0][0] if head and head[0] else ""
    return first if first in _MARKS else ""


def _parted(meta: Mapping[str, str], start: str) -> dict[str, str]:
    return {name.removeprefix(start): value for name, value in meta.items() if name.startswith(start)}


def _declared(cover: Sequence[Sequence[str]]) -> tuple[dict[str, str], list[Finding]]:
    """({"count": …, "USD": …}, what cannot be read) from the rows of the cover."""
    declared: dict[str, str] = {}
    findings: list[Finding] = []
    for row in cover:
        cells = [cell.strip() for cell in row] + [""] * (_VALUE + 1)
        code, value = cells[_CODE].upper(), cells[_VALUE]
        if cells[0] not in (COUNT_KEY, TOTAL_KEY) or not value:
            continue
        key, what = ("count", "the number of documents") if cells[0] == COUNT_KEY else (code, f"the total in {code or 'no currency'}")
        if key in declared or not _readable(key, value):
            findings.append(Finding(UNREAD, facts={"value": quoted(value), "what": what}))
        else:
            declared[key] = value
    return declared, findings


def _readable(key: str, value: str) -> bool:
    """Whether a declared number is one: whole and not below zero for a count, an amount of its currency for a total."""
    if key == "count":
        return (number := declared_number(value)) is not None and number >= 0
    return is_currency(key) and declared_amount(value, key) is not None


def told_of_template(table: Table, rules: RuleSet, fed: Mapping[str, str], kept: Mapping[str, str]) -> list[Finding]:
    """What is to be said of a template that is checked with these rules; nothing where the table is none.

    `fed` are the fields with a column and its heading, `kept` those of the template's settings that there still are.
    """
    template = table.template
    if template is None:
        return []
    renamed, lost = _headings(template, table, fed)
    lost = [*template.lost, *(f"the column {quoted(its)}" for its in lost)]
    own = rule_sets().get(template.rules)
    if template.rules and template.rules != rules.name:
        return [Finding(OTHER, facts={"name": own.title if own else template.rules, "other": rules.title}), *_damaged(lost, rules)]
    older = bool(template.schema) and template.schema != rules.fingerprint
    unknown = [f"{name}={value}" for name, value in template.settings.items() if name not in kept]
    lost += [] if older else [f"the meaning of its setting {quoted(setting)}" for setting in unknown]
    known = [Finding(KNOWN, facts={"name": rules.title})] if template.headings else []
    known += [Finding(RENAMED, facts={"renamed": _listed(renamed)})] if renamed else []
    return [*known, *_damaged(lost, rules), *(_older(template, rules, fed, unknown) if older else ())]


def _headings(template: Template, table: Table, fed: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """(what each of the template's columns under another heading is called, the headings of those that are gone)."""
    present, own = {bare(heading).casefold() for heading in table.headings}, {its.casefold() for its in template.headings.values()}
    absent = {name: its for name, its in template.headings.items() if its.casefold() not in present}
    now = {name: bare(fed[name]) for name in absent if name in fed and bare(fed[name]).casefold() not in own}
    return [f"{quoted(its)} is called {quoted(now[name])} now" for name, its in absent.items() if name in now], [its for name, its in absent.items() if name not in now]


def _damaged(lost: Sequence[str], rules: RuleSet) -> list[Finding]:
    return [Finding(DAMAGED, facts={"lost": _listed(lost), "document": rules.document})] if lost else []


def _older(template: Template, rules: RuleSet, fed: Mapping[str, str], unknown: Sequence[str]) -> list[Finding]:
    """What changed since the template was made."""
    new = [one.title for name, one in rules.offered.items() if template.headings and name not in {*template.headings, *template.settings} and not one.made]
    moved = [one.title for name, one in rules.offered.items() if one.title in new and name in fed]
    gone = [heading for name, heading in template.headings.items() if name not in rules.offered]
    parts = [("Renamed since: ", moved), ("New since: ", [its for its in new if its not in moved]), ("No longer asked for under its name: ", gone)]
    parts += [("Settings that no longer count: ", list(unknown))]
    changes = "".join(f"{words}{', '.join(titles)}. " for words, titles in parts if titles)
    versions = f" (version {template.version}, now {rules.version})" if template.version != rules.version else ""
    return [Finding(OLDER, facts={"name": rules.title, "versions": versions, "changes": changes})] if changes or versions else []


def _listed(parts: Sequence[str], most: int = 5) -> str:
    shown = list(parts[:most]) + ([f"{len(parts) - most} more columns"] if len(parts) > most else [])
    return re.sub(r", ([^,]*)$", r" and \1", ", ".join(shown))
