"""`check`: a file's problems, nothing written."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

import invoice_rules
from invoice_rules import trouble
from invoice_rules.cli import fitting, options, output, showing, stdout
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, line, own_command, say, tell, working

Judge = Callable[[Path, output.Array | None], int]


@app.command()
def check(
    ctx: typer.Context,
    files: options.Files,
    rules: options.SeveralRules = None,
    saved: options.Saved = None,
    map_: options.Map = None,
    set_: options.Set = None,
    sheet: options.Sheet = None,
    header: options.Header = "auto",
    encoding: options.Encoding = None,
    sender: options.Sender = "",
    currency: options.Currency = None,
    limit_mb: options.LimitMb = None,
    fix: options.ApplyFixes = False,
    expect_count: options.Count = None,
    expect_total: options.Total = None,
    show_all: options.All = False,
    marked: options.Marked = None,
    force: options.Force = False,
) -> None:
    """Check files and list every problem. Nothing is written, but for the marked copy where one is asked for.

    Ends with 0 where nothing keeps an invoice out, 1 where errors or holds do, 2 where a file could not be checked at all.
    """
    session: Session = ctx.obj
    several = list(dict.fromkeys(rules or ()))
    given = {**ctx.params, "rules": several[0] if several else None}
    if len(several) > 1:
        raise typer.Exit(fitting.compare(ctx, files, several, given))
    if marked is not None and len(files) > 1:
        raise invoice_rules.CannotRun("--marked makes a copy of one workbook. Check the files one by one.")
    if marked is not None:
        invoice_rules.workbooks.unless_there(marked, force or marked.resolve() == files[0].resolve())

    def judge(file: Path, writing: output.Array | None) -> int:
        store = session.store_if_any
        wizard = invoice_rules.wizard.Wizard(options.choices(session, file, given), context=store and store.context())
        examine(wizard)
        copy = _marked(wizard, marked)
        if writing is not None:
            element = output.of_report(str(file), wizard, store and store.label)
            writing.add({**element, **({"marked": str(copy)} if copy else {})}, wizard.report.problems)
        else:
            show(wizard, show_all)
            if copy:
                say("The copy with its wrong cells marked:")
                line(f"  {copy}")
            _advise(wizard, session, files)
        return 1 if wizard.report.rejected or wizard.report.blocked else 0

    raise typer.Exit(each(ctx, files, judge))


def _marked(wizard: Any, target: Path | None) -> Path | None:
    """The marked copy of the workbook, where one is asked for."""
    if target is None:
        return None
    with working("Marking the copy"):
        return invoice_rules.workbooks.mark_workbook(wizard.report, target)


def each(ctx: typer.Context, files: Sequence[Path], judge: Judge) -> int:
    """Judge every file on its own: one that cannot be read does not stop the others. Gives the worst exit code."""
    session: Session = ctx.obj
    worst = 0
    with _results(ctx) as writing:
        for place, file in enumerate(files):
            if len(files) > 1 and writing is None:
                line(("\n" if place else "") + str(file), style="bold")
            worst = max(worst, _judged(file, writing, judge, session))
    return worst


@contextlib.contextmanager
def _results(ctx: typer.Context) -> Iterator[output.Array | None]:
    """The array to write to with `--json`, else None."""
    if not ctx.obj.json:
        yield None
        return
    with output.array(ctx) as writing:
        yield writing


def _judged(file: Path, writing: output.Array | None, judge: Judge, session: Session) -> int:
    try:
        return judge(file, writing)
    except invoice_rules.CannotRun as stop:
        message = str(stop)
    except Exception as error:
        if hasattr(error, "exit_code") or (isinstance(error, OSError) and stdout.was_lost()):
            raise
        message = trouble.unexpected(error, session.argv)
    tell(message, style="red")
    if writing is not None:
        writing.add({"file": str(file), "error": message})
    return 2


def examine(wizard: Any) -> None:
    """Read and examine, saying so when it takes a while."""
    name = Path(wizard.choices.source).name
    with working(f"Reading {name}"):
        table = wizard.table
    with working(f"Checking {invoice_rules.plural(len(table), 'row')} of {name}"):
        _ = wizard.report.problems


def show(wizard: Any, show_all: bool = False) -> None:
    """The report for people: how the file was read, what is wrong, and the sentence that sums it up."""
    report = wizard.report
    say(showing.reading(report.table, report.rules), style="dim")
    say("")
    showing.problems(report, show_all)
    if len(report.problems):
        say("")
    showing.filled(invoice_rules.filledin.counts(report))
    say(report.summary(), style="bold")


def _advise(wizard: Any, session: Session, files: Sequence[Path]) -> None:
    """What to do next."""
    report = wizard.report
    _advise_columns(report, {**wizard.mapping.settings, **wizard.choices.settings})
    if wizard.missing:
        say("Give each missing field a column with --map FIELD=COLUMN or a value with --set FIELD=VALUE; `map` shows the columns.")
        return
    if not report.invoices:
        say("Choose otherwise with --set, and check again.")
        return
    if not report.rejected and not report.blocked:
        say("Import them:")
    elif report.accepted:
        good = "good one" if report.accepted == 1 else f"{report.accepted:,} good ones"
        say(f"Correct the cells and check again, or import the {good}:")
    elif wizard.obstacles(invoice_rules.wizard.Step.CHECK):
        say("Correct the file and check again.")
        return
    else:
        say("Settle what waits for a yes and check again, or accept it while importing:")
    line("  " + _import_command(session.argv, wizard.choices.source, files))
    show_open_holds(wizard)


def show_open_holds(wizard: Any) -> None:
    """How each kind of hold that waits for a yes is accepted by name (X-19)."""
    for hold in wizard.open_holds():
        waiting = f"{invoice_rules.plural(hold.count, 'row')} that {'waits' if hold.count == 1 else 'wait'} for a yes"
        line(f"  --accept {hold.rule} takes in {waiting}", style="dim")


def _advise_columns(report: Any, settings: Mapping[str, str]) -> None:
    """How to say that a whole column of dates is written in another order, or one of amounts with a decimal comma (X-12)."""
    for part, rules, others, words in (
        ("order=day-first", ("date", "date-order"), "year-first", "Where a whole column writes its dates in another order"),
        ("decimal=comma", ("decimal-mark",), "point", "Where a whole column of amounts or numbers has a decimal comma"),
    ):
        found = dict.fromkeys(f"--set {one.field}.{part}" for one in report.problems.findings if one.rule.id in rules)
        asked = [option for option in found if option.split()[1].partition("=")[0] not in settings]
        if asked:
            say(f"{words}, say so: {' '.join(asked)} (or {others}).")


def _import_command(argv: Sequence[str], file: Path, files: Sequence[Path]) -> str:
    """The command that imports this one of the files, with the same options."""
    others = {str(other) for other in files} - {str(file)} | {"--all", "--force"}
    words = [word for word in argv if word not in others and not word.startswith("--marked=")]
    if "--marked" in words:
        at = words.index("--marked")
        del words[at : at + 2]
    words[words.index("check")] = "import"
    return own_command(words)
