"""What the store knows of a file's rows: what would change, and the rules that follow from it (S3-21 … S3-29, X-9, X-24)."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.alike import books_of, only_where
from invoice_rules.checking import Schema, failures
from invoice_rules.columns import Columns, Typed
from invoice_rules.crediting import signed
from invoice_rules.crosschecks import SAME_NUMBER, advice, customer_at, folded_names, name_instead
from invoice_rules.customers import about_customers
from invoice_rules.enteredtwice import near_on_file
from invoice_rules.fields import DUPLICATE, STATUS, RuleSet
from invoice_rules.problems import Facts, Finding, Rule, Severity, quoted
from invoice_rules.reading.assembling import CELLS
from invoice_rules.results import Context, Known, compared, joined
from invoice_rules.table import TEXT, text_array, text_series
from invoice_rules.values import CellWriter, blank, show_cell, show_date
from invoice_rules.values.columns import nulled_text, places

CHANGED = Rule("changed", "{title} changes from {before} to {after}.", "S3-23", "An update that changes more than amount due and due date is told.", Severity.WARNING)
FIXED = Rule("changed-fixed", "{title} was {before} and would become {after}. It cannot change; a wrong one is corrected by canceling the invoice and sending a new one.", "S3-23", "A field that says whose invoice it is never changes.")
EXISTS = Rule("exists", "{title} {value} was imported before. It is not imported again.", "S0-29", "A key that is on file already is a duplicate where the rule set does not update.")
ANOTHER = Rule("same-contents", "{title} is blank, and the books hold the same {document} already, as {key}. Confirm that this is another one, or leave it out.", "S0-29", "Without a number of its own, what is on file with the same contents waits for a yes.", Severity.HOLD)
SKIPPED = Rule("skipped", "{title} {value} was imported before. It is left as it is.", "S4-18", "A key that is on file already is left out where the rule set skips.", Severity.NOTICE)
CLOSED = Rule("closed-books", "The books are closed until {closed}; this would {what} an invoice dated {shown}. {advice}", "X-24", "Nothing is created or changed in its amount on or before the date to which the books are closed.")
RULES = (CHANGED, FIXED, EXISTS, ANOTHER, SKIPPED, CLOSED)
_PART = 50_000
"""Known rows over which the rules for updates run at a time, with all that is stored of them."""


def known_rows(typed: Typed, rules: RuleSet, context: Context) -> Known:
    """The rows that the store has already, with their stored records and what differs; they are compared in the parts in which the store hands them out."""
    keys, fields = rules.keys(typed.rows), [name for name in (*rules.fields, STATUS) if name != rules.key]
    if keys is None:
        return compared(typed.rows, np.empty(0, np.int64), pd.DataFrame(), fields)

    def look(stored: pd.DataFrame) -> Known:
        place = places(keys, text_array(stored.index.to_series()))
        at = np.flatnonzero(place >= 0)
        return compared(typed.rows, at, stored.iloc[place[at]], fields)

    return joined(context.existing_in_parts(rules, keys, look))


def kept_currencies(rows: pd.DataFrame, about: Columns, known: Known, of: np.ndarray, taken: np.ndarray) -> pa.Array | None:
    """By row of the table the stored code of documents whose file names no currency, where another was assumed; else null (X-17, S3-22). None: there are none.

    `about` shows the cells of documents, `of` is the document of each row that `taken` tells to have been chosen.
    """
    name = about.rules.role("currency")
    if name not in known.changed or not known.changed[name].any():
        return None
    silent = np.ones(len(rows), bool) if name not in about.text else blank(about.text[name])
    stored, assumed = known.was.take(name), text_array(rows[name].iloc[known.at])
    other = pc.fill_null(pc.not_equal(stored, assumed), False).to_numpy(zero_copy_only=False) & silent[known.at]
    if not other.any():
        return None
    document, at = np.full(len(rows), -1), np.full(len(taken), -1)
    document[known.at[other]] = np.flatnonzero(other)
    at[taken] = document[of]
    return stored.take(pa.array(at, mask=at < 0))


def another(typed: Typed, columns: Columns, known: Known, context: Context) -> tuple[Typed, Known, list[Finding]]:
    """Documents that are on file under a key made of their contents, where a second one is refused: each gets a key of its own, and waits for a yes (S0-29)."""
    rules, key = columns.rules, columns.rules.key
    if rules.existing != "error" or rules.keyed_by or not len(known.at):
        return typed, known, []
    made = known.at[blank(columns.text[key])[known.at]] if key in columns.text else known.at
    if not len(made):
        return typed, known, []
    before = text_array(typed.rows[key]).to_pylist()
    keys = text_series(pa.array(_free_keys(before, made.tolist(), rules, context), pa.large_string()), typed.rows.index)
    others = known.only(~np.isin(known.at, made))
    told = Finding(ANOTHER, key, made, lambda at, _: {"key": quoted(before[at])})
    return replace(typed, rows=typed.rows.assign(**{key: keys})), others, [told]


def _free_keys(keys: list[str], made: list[int], rules: RuleSet, context: Context) -> list[str]:
    """The keys, with the first that neither the file nor the store has in the place of those at these positions."""
    free, taken, waiting = list(keys), set(keys), made
    turns: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(2))
    while waiting:
        for at in waiting:
            free[at] = next(name for turn in turns[keys[at]] if (name := f"{keys[at]}/{turn}") not in taken)
            taken.add(free[at])
        stored = set(context.existing(rules, pa.array([free[at] for at in waiting], pa.large_string())).index)
        waiting = [at for at in waiting if free[at] in stored]
    return free


def compare(typed: Typed, columns: Columns, known: Known, context: Context, settings: Mapping[str, str]) -> list[Finding]:
    """All findings that depend on the store."""
    rules = columns.rules
    near = near_on_file(signed(typed.rows, rules), columns, _new(typed.rows, known), context)
    if rules.existing != "update":
        again = Finding(EXISTS if rules.existing == "error" else SKIPPED, rules.key, known.at, _key_facts(typed.rows, rules))
        return [again, *near, *_number_again(typed.rows, columns, known, context), *_closed(typed.rows, columns, known, context)]
    return [
        *_changes(typed.rows, columns, known),
        *_update_rules(typed, columns, known),
        *_number_again(typed.rows, columns, known, context),
        *near,
        *about_customers(typed.rows, columns, context, settings),
        *_closed(typed.rows, columns, known, context),
    ]


def doubtful(findings: Iterable[Finding], rules: RuleSet, rows: int, accept: Sequence[str] = ()) -> np.ndarray:
    """(rows,) bool: rows that may mean another document than the one whose key they have (X-20)."""
    unsure = np.zeros(rows, bool)
    for found in findings:
        if found.at is not None and _in_doubt(found, rules, accept):
            unsure[found.at] = True
    return unsure


def _in_doubt(found: Finding, rules: RuleSet, accept: Sequence[str]) -> bool:
    """Cells that may be those of other headings, a key that is wrong, a number that another document has and that nobody confirmed."""
    if found.rule.id == SAME_NUMBER.id:
        return found.weight == Severity.ERROR or SAME_NUMBER.id not in accept
    named = found.rule.id in (DUPLICATE.id, EXISTS.id)
    return found.rule.id == CELLS.id or (found.weight == Severity.ERROR and found.field in (rules.key, *rules.keyed_by) and not named)


def _key_facts(rows: pd.DataFrame, rules: RuleSet) -> Facts:
    """The key that a document goes by, where its cell is blank."""
    return lambda at, value: {} if value.strip() else {"value": quoted(str(rows[rules.key].iat[at]))}


def _changes(rows: pd.DataFrame, columns: Columns, known: Known) -> list[Finding]:
    """Changed fields: free, told, or refused, as their declaration says (S3-23)."""
    found = []
    for name, changed in known.changed.items():
        how = columns.rules.fields[name].changes if name in columns.rules.fields else "free"
        if how != "free" and changed.any():
            found.append(Finding(FIXED if how == "never" else CHANGED, name, known.at[changed], _change_facts(rows, known, name)))
    return found


def _change_facts(rows: pd.DataFrame, known: Known, name: str) -> Facts:
    words, was = rows[name].dtype == TEXT, _was(known, name)

    def facts(at: int, _: str) -> Mapping[str, object]:
        before, after = was(known.place(at)), show_cell(rows, name, at)
        return {"before": (quoted(before) if words else before) if before else "blank", "after": quoted(after) if words else after}

    return facts


def _was(known: Known, name: str) -> Callable[[int], str]:
    """Writes a field of the stored record at a place; the records are put together when the first is asked for."""
    writer = cache(lambda: CellWriter(known.was.frame((name, "currency"))))
    return lambda place: writer()(name, place)


def _update_rules(typed: Typed, columns: Columns, known: Known) -> list[Finding]:
    """The rule set's own rules over a record and what was stored, some rows at a time; once more over those among which a message is asked for."""
    if not columns.rules.updates:
        return []
    judged = lru_cache(maxsize=1)(lambda start: _judged(typed, columns, known, np.arange(start, min(start + _PART, len(known.at)))))
    met: dict[Rule, list[Finding]] = defaultdict(list)
    for start in range(0, len(known.at), _PART):
        for one in judged(start):
            met[one.rule].append(one)
    declared = [columns.rules.weighed((its.statistics or {})["rule"]) for its in columns.rules.updates]

    def facts_of(rule: Rule) -> Facts:
        def facts(at: int, value: str) -> Mapping[str, object]:
            start = known.place(at) // _PART * _PART
            its = next(one.facts for one in judged(start) if one.rule == rule)
            return its(at, value) if callable(its) else its

        return facts

    found = ((rule, met[rule]) for rule in declared if rule in met)
    return [Finding(rule, parts[0].field, np.concatenate([one.at for one in parts]), facts_of(rule)) for rule, parts in found]


