"""Rules tried out: on a file, on what was imported before, and what on file looks entered twice (X-9). Nothing is ever written.

    @rule("large-amount", "Amount ({amount}) is over 50,000.00. Ask for approval first.", "amount")
    def large_amount(rows):
        return rows["amount"] <= 50_000_00          # amounts are whole cents

    lab = RulesLab("books.sqlite", rules="paystand.receivables").change(large_amount)
    lab.on("october.xlsx")
    lab.on_past_imports()

A past import is judged again from its file, where that still lies where it was and is the same to the byte; else the documents that it left
on file are judged, of which cells that stayed out are not kept. Both are judged twice, by the rules as they are and as they would be, so
that what is told is the change alone. Neither sees the books: rules about what would change on file are not tried.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import invoice_rules
from invoice_rules import CannotRun, Severity, examine, match, plural, read
from invoice_rules import fields as declared
from invoice_rules.fields import RuleSet
from invoice_rules.notebook import books
from invoice_rules.notebook.review import near_duplicates
from invoice_rules.notebook.shown import Listing, Shown, lead, note
from invoice_rules.notebook.unknowing import Unknowing
from invoice_rules.planning import kept_out
from invoice_rules.store.kept import BATCH, CURRENCY

if TYPE_CHECKING:
    import pandas as pd

_WENT_IN = ("created", "updated", "unchanged", "skipped")
_TINTS = {"error": "bad", "hold": "neutral", "warning": "neutral"}


def rule(id: str, message: str, *fields: str, **options: Any) -> Any:
    """Mark a function of the typed rows as a rule over these fields, as `invoice_rules.fields.rule` does; here it need not cite a behaviour."""
    return declared.rule(id, message, *fields, **{"spec": "", **options})


@dataclass(frozen=True)
class Judged:
    """What a change does to one past import: how many documents were looked at, which would stay out now, and why; `basis` says from what."""

    receipt: Any
    basis: str
    documents: int = 0
    now_out: tuple[str, ...] = ()
    now_in: int = 0
    reasons: tuple[str, ...] = ()


class RulesLab:
    """A rule set, as it is and as it would be. `change` and `without` give another lab; this one stays."""

    def __init__(self, store: books.Where = None, entity: str = "main", rules: str | RuleSet = "paystand.receivables"):
        self.store = books.opened(store, entity)
        self.original = rules if isinstance(rules, RuleSet) else books.rules_named(rules)
        self.changed = self.original

    def change(self, *checks: Any) -> "RulesLab":
        """With these rules, each in place of the one of the same name or beside the others. Raises CannotRun for one that reads a field that is not there."""
        for check in checks:
            for name in (*(check.statistics or {}).get("fields", ()), *(check.statistics or {}).get("also", ())):
                if not _is_read(name, self.original):
                    known = ", ".join(self.original.fields)
                    raise CannotRun(f"Rule {check.name} reads the field {name}, which {self.original.name} does not have. Its fields: {known}.")
        names = {check.name for check in checks}
        return self._with([*(check for check in self.changed.schema.checks if check.name not in names), *checks])

    def field(self, role: str) -> str:
        """The field that is the documents' amount, balance, date, due_date, number or customer, whatever the rule set calls it. Raises CannotRun for none."""
        if not (name := self.original.role(role)):
            raise CannotRun(f"{self.original.name} has no field that is the {role}. Its fields: {', '.join(self.original.fields)}.")
        return name

    def without(self, *names: str) -> "RulesLab":
        """Without these rules over several fields. Raises CannotRun for a name that is not one of them."""
        known = [check.name for check in self.changed.schema.checks]
        if unknown := [name for name in names if name not in known]:
            raise CannotRun(f'"{unknown[0]}" is no rule over several fields of {self.original.name}. There are: {", ".join(map(str, known)) or "none"}.')
        return self._with([check for check in self.changed.schema.checks if check.name not in names])

    def _with(self, checks: Sequence[Any]) -> "RulesLab":
        import pandera.pandas as pandera

        schema = self.changed.schema
        other = RulesLab(self.store, self.store.entity.name, self.original)
        made = pandera.DataFrameSchema(schema.columns, checks=list(checks), name=schema.name, title=schema.title)
        other.changed = replace(self.changed, schema=made)
        return other

    def rules(self) -> Shown:
        """The rules as they would be; those that are new or gone are marked."""
        was, now = _ids(self.original), _ids(self.changed)
        its_own = set(map(id, self.original.schema.checks))
        given = {check.name for check in self.changed.schema.checks if id(check) not in its_own}
        rows = [[name, says, severity, "new" if name not in was else "changed" if name in given else ""] for name, (says, severity) in now.items()]
        rows += [[name, says, severity, "taken out"] for name, (says, severity) in was.items() if name not in now]
        differ = sum(bool(row[-1]) for row in rows)
        said = f"{self.original.title}: {plural(len(now), 'rule')}, {f'{differ} changed here' if differ else 'as they are'}."
        tints = {**_TINTS, "new": "good", "changed": "neutral", "taken out": "bad"}
        return Shown(lead(said), Listing("Rules", ["Rule", "What it wants", "Severity", "Here"], rows, tints=tints))

    def on(self, source: Any, settings: dict[str, str] | None = None, most: int = 30) -> Shown:
        """Try the rules on a file or a frame, as if the books were empty."""
        table = read(source, rules=self.changed)
        was, now = (examine(table, rules, None, settings, self._context) for rules in (self.original, self.changed))
        counts = now.problems.counts()
        before = {(one.rule, one.field): one.count for one in was.problems.counts().itertuples()}
        rows = [
            [one.rule, books.title(one.field, now.rules.name), one.severity, f"{one.count:,}", f"{before.get((one.rule, one.field), 0):,}"]
            for one in counts.itertuples()
            if one.severity != "notice"
        ]
        first = [[p.row, p.cell, p.rule, p.message] for p in _first(now.problems.at_least(Severity.WARNING), most)]
        differ = int((now.ready & ~was.ready).sum()), int((was.ready & ~now.ready).sum())
        change = f"By the rules as they are, {was.accepted:,} of {was.invoices:,} go in; by these, {now.accepted:,}."
        change += f" {differ[1]:,} more stay out, {differ[0]:,} more go in."
        listing = Listing("By rule", ["Rule", "Field", "Severity", "Count", "Without the change"], rows, right=["Count", "Without the change"], tints=_TINTS)
        problems = Listing("The first problems", ["Row", "Cell", "Rule", "What is wrong"], first, right=["Row"])
        said = change if self.changed is not self.original else None
        return Shown(lead(now.summary()), said, listing if rows else None, problems if first else None)

    def judged(self) -> list[Judged]:
        """What the change does to each past import of the rule set, the latest first; batches that were undone are left out."""
        made = [one for one in reversed(invoice_rules.store.receipts(self.store)) if one.kind == "import" and one.state != "undone"]
        return [self._judged(one) for one in made if one.rules == self.original.name]

    def on_past_imports(self) -> Shown:
        """Which past imports would fail now, and why."""
        found = self.judged()
        out = len({key for one in found for key in one.now_out})
        rows = [
            [one.receipt.number, books.when(one.receipt.at), one.receipt.source, one.basis, f"{one.documents:,}", f"{len(one.now_out):,}", "\n".join(one.reasons)]
            for one in found
        ]
        headings = ["No.", "When", "File", "Judged from", "Documents", "Would stay out", "Why"]
        document = self.original.document
        said = f"{plural(out, document)} of {plural(len(found), 'past import')} would stay out now." if found else "No import of this rule set is in force."
        in_now = sum(one.now_in for one in found)
        more = note(f"{plural(in_now, document)} that stayed out then would go in now.") if in_now else None
        return Shown(lead(said), Listing("Past imports by the changed rules", headings, rows, right=["No.", "Documents", "Would stay out"]) if rows else None, more)

    def near_duplicates(self) -> Shown:
        """Documents on file that look as if they were entered twice: same customer and amount, similar number, dates within a week."""
        return near_duplicates(self._parts(self._on_file), self.original, self._context)

    @cached_property
    def _context(self) -> Unknowing:
        return Unknowing(self.store.context())

    @cached_property
    def _on_file(self) -> "pd.DataFrame":
        return invoice_rules.store.kept(self.store, self.original)

    def _parts(self, frame: "pd.DataFrame") -> list[tuple["pd.DataFrame", dict[str, str]]]:
        """The documents on file with the settings that they need, a part for each currency."""
        return [(part.drop(columns=[BATCH, CURRENCY]).reset_index(drop=True), _settings(self.original, str(code))) for code, part in frame.groupby(CURRENCY)]

    def _judged(self, made: Any) -> Judged:
        path = Path(made.details.get("path") or "")
        if made.sha256 and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == made.sha256:
            try:
                return self._from_file(made, path) or self._from_store(made)
            except CannotRun:
                return self._from_store(made)
        return self._from_store(made)

    def _from_file(self, made: Any, path: Path) -> Judged | None:
        """Judged as it was imported; None where the file alone does not let in what went in then, as where somebody typed into cells."""
        kept = made.details
        table = read(path, rules=self.original, sheet=kept.get("sheet") or None, encoding=kept.get("encoding") or None)
        given = {name: one["column"] for name, one in kept.get("mapping", {}).items() if one["column"] is not None and one["column"] < len(table.headings)}
        settings = dict(kept.get("settings", {}))
        mapping = match(table.headings, self.original.under(settings), table, None, given)
        corrections = self.store.corrections(made.rules, made.sender) if made.sender else None
        options = {"corrections": corrections, "sender": made.sender, "apply_fixes": bool(kept.get("corrections", {}).get("fixed"))}
        was, now = (examine(table, rules, mapping, settings, self._context, **options) for rules in (self.original, self.changed))
        missing = (~kept_out(was, _accepted(made))).sum() < sum(made.counts.get(word, 0) for word in _WENT_IN)
        return None if missing else _compared(made, "its file", [(was, now)])

    def _from_store(self, made: Any) -> Judged:
        mine = self._on_file[self._on_file[BATCH] == made.number]
        if not len(mine):
            return Judged(made, f"nothing: {_why_nothing(made)}")
        parts, accept = self._parts(mine), _accepted(made)
        pairs = [(examine(part, self.original, None, settings, self._context), examine(part, self.changed, None, settings, self._context)) for part, settings in parts]
        blind = sum(int((kept_out(was, accept) & kept_out(now, accept)).sum()) for was, now in pairs)
        found = _compared(made, "what it left on file" + (f"; {blind:,} cannot be judged from that" if blind else ""), pairs)
        gone = _left(made) - found.documents
        told = f"; {gone:,} {'was' if gone == 1 else 'were'} changed by later imports and cannot be judged"
        return replace(found, basis=found.basis + told) if gone > 0 else found


