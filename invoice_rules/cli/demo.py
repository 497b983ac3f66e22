"""`demo`: the main job on two sample workbooks of an invented sender, in a folder of its own; may be run again and again."""

from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import importing, output
from invoice_rules.cli.app import app
from invoice_rules.cli.checking import examine, show
from invoice_rules.cli.session import command_line, line, say

RULES = "paystand.receivables"


@app.command()
def demo(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the sample files and their store go.")] = Path("demo"),
) -> None:
    """Try everything on two sample months.

    October has mistakes, which come back in a workbook; November follows and updates what is on file. Both go into a store of
    their own in the folder, which is begun anew each time; the store of the run before is kept beside it.
    """
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
        line("  " + command_line(["invoice-rules", "--store", str(where), *words]))
