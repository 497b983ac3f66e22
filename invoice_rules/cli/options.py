"""The options that `check`, `import`, `map` and `wizard` share, and how they become the choices of a wizard."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli.session import DEFAULT, Session

File = Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The file: CSV, text, Excel, OpenDocument or JSON.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE", readable=False, help="One or more files; each is judged on its own.")]
Rules = Annotated[str | None, typer.Option("--rules", metavar="NAME", help="The rule set, such as paystand.receivables; `rules` lists them.")]
SeveralRules = Annotated[list[str] | None, typer.Option("--rules", metavar="NAME", help="The rule set, such as paystand.receivables; `rules` lists them. Repeated: the file is checked against each.")]
OnlyRules = Annotated[str | None, typer.Option("--rules", metavar="NAME", help="Only those of this rule set.")]
Saved = Annotated[str | None, typer.Option("--mapping", metavar="M", help="Use this saved column mapping, with its rules and settings.")]
Map = Annotated[list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="This column feeds this field; a heading or a letter. May be repeated.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="One value for every row, or another field as {amount}; also FIELD.order=day-first, FIELD.decimal=comma, or an option of the rule set. May be repeated."),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="S", help="The sheet of a workbook.")]
Header = Annotated[str, typer.Option("--header", metavar="ROW", help="The row of the headings, or none where the file has none; it is found by itself otherwise.")]
Encoding = Annotated[str | None, typer.Option("--encoding", metavar="E", help="The encoding of a text file, such as cp1252; it is found by itself otherwise.")]
LimitMb = Annotated[str | None, typer.Option("--limit-mb", metavar="N", help="Take files up to this size, in place of the rule set's limit.")]
Sender = Annotated[str, typer.Option("--sender", metavar="NAME", help="Who sent the file: the corrections remembered for this sender are applied.")]
Currency = Annotated[str | None, typer.Option("--currency", metavar="C", help="The currency of amounts that name none, such as EUR.")]
ApplyFixes = Annotated[bool, typer.Option("--fix", help="Apply the safe fixes: those that mean the same as what was typed.")]
Count = Annotated[str | None, typer.Option("--expect-count", metavar="N", help="The number of invoices that the sender declares.")]
Total = Annotated[list[str] | None, typer.Option("--expect-total", metavar="M", help="The total that the sender declares: 1,200.00 or USD=1,200.00, credits negative. May be repeated, once a currency.")]
Marked = Annotated[Path | None, typer.Option("--marked", metavar="OUT", help="Also write a copy of the workbook, OUT, with its wrong cells tinted and a status beside each row; .xlsx and .xlsm only.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file to be written if it is there already.")]
All = Annotated[bool, typer.Option("--all", help="Show every problem, not only the first ones.")]


def choices(session: Session, source: Path | None, given: Mapping[str, Any]) -> Any:
    """What the options decide, as the wizard's choices; raises CannotRun where they contradict themselves or name what is not there."""
    rules = found_rules(given["rules"]) if given.get("rules") else None
    saved = saved_mapping(session, given["saved"], rules and rules.name) if given.get("saved") else None
    if rules is None:
        rules = found_rules(saved.rules) if saved else _of_template(source)
    if rules is None:
        raise invoice_rules.CannotRun(f"Which rules apply? Add --rules NAME, one of: {', '.join(invoice_rules.rule_sets())}.")
    accept = tuple(given.get("accept") or ())
    invoice_rules.planning.known_holds(accept, rules)
    saved = saved or _own_mapping(session, rules)
    settings = {**pairs(given.get("set_") or (), "--set", "FIELD=VALUE"), **({"currency": given["currency"]} if given.get("currency") else {})}
    return invoice_rules.wizard.Choices(
        source=source,
        rules=rules.name,
        sheet=given.get("sheet"),
        header=header_row(given.get("header") or "auto"),
        encoding=given.get("encoding"),
        limit_mb=megabytes(given.get("limit_mb")),
        saved=saved,
        given=pairs(given.get("map_") or (), "--map", "FIELD=COLUMN"),
        settings=settings,
        sender=given.get("sender") or "",
        corrections=_corrections(session, rules, given.get("sender") or ""),
        expected=_expected(session, given, settings, saved, rules),
        apply_fixes=bool(given.get("fix")),
        accept=accept,
        all_or_nothing=given.get("all_or_nothing"),
        open_items_complete=bool(given.get("open_items_complete")),
        close_absent=bool(given.get("close_absent")),
    )


