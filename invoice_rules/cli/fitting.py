"""`check` with several rule sets: which systems would take the file as it is, and what stands in the way of the others."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

import invoice_rules
from invoice_rules.cli import options, output
from invoice_rules.cli.session import Session, line, say, tell, working

_REASONS = 3


def compare(ctx: typer.Context, files: Sequence[Path], names: Sequence[str], given: Mapping[str, Any]) -> int:
    """Check each file against each rule set and tell the answers side by side; 0 where all fit, 1 where one does not, 2 where one could not be checked."""
    session: Session = ctx.obj
    rules = [options.found_rules(name) for name in names]
    _refuse_unknown(rules, given)
    worst = 0
    if session.json:
        with output.array(ctx) as writing:
            for file in files:
                for one in rules:
                    worst = max(worst, _written(session, file, one, given, writing))
        return worst
    for file in files:
        line(str(file), style="bold")
        worst = max([worst, *(_told(session, file, one, given) for one in rules)])
    return worst


def _refuse_unknown(rules: Sequence[Any], given: Mapping[str, Any]) -> None:
    """Raise CannotRun for a column or value that none of the rule sets knows: it would be passed over in silence."""
    for option, known in (("map_", lambda name, one: name in one.fields), ("set_", _known)):
        for text in given.get(option) or ():
            name = text.partition("=")[0].strip()
            if not any(known(name, one) for one in rules):
                what = "field" if option == "map_" else "setting"
                raise invoice_rules.CannotRun(f'There is no {what} "{name}" for {" or ".join(one.title for one in rules)}. The command rules NAME lists what there is.')


def _wizard(session: Session, file: Path, rules: Any, given: Mapping[str, Any]) -> Any:
    """The file checked against one rule set, with those of the columns and values that it knows."""
    fields = rules.fields
    columns = [text for text in given.get("map_") or () if text.partition("=")[0].strip() in fields]
    values = [text for text in given.get("set_") or () if _known(text.partition("=")[0].strip(), rules)]
    store = session.store_if_any
    chosen = options.choices(session, file, {**given, "rules": rules.name, "map_": columns, "set_": values})
    wizard = invoice_rules.wizard.Wizard(chosen, context=store and store.context())
    with working(f"Checking {file.name} for {rules.title}"):
        _ = wizard.report.problems
    return wizard


def _known(name: str, rules: Any) -> bool:
    return name.partition(".")[0] in rules.fields or name in ("rows", "currency") or any(option.name == name for option in rules.options)


def _told(session: Session, file: Path, rules: Any, given: Mapping[str, Any]) -> int:
    try:
        report = _wizard(session, file, rules, given).report
    except invoice_rules.CannotRun as stop:
        tell(f"{rules.title}: {stop}", style="red")
        return 2
    fits = not report.rejected and not report.blocked
    say(f"{'✓ fits' if fits else '✗ fails'} {rules.title} ({rules.name}){'' if fits else ':'} {'' if fits else report.summary()}".rstrip(), style="green" if fits else "red")
    for reason in reasons(report):
        say(f"    {reason}")
    return 0 if fits else 1


def _written(session: Session, file: Path, rules: Any, given: Mapping[str, Any], writing: output.Array) -> int:
    try:
        wizard = _wizard(session, file, rules, given)
    except invoice_rules.CannotRun as stop:
        writing.add({"file": str(file), "rules": rules.name, "error": str(stop)})
        return 2
    report, store = wizard.report, session.store_if_any
    fits = not report.rejected and not report.blocked
    writing.add({**output.of_report(str(file), wizard, store and store.label), "fits": fits}, report.problems)
    return 0 if fits else 1


def reasons(report: Any) -> list[str]:
    """What keeps documents out, the most frequent first: `Invoice number 08131700000001 has 14 characters; 10 are allowed (12 rows, first row 3).`"""
    grave = report.problems.at_least(invoice_rules.Severity.HOLD)
    missing = [report.rules.fields[one.field].title for one in grave.findings if one.rule.id == "unmapped"]
    kinds = sorted((one for one in grave.findings if one.rule.id != "unmapped"), key=lambda one: (one.at is not None, -len(one)))
    told = [f"No column for {', '.join(missing[:8])}{' …' if len(missing) > 8 else ''}."] if missing else []
    for kind in kinds[:_REASONS]:
        first = grave.where(lambda one, kind=kind: one is kind)[0]
        rows = f" ({invoice_rules.plural(len(kind), 'row')}, first row {first.row:,})" if first.row is not None else ""
        told.append(first.message.split(". ")[0].rstrip(".") + rows + ".")
    return [*told, *([f"… and {len(kinds) - _REASONS} more kinds of problem."] if len(kinds) > _REASONS else [])]