def _compared(made: Any, basis: str, pairs: Iterable[Any]) -> Judged:
    """What the change alone does: documents that would go in by one set of rules and not by the other."""
    documents, in_now, accept = 0, 0, _accepted(made)
    out: list[str] = []
    reasons: dict[str, tuple[str, int]] = {}
    for was, now in pairs:
        was_out, now_out = kept_out(was, accept), kept_out(now, accept)
        newly = ~was_out & now_out
        documents, in_now = documents + now.invoices, in_now + int((was_out & ~now_out).sum())
        keys = now.rules.keys(now.rows)
        out += [str(keys[at].as_py()) if keys is not None else str(now.rows.index[at]) for at in newly.nonzero()[0].tolist()]
        serious = now.problems.at_least(Severity.HOLD).within(newly[now.invoice]) if newly.any() else []
        for problem in serious:
            if problem.severity < Severity.ERROR and problem.rule in accept:
                continue
            first, count = reasons.get(problem.rule, (problem.message, 0))
            reasons[problem.rule] = (first, count + 1)
    told = [f"{message}" + (f" ({count:,} times)" if count > 1 else "") for message, count in reasons.values()]
    return Judged(made, basis, documents, tuple(out), in_now, tuple(told))


def _left(made: Any) -> int:
    """How many documents an import wrote: created, updated, or closed because they were absent."""
    return made.counts.get("created", 0) + made.counts.get("updated", 0) + made.details.get("closed", 0)