def _of_template(source: Path | None) -> Any | None:
    """The rule set that a template of ours was made from."""
    name = invoice_rules.template_rules(source) if source is not None and source.is_file() else ""
    return invoice_rules.rule_sets().get(name)


def found_rules(name: str) -> Any:
    """The rule set of this name; raises CannotRun with the names that there are."""
    try:
        return invoice_rules.rule_set(name)
    except LookupError as unknown:
        raise invoice_rules.CannotRun(str(unknown.args[0])) from None


def pairs(texts: Iterable[str], option: str, form: str) -> dict[str, str]:
    """`["amount=Total"]` -> {"amount": "Total"}; only the first = separates."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise invoice_rules.CannotRun(f'{option} "{text}" has no = in it. Write {option} {form}.')
        if found.get(name.strip(), value) != value:
            raise invoice_rules.CannotRun(f'{option} names "{name.strip()}" twice. Give it once.')
        found[name.strip()] = value
    return found


def header_row(text: str) -> str | int:
    """`auto` and `none` as they are, a row number as a number."""
    if text in ("auto", "none"):
        return text
    if not text.isdecimal() or int(text) < 1:
        raise invoice_rules.CannotRun(f'--header says "{text}". Write the number of the heading row, or none.')
    return int(text)


def megabytes(text: str | None) -> float | None:
    """A size in megabytes; raises CannotRun for what is none."""
    if text is None:
        return None
    if not text.replace(".", "", 1).isdecimal() or not float(text):
        raise invoice_rules.CannotRun(f'--limit-mb says "{text}". Write a number of megabytes, such as 50.')
    return float(text)


def day(option: str, text: str | None) -> dt.date | None:
    """A day as 2026-11-21; raises CannotRun for anything else."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise invoice_rules.CannotRun(f'{option} says "{text}". Write a day of the calendar as 2026-11-21.') from None


def _expected(session: Session, given: Mapping[str, Any], settings: Mapping[str, str], saved: Any | None, rules: Any) -> Any | None:
    count, totals = given.get("expect_count"), given.get("expect_total") or ()
    if count is None and not totals:
        return None
    return invoice_rules.wizard.expected_totals(count, totals, invoice_rules.wizard.currency_of(settings, saved, session.store_if_any, rules))


def saved_mapping(session: Session, name: str, rules: str | None = None) -> Any:
    """A mapping kept in the store; raises CannotRun with the names that there are."""
    store = session.store_if_any
    kept = [] if store is None else store.mappings()
    found = [one for one in kept if mapping_name(one) == name and rules in (None, one.rules)]
    if len(found) == 1:
        return found[0]
    if found:
        raise invoice_rules.CannotRun(f'"{name}" is a mapping of {" and of ".join(one.rules for one in found)}. Say which with --rules.')
    known = ", ".join(mapping_name(one) for one in kept)
    raise invoice_rules.CannotRun(f'There is no mapping named "{name}". ' + (f"There are: {known}." if known else "None is saved yet."))


def mapping_name(mapping: Any) -> str:
    """A mapping's name; the one without a name is the default, which is used where no other is asked for (S3-16)."""
    return mapping.name or DEFAULT


def _own_mapping(session: Session, rules: Any) -> Any | None:
    """The entity's own mapping for these rules, made once (S3-15, S3-16)."""
    store = session.store_if_any
    return None if store is None else store.mapping(rules.name)


def _corrections(session: Session, rules: Any, sender: str) -> Any | None:
    store = session.store_if_any if sender else None
    return None if store is None else store.corrections(rules.name, sender)
