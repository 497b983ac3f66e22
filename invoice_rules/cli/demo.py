"""`demo`: the main job on two sample workbooks of an invented sender, in a folder of its own; may be run again and again."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import importing, output
from invoice_rules.cli.app import app
from invoice_rules.cli.checking import examine, show
from invoice_rules.cli.session import line, own_command, say

RULES = "paystand.receivables"


@app.command()
def demo(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the sample files and their store go.")] = Path("demo"),
    system: Annotated[str | None, typer.Option("--system", metavar="NAME", help="Another system than Paystand: quickbooks, autotask, spectra or spectrum.")] = None,
) -> None:
    """Try everything on two sample months.

    With --system the documents of another system, with the reference lists that they need, and the commands that import them.

    October has mistakes, which come back in a workbook; November follows and updates what is on file. Both go into a store of
    their own in the folder, which is begun anew each time; the store of the run before is kept beside it.
    """
    if system is not None:
        _system(ctx, folder, system.lower())
        return
    october, november = invoice_rules.samples.build_samples(folder)
    where = _fresh(folder / "demo.sqlite")
    store = invoice_rules.open_store(str(where))
    runs = [_month(ctx, file, store) for file in (october, november)]
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for file, state, workbook in runs:
                writing.add({**output.of_report(str(file), state, store.label), **output.of_plan(state.plan, state.receipt, workbook)}, state.report.problems)
        return
    _close(where, runs)


def _system(ctx: typer.Context, folder: Path, system: str) -> None:
    """Import a system's sample lists, then its documents, each by the command that a user would give."""
    if ctx.obj.json:
        raise invoice_rules.CannotRun("With --system the demonstration runs other commands and prints no JSON.")
    sample = invoice_rules.samples.build_system(system, folder)
    where = _fresh(folder / "demo.sqlite")
    settings = [word for name, value in sample.settings.items() for word in ("--set", f"{name}={value}")]
    imported = ["import", str(sample.documents), "--rules", sample.rules, *settings]
    again = [[*imported, "--good-only"]] if invoice_rules.rule_set(sample.rules).all_or_nothing else []
    for words in [*(_list_command(kind, file, system) for kind, file in sample.lists.items()), imported, *again]:
        line("\n$ " + own_command(["--store", str(where), *words]), style="bold")
        app(["--store", str(where), *words, "--yes"], standalone_mode=False)


def _list_command(kind: str, file: Path, system: str) -> list[str]:
    """Entries that a rule set provides, such as clients, are imported by it."""
    provided = f"{system}.{kind}"
    return ["import", str(file), "--rules", provided] if provided in invoice_rules.rule_sets() else ["reference", "import", kind, str(file)]


def _fresh(where: Path) -> Path:
    """A path without a store: the one of the run before is kept under another name, its journal with it."""
    for ending in ("", "-journal"):
        old = where.with_name(where.name + ending)
        if old.exists():
            old.replace(where.with_name(f"{where.stem} of the run before{where.suffix}{ending}"))
    return where


def _month(ctx: typer.Context, file: Path, store: Any) -> tuple[Path, Any, Path | None]:
    """Check, plan and import one file, and show it."""
    choices = invoice_rules.wizard.Choices(source=file, rules=RULES, sender=invoice_rules.samples.SENDER)
    state = invoice_rules.wizard.Wizard(choices, store=store)
    examine(state)
    if not ctx.obj.json:
        line(f"\n── {file.name} ".ljust(100, "─"), style="bold")
        show(state)
        importing.show_plan(state)
    receipt = importing.commit(state, lambda: True)
    workbook = importing.error_workbook(state)
    if not ctx.obj.json:
        importing.show_result(receipt, workbook, file.parent)
    return file, state, workbook


def _close(where: Path, runs: list[tuple[Path, Any, Path | None]]) -> None:
    """Where everything is, and what to try next."""
    line("\n── What to do next ".ljust(101, "─"), style="bold")
    say("The files, the store, and the workbooks with what stayed out:")
    for path in (*(file for file, _, _ in runs), where, *(workbook for _, _, workbook in runs if workbook)):
        line(f"  {path.resolve()}")
    say("Correct the tinted cells of a workbook and import it, look around, or take an import back:")
    fixed = next((str(workbook) for _, _, workbook in runs if workbook), str(runs[0][0]))
    for words in (["import", fixed, "--rules", RULES], ["history"], ["invoices", "--status", "Open"], ["undo", str(runs[-1][1].receipt.number)]):
        line("  " + own_command(["--store", str(where), *words]))
