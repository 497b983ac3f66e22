"""Headings -> fields (X-13, S3-15…17): given by the user, saved, named exactly, titled, known by a synonym, or alike.

`match` makes the `Mapping`; `saved_form` and `from_saved` turn it into plain data by headings and back. Guesses are shown as
guesses: each `Match` tells how it was found, how sure it is and why; of columns that fit equally well none is taken.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.mapping.guessing import choose, guesses
from invoice_rules.mapping.hints import currency_named, miscounted, order_named
from invoice_rules.problems import shortened
from invoice_rules.results import Mapping, Match
from invoice_rules.rulesets import rule_set
from invoice_rules.settings import still_known
from invoice_rules.table import Table, column_letter, our_columns

__all__ = ["currency_named", "from_saved", "match", "miscounted", "order_named", "saved_form", "template_settings"]


def match(
    headings: Sequence[str],
    rules: RuleSet | str,
    sample: Table | None = None,
    saved: Mapping | Dict[str, Any] | None = None,
    given: Dict[str, str | int] | None = None,
) -> Mapping:
    """Find the column that feeds each field of the rule set.

    `given` ({field: heading, column letter or number from 1, or as an int the place from 0; "" for none}) wins over `saved` (a mapping or its saved form), and
    both over guesses. Only `given` and `saved` put one column on two fields. With a `sample`, the cells of its first rows break
    ties and veto guesses. Raises CannotRun, with the headings that there are, where `given` names a field or column that is not there.
    """
    rules = rule_set(rules)
    headings = tuple("" if heading is None else str(heading) for heading in headings)
    first = sample.origin.first_column if sample is not None else 0
    matches = {name: Match(None) for name in rules.offered}
    matches |= _saved(headings, rules, saved)
    matches |= _of_template(headings, rules, sample)
    matches |= _given(headings, rules, given or {}, first)
    settled = {name for name, found in matches.items() if found.how}
    free = _free(headings, {found.column for found in matches.values()})
    found = {pair: guess for pair, guess in guesses(headings, rules, sample, free).items() if pair[0] not in settled}
    matches |= choose(found, headings, rules)
    settings = {**(saved_form(saved)["settings"] if saved else {}), **template_settings(sample, rules)}
    made = Mapping(rules.name, matches, headings, rules.needed, settings)
    if not isinstance(saved, Mapping):
        return made
    return replace(made, name=saved.name, version=saved.version, kind=saved.kind, header=saved.header)


def saved_form(mapping: Mapping | Dict[str, Any]) -> dict[str, Any]:
    """What is kept of a mapping: {"fields": {field: heading or None}, "settings": {…}}, plain enough for JSON.

    With it go the "kind" of file and the row of its "header", where they are known (S0-22).
    A heading that stands more than once is told apart by its turn ("Amount [2]"); a blank one is called by its column's letter.
    A plain {field: heading} is taken as well.
    """
    if not isinstance(mapping, Mapping):
        fields = mapping.get("fields") if isinstance(mapping.get("fields"), Dict) else {k: v for k, v in mapping.items() if k != "settings"}
        return {"fields": dict(fields or {}), "settings": dict(mapping.get("settings") or {})}
    labels = _labels(mapping.headings)
    called: dict[int | None, str] = dict(enumerate(labels))
    fields = {name: called.get(found.column, found.heading or None) for name, found in mapping.matches.items()}
    file = {**({"kind": mapping.kind} if mapping.kind else {}), **({"header": mapping.header} if mapping.header != "auto" else {})}
    return {"fields": fields, "settings": dict(mapping.settings), **file}


def from_saved(saved: Dict[str, Any], headings: Sequence[str], rules: RuleSet) -> Mapping:
    """The mapping that a saved form makes of these headings, without any guess: what is absent stays without a column (S3-17)."""
    headings = tuple(headings)
    matches = {name: Match(None) for name in rules.offered} | _saved(headings, rules, saved)
    return Mapping(rules.name, matches, headings, rules.needed, dict(saved_form(saved)["settings"]))


def _labels(headings: Sequence[str]) -> list[str]:
    """What each column is called when it is saved: its heading, which is made unique."""
    turns: dict[str, int] = {}
    labels = []
    for column, heading in enumerate(headings):
        text = heading.strip() or column_letter(column)
        turns[text.casefold()] = turn = turns.get(text.casefold(), 0) + 1
        labels.append(text if turn == 1 else f"{text} [{turn}]")
    return labels


def _saved(headings: Sequence[str], rules: RuleSet, saved: Mapping | Dict[str, Any] | None) -> dict[str, Match]:
    """The matches of a saved mapping; fields that it does not name are left to the guesses."""
    at = {label.casefold(): column for column, label in reversed(list(enumerate(_labels(headings))))}
    matches = {}
    for name, heading in saved_form(saved)["fields"].items() if saved else ():
        if name not in rules.offered:
            continue
        column = at.get(str(heading).strip().casefold()) if heading else None
        if column is not None:
            matches[name] = Match(column, headings[column], "saved", 1.0, "the saved mapping says so")
        elif heading:
            matches[name] = Match(None, str(heading), "saved", 0.0, f"the saved mapping wants the column {str(heading)!r}, which this file does not have")
        else:
            matches[name] = Match(None, "", "saved", 0.0, "the saved mapping leaves it without a column")
    return matches


def template_settings(table: Table | None, rules: RuleSet) -> Dict[str, str]:
    """The settings that a template of these rules was made with, such as what one of its rows is; without those that there are no longer."""
    template = table.template if table is not None else None
    return still_known(template.settings, rules) if template is not None and template.rules == rules.name else {}


def _of_template(headings: Sequence[str], rules: RuleSet, sample: Table | None) -> dict[str, Match]:
    """The columns of a template of these rules, which it names itself; of headings that it has no longer, and fields that were renamed, guesses are made."""
    template = sample.template if sample is not None else None
    if template is None or template.rules != rules.name:
        return {}
    at = {label.rstrip(" *").casefold(): column for column, label in reversed(list(enumerate(_labels(headings))))}
    found = {name: at.get(heading.casefold()) for name, heading in template.headings.items() if name in rules.offered}
    return {name: Match(column, headings[column], "exact", 1.0, "the template says so") for name, column in found.items() if column is not None}


def _given(headings: Sequence[str], rules: RuleSet, given: Dict[str, str | int], first: int) -> dict[str, Match]:
    """What the user says, by heading, letter or number."""
    names = {name.casefold(): name for name in rules.offered}
    matches = {}
    for asked, column in given.items():
        name = names.get(asked.strip().casefold())
        if name is None:
            raise CannotRun(f"{rules.title} has no field {asked!r}. Its fields are: {', '.join(rules.offered)}.")
        if column is None or not str(column).strip():
            matches[name] = Match(None, "", "given", 0.0, "you left it without a column")
            continue
        found = column if isinstance(column, int) and 0 <= column < len(headings) else _find(headings, str(column), first)
        if found is None:
            raise CannotRun(f"There is no column {str(column)!r} for {name}. The file's columns are: {_listed(headings, first)}.")
        matches[name] = Match(found, headings[found], "given", 1.0, "you said so")
    return matches


def _find(headings: Sequence[str], asked: str, first: int) -> int | None:
    """A column by its heading, else by its letter, else by its number from 1."""
    wanted = asked.strip().casefold()
    ways = (
        [label.casefold() for label in _labels(headings)],
        [column_letter(first + column).casefold() for column in range(len(headings))],
        [str(column + 1) for column in range(len(headings))],
    )
    return next((names.index(wanted) for names in ways if wanted in names), None)


def _listed(headings: Sequence[str], first: int) -> str:
    return ", ".join(f"{column_letter(first + column)} {shortened(heading.strip())}".strip() for column, heading in enumerate(headings))


def _free(headings: Sequence[str], taken: set[int | None]) -> list[int]:
    ours = our_columns(headings)
    return [column for column, heading in enumerate(headings) if heading.strip() and column not in taken and column not in ours]
