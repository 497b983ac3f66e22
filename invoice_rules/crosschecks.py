"""Rules that look across a whole file: customers' names, numbers that come again, demo data, dates far away (X-9, X-24, S3-29, S3-30)."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.alike import Twins, candidates, folded, forms_of, row_list, two_of_each
from invoice_rules.columns import Columns, Typed
from invoice_rules.crediting import signed
from invoice_rules.enteredtwice import near_in_file
from invoice_rules.fields import DUPLICATE, RuleSet, repeated
from invoice_rules.problems import Facts, Finding, Rule, Severity, quoted
from invoice_rules.results import Entity
from invoice_rules.table import text_array, text_series
from invoice_rules.values import show_cell
from invoice_rules.values.columns import bytes_in, codes_of, content, encoded, matches, repeats, spread

TWO_NAMES = Rule("two-names", "Customer {customer} is called {value} here and {other} on {rows}. One customer has one name in a file.", "S3-29", "One customer id has one name in a file, beyond case and spaces.")
SAME_NUMBER = Rule("number-again", "Customer {customer} has invoice number {value} on {rows} too, under another invoice ID. {advice}", "S3-21", "A customer has each invoice number once; another id with the same number is told.", Severity.HOLD)
DEMO = Rule("demo-data", "{title} {value} looks like test or demo data, and these books are live.", "S3-30", "Rows that look like test data are told in live books.", Severity.WARNING)
FAR_DATE = Rule("far-date", "{title} {shown} is {how}. Check the year.", "X-24", "Dates over one year ahead or ten years back are told.", Severity.WARNING)
RULES = (TWO_NAMES, SAME_NUMBER, DEMO, FAR_DATE)

_DEMO_WORDS = ("test", "demo", "sample", "dummy", "asdf", "qwerty", "foobar", "lorem")
_DEMO = rf"(?i)(?:^|[^a-z])(?:{'|'.join(_DEMO_WORDS)}|testing|asdfgh)(?:[^a-z]|$)|@example\.(?:com|org|net)\b"


def crosscheck(typed: Typed, columns: Columns, entity: Entity, today: dt.date, old: np.ndarray | None = None) -> list[Finding]:
    """All findings that need more than one row, or the entity. `old` marks rows that the store knows."""
    return [
        *_keys_again(typed, columns),
        *_two_names(typed, columns),
        *near_in_file(signed(typed.rows, columns.rules), columns),
        *_numbers_again(typed.rows, columns, old),
        *(_demo(typed, columns) if entity.environment == "live" else []),
        *_far_dates(typed.rows, columns, today),
    ]


def _keys_again(typed: Typed, columns: Columns) -> list[Finding]:
    """Documents of a file that agree in all fields that tell them apart (X-9, S2-9); a key of one field has a check of its own."""
    rules = columns.rules
    keys = rules.keys(typed.rows) if rules.keyed_by and DUPLICATE not in [rule for name, rule in rules.rules if name == rules.key] else None
    if keys is None:
        return []
    return [Finding(DUPLICATE, rules.key, np.flatnonzero(repeated(keys)), Twins(keys, columns.number).facts)]


def _two_names(typed: Typed, columns: Columns) -> list[Finding]:
    customer, name = columns.rules.role("customer"), columns.rules.role("customer_name")
    if customer == columns.rules.key or not {customer, name} <= set(typed.rows.columns):
        return []
    ids, text = codes_of(text_array(typed.rows[customer])), text_array(typed.rows[name])
    names = codes_of(text)
    at = _disagreeing(ids, names)
    if len(at):
        names = forms_of(text, folded)
        at = _disagreeing(ids, names)
    if not len(at):
        return []
    wrong = np.flatnonzero((names >= 0) & np.isin(ids, ids[at]))
    first, second = two_of_each(ids, names, wrong)
    customers, shown = typed.rows[customer], typed.rows[name]

    def facts(at: int, _: str) -> Mapping[str, object]:
        other = next(int(o) for o in (first[ids[at]], second[ids[at]]) if names[o] != names[at])
        return {"customer": customers.iat[at], "other": quoted(shown.iat[other]), "rows": row_list([columns.number(other)])}

    return [Finding(TWO_NAMES, name, wrong, facts)]


def _disagreeing(ids: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Positions whose name is not that of one chosen row of the same id; -1 is neither an id nor a name."""
    chosen = np.full(ids.max(initial=-1) + 1, -1)
    both = (ids >= 0) & (names >= 0)
    chosen[ids[both]] = names[both]
    return np.flatnonzero(both & (chosen[ids] != names)) if len(chosen) else np.empty(0, np.int64)


def _numbers_again(rows: pd.DataFrame, columns: Columns, old: np.ndarray | None) -> list[Finding]:
    """The same customer and number under two ids in one file (S3-21, S1-11); an id that is on file was settled when it came."""
    rules = columns.rules
    customer, number, name = rules.role("customer"), rules.role("number"), name_instead(rules)
    if rules.key == number or not {number, rules.key} <= set(rows.columns):
        return []
    partner = _sharing(rows, rules, customer) if customer in rows else {}
    nameless = rows[customer].isna().to_numpy() if customer in rows else np.ones(len(rows), bool)
    if name in rows and nameless.any():
        named = _sharing(rows.assign(**{name: text_series(folded_names(rows[name]), rows.index)}), rules, name)
        partner = {at: other for at, other in named.items() if nameless[at] or nameless[other]} | partner
    wrong = np.array(sorted(at for at in partner if old is None or not old[at]), np.int64)

    def facts(position: int, _: str) -> Mapping[str, object]:
        return {"customer": customer_at(rows, rules, position), "rows": row_list([columns.number(partner[position])]), "advice": advice(rules)}

    return [Finding(rules.weighed(SAME_NUMBER), number, wrong, facts)] if len(wrong) else []