def _why_nothing(made: Any) -> str:
    """Why there is no document on file that an import wrote last."""
    if _left(made):
        return "later imports wrote over what it left on file"
    return "all of it was on file already" if any(made.counts.get(word) for word in _WENT_IN) else "no document of it went in"


def _accepted(made: Any) -> tuple[str, ...]:
    """The holds that somebody let pass in an import."""
    return tuple(made.details.get("accepted_holds", ()))


def _settings(rules: RuleSet, code: str) -> dict[str, str]:
    """What a part of the documents on file needs: its currency, where no field says it; many rows a document, where it may have them."""
    many = {"rowMode": "multi"} if any(option.name == "rowMode" and "multi" in option.choices for option in rules.options) else {}
    return {**({} if "currency" in rules.fields else {"currency": code}), **many}


def _is_read(name: str, rules: RuleSet) -> bool:
    """Whether a rule may read a column of this name: a field, what is worked out, a figure over lines, a field of a link."""
    head, _, rest = name.partition(".")
    if not rest:
        return name in rules.fields or name == "currency" or any(made.fills == name for made in rules.computed)
    if head in ("sum", "min", "max", "count"):
        return rest == "lines" or _is_read(rest, rules)
    return head in rules.links and (rest in invoice_rules.references.kind(rules.links[head].kind).fields or rest in ("count", "keys", "later", "nearest"))


def _ids(rules: RuleSet) -> dict[str, tuple[str, str]]:
    """Rule -> what it wants and how far it reaches, each once."""
    return {one.id: (one.says, str(one.severity)) for _, one in reversed(rules.rules)}


def _first(problems: Iterable[Any], most: int) -> list[Any]:
    from itertools import islice

    return list(islice(iter(problems), most))


__all__ = ["Judged", "RulesLab", "rule"]
