"""What the engine found, as the terminal shows it: how a file was read, its problems and columns, what changes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.padding import Padding
from rich.text import Text

import invoice_rules
from invoice_rules.cli import tables
from invoice_rules.cli.session import out, say
from invoice_rules.cli.tables import plain, table

STYLES = {"error": "red", "hold": "magenta", "warning": "yellow", "notice": "dim"}
FIRST = 25
NOTICES = 8


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, one a line; values stay whole so that paths can be copied."""
    listed = [(name, plain(value)) for name, value in pairs]
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        out().print(Text.assemble((f"{name:<{width}}  ", "bold"), value), soft_wrap=True)


def reading(table: Any, rules: Any) -> str:
    """How the file was read, with what was found by itself (S3-2): `may.csv · Paystand receivables · 40 rows · utf-8 · comma · headings in row 1`."""
    origin = table.origin
    marks = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
    parts = [origin.name, rules.title, invoice_rules.plural(len(table), "row")]
    parts += [f'sheet "{origin.sheet}"'] if origin.sheet else []
    parts += [origin.encoding] if origin.encoding else []
    parts += [marks.get(origin.delimiter, origin.delimiter)] if origin.delimiter else []
    parts += [f"headings in row {origin.header_row}"] if origin.header_row else []
    return " · ".join(plain(part) for part in parts)


def problems(report: Any, show_all: bool = False) -> None:
    """The problems by row, how many of each rule, and the notices. Unless all are asked for, some of every kind, the gravest first."""
    found = report.problems.at_least(invoice_rules.Severity.WARNING)
    if len(found):
        chosen = found if show_all or len(found) <= FIRST else _some(found, report.rules)
        heads, last = ["Row", "Cell", "Field", "", "What is wrong, and what to do"], _last(found) if len(chosen) > tables.FIRST else []
        tables.show(heads, _problems(chosen, report.rules), ahead=_problems(last, report.rules), right=["Row"], wide=heads[-1:])
        if len(chosen) < len(found):
            say(f"… and {invoice_rules.plural(len(found) - len(chosen), 'more problem')} of these kinds; --all shows every one.", style="dim")
        say("")
        _counts(found, report.rules)
    notices = report.problems.where(lambda one: one.weight == invoice_rules.Severity.NOTICE)
    if len(found) and len(notices):
        say("")
    _notices(notices, show_all)


def filled(counted: Any) -> None:
    """What was filled in and where it came from (X-11), by field."""
    if not len(counted):
        return
    shown = table(["Filled in", "From", "Cells", "Replaced"], right=["Cells", "Replaced"])
    for one in counted.to_dict("records"):
        shown.add_row(one["title"], one["source"], f"{one['cells']:,}", f"{one['overwritten']:,}" if one["overwritten"] else "")
    out().print(shown)
    say("")


def _notices(found: Any, show_all: bool) -> None:
    """What is only told: a line each."""
    for problem in found if show_all else found[:NOTICES]:
        place = f"Row {problem.row:,}: " if problem.row is not None else ""
        out().print(Padding(Text(f"{place}{plain(problem.message)}", style=STYLES["notice"]), (0, 0, 0, 2)))
    if not show_all and len(found) > NOTICES:
        say(f"  … and {invoice_rules.plural(len(found) - NOTICES, 'more notice')}; --all shows every one.", style="dim")


def _some(found: Any, rules: Any) -> list[Any]:
    """At most `FIRST` problems, in the order of the rows: a few of each kind of error or hold, then of what only warns."""
    order = {name: place for place, name in enumerate(rules.fields)}
    grave = invoice_rules.Severity.HOLD
    kinds = [found.where(lambda one, kind=kind: one is kind)[: 8 if kind.weight >= grave else 3] for kind in found.findings]
    weighed = sorted((problem for kind in kinds for problem in kind), key=lambda problem: -min(problem.severity, grave))
    return sorted(weighed[:FIRST], key=lambda problem: (problem.row or 0, order.get(problem.field, -1), -problem.severity))


def _problems(found: Iterable[Any], rules: Any) -> Iterator[list[Text]]:
    """A row of the table for each; the number of the row stands beside its first problem."""
    before: object = ()
    for problem in found:
        yield _problem(problem, rules, same_row=problem.row == before)
        before = problem.row


def _last(found: Any) -> list[Any]:
    """The last problem of each kind: it has the longest number of a row."""
    return [problem for kind in found.findings for problem in found.where(lambda one, kind=kind: one is kind)[-1:]]


def _problem(problem: Any, rules: Any, same_row: bool) -> list[Text]:
    row = "" if same_row else "file" if problem.row is None else f"{problem.row:,}"
    cell = "" if ":" in problem.cell else plain(problem.cell)
    says = problem.message + (f" · {'fix' if problem.fix.safe else 'hint'}: {problem.fix.says or problem.fix.value}" if problem.fix else "")
    severity = str(problem.severity)
    return [Text(row), Text(cell), Text(_title(problem.field, rules)), Text(severity, style=STYLES[severity]), Text(plain(says))]


def _title(field: str, rules: Any) -> str:
    return rules.fields[field].title if field in rules.fields else plain(field)


def _counts(found: Any, rules: Any) -> None:
    counted = table(["Rule", "Field", "Severity", "Count"], right=["Count"])
    for rule, field, severity, count in found.counts().itertuples(index=False, name=None):
        counted.add_row(rule, _title(field, rules), Text(severity, style=STYLES[severity]), f"{count:,}")
    out().print(counted)


