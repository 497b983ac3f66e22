"""A rule set as a page for bookkeepers: its file, fields, headings, rules and settings, in Markdown, from what is declared.

`python -m invoice_rules.pages [FOLDER]` writes one page a rule set, into docs/rulesets unless another folder is named.
"""

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from invoice_rules.fields import REQUIRED, UNMAPPED, Field, Live, RuleSet, live_rules
from invoice_rules.fields.live import NOT_TYPED
from invoice_rules.filledin import said
from invoice_rules.problems import Rule, Severity, plural
from invoice_rules.rulesets import rule_sets

READING_RULES = ("values.money", "values.currencies", "values.dates", "values.words", "values.codes", "values.numbers", "columnmarks", "stages", "arranging", "corrections")
FILE_RULES = ("reading.templates", "grouping", "filling", "filtering", "crediting", "crosschecks", "enteredtwice", "totals", "wholefile")
STORE_RULES = ("comparing", "customers", "chargeplans")
"""The engine's modules whose RULES hold for every rule set, by the section of the page that tells them."""

_KINDS = dict.fromkeys(("money", "decimals", "binary-noise", "decimal-mark", "decimal-mark-of-others", "sized-column"), "money") | {"date": "date", "date-order": "date"}
_KINDS |= {"number": "number", "percent-cell": "percent", "date-order-of-others": "date", "yes-no": "yes_no", "email": "emails", "email-count": "emails", "currency": "currency"}
_ROLES = {"near-duplicate": "amount", "far-date": "date", "closed-books": "date"}
_ROLES |= {"control-totals": "amount", "control-unread": "amount", "total-row": "amount"}
_SEVERITIES = {
    Severity.ERROR: "stays out",
    Severity.HOLD: "waits for a yes",
    Severity.WARNING: "goes in, with a warning",
    Severity.NOTICE: "goes in; it is only told",
}
_TYPED = (
    "Rules that are checked while typing mark the cell of a template at once; what is text where a number or a date belongs, and all other rules, are looked at "
    "when the file is checked. Where an invoice has several rows, what belongs to all of it stands on the first."
)
_WHOLE = {"control-totals": "all stay out", "missing-column": "all stay out", "unmapped": "all stay out", "total-row": "all wait for a yes"}
"""What follows from a rule about the file itself."""
_ORDERS = {
    "month-first": "month, day, year with - / or .",
    "day-first": "day, month, year with - / or .",
    "year-first": "year, month, day with - / or .",
}
_MARKS = {
    "point": "decimal point, commas only between thousands",
    "comma": "decimal comma, points only between thousands",
    "": "the decimal mark is found from the whole column",
}
_WRITTEN = {
    "text": "text",
    "code": "text, kept to the letter, leading zeros too",
    "yes_no": "yes, no, true or false",
    "emails": "e-mail addresses, divided by comma or semicolon",
    "currency": "a code of three letters",
    "number": "a number with a decimal point",
    "percent": "a percentage: 10.5 means 10.5 %",
}

_WITH: dict[str, Callable[[RuleSet], object]] = {
    **dict.fromkeys(("header-differs", "no-lines"), lambda rules: rules.lined),
    **dict.fromkeys(("unidentified", "no-identifier"), lambda rules: rules.identified_by),
    **dict.fromkeys(("unknown", "none-on-file", "lists-unseen"), lambda rules: any(field.of for field in rules.fields.values())),
    **dict.fromkeys(("plan-review", "plan-canceled", "plan-kept", "plan-canceled-absent"), lambda rules: rules.plans),
    **dict.fromkeys(("not-chosen", "nothing-to-import"), lambda rules: any(hasattr(option, "keeps") for option in rules.options)),
    "same-contents": lambda rules: rules.existing == "error" and any(made.fills == rules.key for made in rules.computed),
    "lines-left-out": lambda rules: rules.skipped,
    "other-row-mode": lambda rules: rules.row_mode,
    "demo-data": lambda rules: rules.demo,
    "number-again": lambda rules: rules.role("number") not in ("", rules.key),
    **dict.fromkeys(("not-negative", "dashes", "size"), lambda _: False),  # told of the fields that have them
    "no-default": lambda rules: any("." in place for field in rules.fields.values() for place in field.default),
    "type-replaced": lambda rules: rules.guarded,
    "secret": lambda rules: rules.secrets,
    **dict.fromkeys(("content-inside", "content-strict"), lambda rules: any(option.name == "content" for option in rules.options)),
    **dict.fromkeys(("new-customers", "unknown-customer"), lambda rules: any(option.name == "customers" for option in rules.options)),
    **dict.fromkeys(("name-stays", "two-names"), lambda rules: rules.role("customer_name") and rules.role("customer") != rules.key),
    "currency-unmapped": lambda rules: any(field.kind == "currency" and field.of for field in rules.fields.values()),
    "choice": lambda rules: any(field.choices for field in rules.fields.values()),
    "changed-fixed": lambda rules: any(field.changes == "never" for field in rules.fields.values()),
}
"""Rules that only some rule sets can meet, by what these declare."""