def _judged(typed: Typed, columns: Columns, known: Known, of: np.ndarray) -> list[Finding]:
    """What the update rules find in these of the known rows, as one more Pandera schema."""
    at = known.at[of]
    now = typed.rows.iloc[at]
    was = known.was.frame(of=of).set_axis(now.index).add_prefix("was.")
    both = Typed(pd.concat([now, was], axis=1), {name: mask[at] for name, mask in typed.unread.items()}, ())
    return [replace(one, at=at[one.at], facts=_at_row(one.facts, at)) for one in failures(_updates(columns.rules), both, columns) if callable(one.facts)]


def _at_row(facts: Facts, at: np.ndarray) -> Facts:
    return lambda position, value: facts(int(np.searchsorted(at, position)), value)


@cache
def _updates(rules: RuleSet) -> Schema:
    return Schema({}, checks=list(rules.updates))


def _new(rows: pd.DataFrame, known: Known) -> np.ndarray:
    """(rows,) bool: rows that the store does not know."""
    new = np.ones(len(rows), bool)
    new[known.at] = False
    return new


def _number_again(rows: pd.DataFrame, columns: Columns, known: Known, context: Context) -> list[Finding]:
    """A new id with a number that its customer already has in the same books waits for a yes, or fails (S3-21, S1-11)."""
    rules = columns.rules
    customer, number, name = rules.role("customer"), rules.role("number"), name_instead(rules)
    if number == rules.key or number not in rows or not {customer, name} & set(rows.columns):
        return []
    new = _new(rows, known) & rows[number].notna().to_numpy()
    if not new.any():
        return []
    ids = only_where(rows[customer], new) if customer in rows else pa.nulls(len(rows), pa.large_string())
    names = [nulled_text(folded_names(rows[name]), ~new)] if name in rows else []
    hits = context.same_number(rules, ids, only_where(rows[number], new), *names)
    keys = rules.keys(rows) if rules.keyed_by else None
    other = {at: key for at, key in zip(hits["at"].tolist(), hits["key"], strict=True) if keys is None or books_of(keys[at].as_py()) == books_of(key)}

    def facts(at: int, _: str) -> Mapping[str, object]:
        return {"customer": customer_at(rows, rules, at), "rows": f"invoice {other[at]}, on file,", "advice": advice(rules)}

    return [Finding(rules.weighed(SAME_NUMBER), number, np.array(sorted(other), np.int64), facts)]