def _sharing(rows: pd.DataFrame, rules: RuleSet, by: str) -> dict[int, int]:
    """Position of a row -> that of the first with the same customer (told apart `by` this column) and number under another key, in the same books."""
    same = [by, rules.role("number"), *(part for part in rules.keyed_by if part != rules.key)]
    if not set(same) <= set(rows.columns) or not len(group := candidates(rows, same, [rules.key])):
        return {}
    other = _under_another_key(_joined([rows[name].iloc[group] for name in same]), codes_of(text_array(rows[rules.key].iloc[group])))
    return dict(zip(group[other >= 0].tolist(), group[other[other >= 0]].tolist(), strict=True))


def _joined(columns: Sequence[pd.Series]) -> np.ndarray:
    """(rows,) codes that are equal where all these columns are."""
    pair = codes_of(text_array(columns[0]))
    for values in columns[1:]:
        codes = codes_of(text_array(values))
        pair = pd.factorize(pair * (codes.max() + 1) + codes)[0]
    return pair


def name_instead(rules: RuleSet) -> str:
    """The field by which customers are told apart that have no id; '' where every customer has one (S1-11)."""
    return rules.role("customer_name") if (customer := rules.role("customer")) and not rules.fields[customer].required else ""


def folded_names(values: pd.Series) -> pa.Array:
    """(rows,) text: names as `folded` has them, null for null."""
    names = encoded(text_array(values))
    return pa.array([folded(name) for name in names.dictionary.to_pylist()], pa.large_string()).take(names.indices)


def customer_at(rows: pd.DataFrame, rules: RuleSet, at: int) -> str:
    """The id of a row's customer, or the name where there is no id."""
    said = (rows[name].iat[at] for name in (rules.role("customer"), name_instead(rules)) if name in rows)
    known = (value for value in said if not pd.isna(value))
    return shown if len(shown := str(next(known, ""))) <= 60 else quoted(shown)


def advice(rules: RuleSet) -> str:
    """What to do about a number that its customer already has."""
    final = rules.weighed(SAME_NUMBER).severity == Severity.ERROR
    return f"A number comes in once: leave this {rules.document} out, or correct its number." if final else f"Confirm that these are two {rules.document}s."


def _under_another_key(pair: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """(rows,) the first row of the same pair that has another key; -1 where there is none. Keys count from their first rows."""
    order = np.lexsort((np.arange(len(pair)), keys, pair))
    pairs, its = pair[order], keys[order]
    start = np.searchsorted(pairs, pairs)
    both = pairs * (keys.max() + 1) + its
    beyond = np.minimum(np.searchsorted(both, both[start], side="right"), len(pair) - 1)
    found = np.where(its != its[start], start, np.where(pairs[beyond] == pairs, beyond, -1))
    other = np.full(len(pair), -1)
    other[order] = np.where((found >= 0) & (its[found] != its), order[found], -1)
    return other


def _demo(typed: Typed, columns: Columns) -> list[Finding]:
    """Cells that look like demo data; those that were not understood are told for that alone (X-4)."""
    found = []
    for name in columns.rules.demo:
        if name in columns.text and _may_be_demo(columns.text[name]):
            (looks,) = spread(columns.text[name], lambda distinct: [matches(distinct, _DEMO)])
            found.append(Finding(DEMO, name, np.flatnonzero(looks & ~typed.unread[name] if name in typed.unread else looks)))
    return found


def _may_be_demo(array: pa.Array) -> bool:
    """Whether any of the words may stand in the column: first by the letters that it has at all, then by its bytes."""
    met = bytes_in(array)
    words = [word for word in (*_DEMO_WORDS, "example") if all(met[ord(letter)] or met[ord(letter.upper())] for letter in word)]
    if not words:
        return False
    held = (content(encoded(array).dictionary if repeats(array) else array) | 0x20).tobytes()
    return any(word.encode() in held for word in words)


def _far_dates(rows: pd.DataFrame, columns: Columns, today: dt.date) -> list[Finding]:
    """Dates over one year ahead or ten years back (X-24)."""
    found: list[Finding] = []
    if not columns.rules.role("date"):
        return found  # a list of tax rates goes back as far as it likes
    late, early = _years(today, 1), _years(today, -10)
    for name, field in columns.rules.fields.items():
        if field.kind == "date" and name in rows:
            dates = pa.array(rows[name], from_pandas=True)
            far = pc.or_(pc.greater(dates, pa.scalar(late, pa.date32())), pc.less(dates, pa.scalar(early, pa.date32())))
            at = np.flatnonzero(pc.fill_null(far, False).to_numpy(zero_copy_only=False))
            found.append(Finding(FAR_DATE, name, at, _far_facts(rows, name, today)))
    return found


def _far_facts(rows: pd.DataFrame, name: str, today: dt.date) -> Facts:
    def facts(at: int, _: str) -> Mapping[str, object]:
        return {"shown": show_cell(rows, name, at), "how": "more than a year ahead" if rows[name].iat[at] > today else "more than ten years back"}

    return facts


def _years(date: dt.date, years: int) -> dt.date:
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return date.replace(year=date.year + years, day=28)