def mapping(matched: Any, rules: Any, settings: Mapping[str, str], first_column: int = 0, numbered: bool = False) -> None:
    """Which column feeds which field, how sure and why; required fields carry a star (S3-15)."""
    fed = {**matched.settings, **settings}
    shown = table([*(["No."] if numbered else []), "Field", "Column", "Sure", "Why"], right=["No.", "Sure"], wide=["Why"])
    for number, (name, match) in enumerate(matched.matches.items(), 1):
        star = " *" if name in matched.required else ""
        place = [Text(str(number))] if numbered else []
        shown.add_row(*place, Text(rules.fields[name].title + star), *_source(name, match, fed, bool(star), first_column))
    out().print(shown)
    say("* required", style="dim")


def _source(name: str, match: Any, fed: Mapping[str, str], required: bool, first_column: int) -> list[Text]:
    if name in fed:
        return [Text(f'"{plain(fed[name])}"' if "{" not in fed[name] else plain(fed[name])), Text("100%"), Text("your value for every row")]
    if match.column is None:
        why = plain(match.why) if match.why and not match.how else "needs a column or a value" if required else ""
        return [Text("nothing", style="red" if required else "dim"), Text(""), Text(why, style="dim")]
    sure = Text(f"{match.score:.0%}", style="yellow" if match.how == "similar" else "")
    return [Text(f"{invoice_rules.column_letter(first_column + match.column)}  {plain(match.heading)}"), sure, Text(plain(match.why or match.how))]


def questions(asked: Iterable[Any]) -> None:
    """Settings with what they are now and what they may be; required ones carry a star."""
    shown = table(["No.", "Setting", "Now", "May be"], right=["No."], wide=["Setting", "May be"])
    for number, question in enumerate(asked, 1):
        star = " *" if question.required else ""
        now = Text(plain(question.value)) if question.value else Text(question.default, style="red" if question.required else "dim")
        shown.add_row(str(number), Text(question.title + star), now, Text(", ".join(question.choices), style="dim"))
    out().print(shown)


def differences(first: Any, count: int) -> None:
    """The first of so many changes: per field of an invoice that is on file what it was and what it will be (S3-22)."""
    if not count:
        return
    shown = table(["Row", "Invoice", "Field", "Before", "After"], right=["Row"], wide=["Before", "After"], title="What changes")
    for record in first.to_dict("records"):
        shown.add_row(*(Text(plain(record[name])) for name in ("row", "key", "title", "before", "after")))
    out().print(shown)
    if count > len(first):
        say(f"… and {invoice_rules.plural(count - len(first), 'more change')}.", style="dim")


def saved(kept: Any, rules: Any) -> None:
    """A saved mapping: field, heading; then its settings."""
    shown = table(["Field", "Column"], wide=["Column"])
    for name, match in kept.matches.items():
        if match.heading:
            shown.add_row(Text(_title(name, rules)), Text(plain(match.heading)))
    out().print(shown)
    if kept.settings:
        facts(kept.settings.items())


def absent(rows: Any, rules: Any, first: int = FIRST) -> None:
    """Open invoices that a complete list does not have (X-20)."""
    say(f"{invoice_rules.plural(len(rows), 'open ' + rules.document)} on file {'is' if len(rows) == 1 else 'are'} absent from this file:", style="bold")
    shown = table(["Invoice", "Number", "Customer", "Due", ""], right=["Due"])
    for one in rows.head(first).itertuples():
        due = "" if one.balance is None else invoice_rules.values.show_money(one.balance, one.currency)
        shown.add_row(*(Text(plain(cell)) for cell in (one.key, one.number, one.customer, due, one.currency)))
    out().print(shown)
    if len(rows) > first:
        say(f"… and {len(rows) - first:,} more.", style="dim")


def rule_set(rules: Any) -> None:
    """A rule set for the terminal: its fields, rules and options."""
    say(f"{rules.title} ({rules.name}), version {rules.version}", style="bold")
    say(rules.description)
    say("")
    fields = table(["Field", "Name", "Example", "What it is"], wide=["What it is"], title="Fields (* required)")
    for name, field in rules.fields.items():
        most = f", at most {field.max:,}" if field.max else ""
        fields.add_row(field.title + (" *" if field.required else ""), name, Text(field.example), f"{field.description or field.title}{most}")
    out().print(fields)
    say("")
    wanted = table(["Rule", "", "Field", "What it wants"], wide=["What it wants"], title="Rules")
    for rule, places in _distinct(rules).items():
        wanted.add_row(rule.id, Text(str(rule.severity), style=STYLES[str(rule.severity)]), ", ".join(places), f"{rule.says or rule.message} ({rule.spec})")
    out().print(wanted)
    if rules.options:
        say("")
        facts((f"--set {option.name}={'|'.join(option.choices) or 'VALUE'}", option.title) for option in rules.options)


def _distinct(rules: Any) -> dict[Any, list[str]]:
    """Each rule once, with the titles of the fields that it judges."""
    found: dict[Any, list[str]] = {}
    for name, rule in rules.rules:
        places = found.setdefault(rule, [])
        places += [title] if (title := _title(name, rules)) not in places else []
    return found