def _closed(rows: pd.DataFrame, columns: Columns, known: Known, context: Context) -> list[Finding]:
    """Creating an invoice, or changing any amount of it, its currency or its date, in closed books (X-24)."""
    closed, date = context.entity.closed_until, columns.rules.role("date")
    if closed is None or date not in rows:
        return []
    touched = _new(rows, known)
    amounts = {name for name, field in columns.rules.fields.items() if field.kind == "money"}
    for name in known.changed:
        if name in amounts | {columns.rules.role("currency"), date}:
            touched[known.at[known.changed[name]]] = True
    inside, was_inside = _until(rows[date], closed), np.zeros(len(rows), bool)
    if date in known.was:
        was_inside[known.at] = _until(known.was.take(date), closed)
    at = np.flatnonzero(touched & (inside | was_inside))
    new, was, rule = _new(rows, known), _was(known, date), columns.rules.weighed(CLOSED)
    advice = "Confirm that it may still come in, or leave it out." if rule.severity is Severity.HOLD else "Ask an administrator, or correct the date."

    def facts(position: int, _: str) -> Mapping[str, object]:
        shown = was(known.place(position)) if was_inside[position] else show_cell(rows, date, position)
        return {"closed": show_date(closed), "what": "create" if new[position] else "change", "shown": shown, "advice": advice}

    return [Finding(rule, date, at, facts)]


def _until(dates: pd.Series | pa.Array, closed: dt.date) -> np.ndarray:
    """(rows,) bool: dated on that day or before it."""
    until = pc.less_equal(pa.array(dates, from_pandas=True), pa.scalar(closed, pa.date32()))
    return pc.fill_null(until, False).to_numpy(zero_copy_only=False)