def page(rules: RuleSet) -> str:
    """The whole page of one rule set, as Markdown; it ends with a line feed."""
    parts = [_opening(rules), _file(rules), _again(rules), _fields(rules), _headings(rules), *_rules(rules), _settings(rules)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(rules: RuleSet) -> str:
    count = len(rules.required)
    needs = "Fields marked with a star need a column, or one value for the whole file" if count else "No field is required"
    return f"# {rules.title}\n\n`{rules.name}`, version {rules.version}. {rules.description}\n\n{needs}.{_source(rules)}"


def _source(rules: RuleSet) -> str:
    return f" The rules come from the document `{rules.source}`; the numbers behind them are explained in the list of behaviours." if rules.source else ""


def _file(rules: RuleSet) -> str:
    """What kind of file, how large, one row or several, trimmed characters, currency."""
    lined = any(field.level == "line" for field in rules.fields.values())
    marks = [name for sign, name in (('"', "quotation marks"), ("'", "apostrophes")) if sign in rules.around]
    lines = [
        f"Files: {_and([f'`{ending}`' for ending in rules.files])}" if rules.files else "Files: every kind that can be read",
        f"Size: up to {rules.megabytes} MB, refused before reading when larger (`--limit-mb` lifts that)" if rules.megabytes else "",
        f"Rows: several rows make one {rules.document}, a row for each line" if lined else f"Rows: one {rules.document} each",
        f"Around a value, {_and(['spaces', *marks])} are trimmed",
        f"Currency: {rules.currency}, unless a column or a setting says otherwise" if _has(rules, "money") else "",
    ]
    return "## The file\n\n" + "\n".join(f"- {line}." for line in lines if line)


def _again(rules: RuleSet) -> str:
    """The key, and what a second import does."""
    does = {
        "update": "is updated, and no second record is made; the difference is shown first",
        "error": "is an error, and nothing of it changes",
        "skip": "is left out, and told",
    }[rules.existing]
    by = [rules.fields[name] for name in rules.keyed_by or (rules.key,)]
    text = f"## Importing again\n\nWhat is on file already is found by its {_and([f'{one.title} (`{one.name}`)' for one in by])}. Such {_a(rules.document)} {does}."
    if rules.existing == "update":
        text += f" {_changes(rules)}"
    about = (rules.status.__doc__ or "").strip().split("\n")[0] if rules.status else ""
    return text + (f"\n\nIts status follows from the row: {about[:1].lower()}{about[1:]}" if about else "")


def _changes(rules: RuleSet) -> str:
    others = [field for field in rules.fields.values() if field.name != rules.key]
    free, never = ([field.title for field in others if field.changes == kind] for kind in ("free", "never"))
    told = f"{_and(free)} may change freely; a change of any other field is told with a warning" if free else "Every change is told"
    return told + (f", and {_and(never)} never changes." if never else ".")


def _fields(rules: RuleSet) -> str:
    rows = [
        [f"{field.title}{_star(field)}", f"`{field.name}`", field.description, _format(field), _longest(field), field.example]
        for field in rules.offered.values()
    ]
    made = {one.fills for one in rules.computed}
    found = [(field.title, _listed(rules, field), _filled(field, made)) for field in rules.fields.values()]
    looked = [[title, looked_up, filled] for title, looked_up, filled in found if looked_up or filled]
    more = "\n\n### Looked up and filled in\n\n" + _table(["field", "must be in the list", "where it is blank"], looked) if looked else ""
    return "## Fields\n\n" + _table(["field", "name", "what it is", "how it is written", "at most", "example"], rows) + "\n\n\\* required" + more


def _listed(rules: RuleSet, field: Field) -> str:
    return " or ".join(f"`{link.kind}`" for link in rules.looked_up(field.name))


def _filled(field: Field, made: set[str]) -> str:
    """The places of its default, the nearest first; then what it is worked out from."""
    places = [said(place.partition(".")[0]) if "." in place else f"`{place}`" for place in field.default]
    return ", then ".join([*places, *(["worked out from other fields"] if field.name in made else [])])


def _star(field: Field) -> str:
    return " *" if field.required else ""


def _format(field: Field) -> str:
    """The kind of field in words."""
    if field.choices:
        return f"one of: {', '.join(field.choices)}"
    if field.kind == "date":
        return _ORDERS[field.orders[0]] if len(field.orders) == 1 else "a date; the order is found from the whole column"
    return f"an amount; {_MARKS[field.mark]}" if field.kind == "money" else _WRITTEN.get(field.kind, field.kind)


def _longest(field: Field) -> str:
    if not field.max:
        return ""
    return plural(field.max, "address", "addresses") if field.kind == "emails" else plural(field.max, "character")


def _headings(rules: RuleSet) -> str:
    """The synonyms, which tables of seven columns have no room for."""
    rows = [[field.title, ", ".join([f"`{field.name}`", *field.synonyms])] for field in rules.fields.values()]
    text = (
        "## What the columns may be called\n\nA column is recognized by these headings, the surest first, in any case, with usual abbreviations "
        "(no, nr, #, amt, cust) and in some other languages. What is only similar is shown as a guess. You can choose every column yourself."
    )
    return f"{text}\n\n" + _table(["field", "also called"], rows)


def _rules(rules: RuleSet) -> Iterator[str]:
    """The sections of rules: of the fields, of reading, of the file, of what is on file."""
    declared: dict[Rule, list[str]] = {}
    for name, rule in (*((name, rule) for name, rule in rules.rules), *((name, UNMAPPED) for name in rules.required)):
        declared.setdefault(rule, []).append(name)
    broken = f"what becomes of {_a(rules.document)} that breaks it"
    lives = live_rules(rules)
    titles = [[_titles(rules, names, rule), *_told(rule, rules, names, lives)] for rule, names in declared.items()]
    yield f"## Rules of the fields\n\n{_TYPED}\n\n" + _table(["field", "rule", "what it wants", broken, "checked while typing", "behaviour"], titles)
    seen = {rule.id for rule in declared}
    sections = (("values", ("fields", *READING_RULES)), ("the file as a whole", FILE_RULES), ("what is on file already", STORE_RULES))
    for title, modules in sections:
        more = [rules.weighed(rule) for rule in _engine(modules) if rule.id not in seen and _holds(rules, rule)]
        if more:
            typed = ["checked while typing"] if title == "values" else []
            rows = [_told(rule, lives=lives if typed else None) for rule in more]
            yield f"## Rules of {title}\n\n" + _table(["rule", "what it wants", broken, *typed, "behaviour"], rows)


def _titles(rules: RuleSet, names: Sequence[str], rule: Rule) -> str:
    if rule in (REQUIRED, UNMAPPED) and set(names) == set(rules.required):
        return "every required field"
    return ", ".join(dict.fromkeys(rules.fields[name].title for name in names if name in rules.fields))


def _told(rule: Rule, rules: RuleSet | None = None, names: Sequence[str] = (), lives: Sequence[Live] | None = None) -> list[str]:
    """A rule as the cells of a row: id, words, what follows, with `lives` whether a template checks it, number."""
    says = rule.says
    if rules and rule.id == "max-length":
        limits = sorted({rules.fields[name].max or 0 for name in names})
        says = f"No longer than {_and([str(limit) for limit in limits])} characters; see the table of fields." if len(limits) > 1 else f"No longer than {limits[0]} characters."
    typed = [] if lives is None else [_typed(rule, [live for live in lives if live.rule == rule.id and (not names or live.field in names)], rules)]
    return [f"`{rule.id}`", says, _WHOLE.get(rule.id, _SEVERITIES[rule.severity]), *typed, rule.spec]


def _typed(rule: Rule, lives: Sequence[Live], rules: RuleSet | None) -> str:
    """Whether a template checks a rule while somebody types; where fields differ, the usual answer comes first."""
    told: dict[str, list[str]] = {}
    for live in [live for live in lives if live.formula] if rules is None else lives:
        told.setdefault(_answer(live.formula, live.because), []).append(live.field)
    usual, *others = sorted(told, key=lambda text: -len(told[text])) or [_answer("", NOT_TYPED.get(rule.id, ""))]
    named = [f"{_and([rules.fields[name].title for name in told[text]])}: {text}" for text in others] if rules else others
    return "; ".join([usual, *named])


def _answer(formula: str, because: str) -> str:
    why = f" ({because[:1].lower()}{because[1:].rstrip('.')})" if because else ""
    said = "no" if not formula else "in part" if why else "yes"
    return said + why


def _engine(modules: Iterable[str]) -> Iterator[Rule]:
    """The RULES of the engine's modules, which are named and not imported: a page stands below some of them."""
    for name in modules:
        yield from importlib.import_module(f"invoice_rules.{name}").RULES


def _holds(rules: RuleSet, rule: Rule) -> bool:
    """Whether a rule of the engine can come up in this rule set at all."""
    if rule.id in ("exists", "changed", "skipped"):
        return {"exists": "error", "changed": "update", "skipped": "skip"}[rule.id] == rules.existing
    if rule.id in _WITH:
        return bool(_WITH[rule.id](rules))
    if rule.id in _ROLES:
        return bool(rules.role(_ROLES[rule.id]))
    return rule.id not in _KINDS or _has(rules, _KINDS[rule.id])


def _has(rules: RuleSet, kind: str) -> bool:
    return any(field.kind == kind for field in rules.fields.values())


def _settings(rules: RuleSet) -> str:
    """Options, and the settings that every rule set takes."""
    rows = [
        [f"`{option.name}`", f"{option.title}.", " or ".join(f"`{c}`" for c in option.choices) or "a value", option.spec]
        for option in rules.options
    ]
    dates = [field for field in rules.fields.values() if field.kind == "date" and len(field.orders) != 1]
    amounts = [field for field in rules.fields.values() if field.kind in ("money", "number") and field.decimals and not field.mark]
    orders = "`month-first`, `day-first` or `year-first`"
    rows += [[f"`{field.name}.order`", f"How {field.title} is written.", orders, "X-12"] for field in dates]
    rows += [[f"`{field.name}.padded`", f"Whether five digits in {field.title} have lost a zero in front.", "`no` or `yes`", "S0-19"] for field in dates if field.slashless]
    rows += [[f"`{field.name}.decimal`", f"The decimal mark of {field.title}.", "`point` or `comma`", "X-12"] for field in amounts]
    rows += [["`currency`", "The currency of the file's amounts.", "a code such as `USD`", "X-17"]] if _has(rules, "money") else []
    rows += [["a field's name", "One value for the whole file, or that of other fields.", "a value, or `{amount}`", "X-11"]]
    return "## Settings\n\nGiven as `--set name=value`; of the choices, the first is the default.\n\n" + _table(["setting", "what it does", "choices", "behaviour"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


def _a(word: str) -> str:
    return f"an {word}" if word[:1] in "aeiou" else f"a {word}"


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1] if words else ""]))


def write(folder: Path) -> list[Path]:
    """Write the pages of all rule sets into a folder; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {folder / f"{name}.md": page(rules) for name, rules in rule_sets().items()}
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return list(pages)


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/rulesets")))
