"""A rule set is looked over before it is used: a misspelt name must stop its author, and not pass over figures in silence."""

from collections.abc import Iterable, Iterator

from invoice_rules.fields.declared import STATUS, RuleSet

ROLES = (
    "number", "customer", "customer_name", "email", "contact", "date", "due_date", "currency", "amount", "balance", "line_amount", "price", "canceled", "marked", "region",
)  # fmt: skip
"""What a field can be to the store and to the rules of every system."""
FIGURES = ("sum", "min", "max", "count")
"""What rules may ask of a field of lines, over the lines of a document."""
_WORDS = {"existing": ("update", "error", "skip"), "level": ("header", "line"), "role": ("", *ROLES), "changes": ("free", "warn", "never")}


def checked(rules: RuleSet) -> RuleSet:
    """The rule set itself. Raises ValueError that names the rule set, the place and the word where it names what is not there."""
    for place, word, known in _named(rules):
        if word not in known:
            raise ValueError(f"The rule set {rules.name} says {word!r} as {place}. It can be: {', '.join(filter(None, known))}.")
    return rules


def _named(rules: RuleSet) -> Iterator[tuple[str, str, Iterable[str]]]:
    """(place, word, the words that can stand there)."""
    fields, made = tuple(rules.fields), tuple(one.fills for one in rules.computed)
    yield "existing", rules.existing, _WORDS["existing"]
    yield "key", rules.key, fields
    for place in ("keyed_by", "group_by", "runs_of", "identified_by", "status_of", "demo", "unique", "batch"):
        yield from ((place, word, (*fields, *made)) for word in getattr(rules, place))
    for name, field in rules.fields.items():
        yield from ((f"{place} of {name}", getattr(field, place), words) for place, words in _WORDS.items() if place != "existing")
        yield from ((f"mode of {name}", mode, rules.row_mode.choices if rules.row_mode else ()) for mode in field.modes)
        yield from ((f"link in the default of {name}", place.partition(".")[0], rules.links) for place in field.default if "." in place)
    yield from ((f"by of the link {name}", link.by, (*fields, *made)) for name, link in rules.links.items() if "." not in link.by)
    for one in (*rules.schema.checks, *rules.updates, *rules.computed):
        yield from _seen(rules, one, (*fields, *made))


def _seen(rules: RuleSet, one: object, fields: tuple[str, ...]) -> Iterator[tuple[str, str, Iterable[str]]]:
    """The names that a rule or a computed field sees: fields, those of a link, figures over lines, and what was on file."""
    declared = getattr(one, "statistics", None) or {}
    place = f"a field of {getattr(one, 'fills', '') or getattr(one, 'name', '')}"
    for name in (*declared.get("fields", ()), *declared.get("also", ()), *getattr(one, "fields", ())):
        head, dot, rest = name.removeprefix("was.").partition(".")
        if not dot or name.removeprefix("was.") == STATUS:
            yield place, name.removeprefix("was."), (*fields, "currency", STATUS)
        elif head in FIGURES:
            yield place, rest, (*fields, "lines")
        else:
            yield place, head, rules.links
