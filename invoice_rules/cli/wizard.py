"""`wizard`: the steps of an import asked one by one on the terminal; "b" goes back and keeps every choice (S0-1, S0-24)."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, importing, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.checking import examine, show
from invoice_rules.cli.session import Session, line, say, tell

BACK, QUIT = "b", "q"
Move = str
"""What a step ends with: "" to go on, BACK or QUIT."""


@app.command()
def wizard(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The file; asked for where it is not given.")] = None,
) -> None:
    """Import a file step by step.

    Choose it, match its columns, settle what is missing, look at the problems, confirm.

    At every question b goes back one step and q stops. Nothing is written before the last question is answered with yes.
    """
    session: Session = ctx.obj
    if session.json:
        raise invoice_rules.CannotRun("The wizard asks its questions on the terminal and prints no JSON. Use import with --json.")
    state = invoice_rules.wizard.Wizard(invoice_rules.wizard.Choices(source=file), store=session.store)
    try:
        code = Steps(state, session).run()
    except (EOFError, typer.Abort):
        raise invoice_rules.CannotRun("Nobody answered. Nothing was imported.") from None
    raise typer.Exit(code)


class Steps:
    """The questions of each step, around one `Wizard`."""

    def __init__(self, state: Any, session: Session):
        self.state, self.session = state, session
        self._ask: dict[int, Callable[[], Move]] = {1: self._source, 2: self._mapping, 3: self._settings, 4: self._check, 5: self._confirm}

    def run(self) -> int:
        """Ask until the import is done or the user stops; gives the exit code."""
        while True:
            tell(f"\n{self.state.step.heading}", style="bold")
            try:
                move = self._ask[self.state.step]()
                if move == QUIT:
                    tell("Nothing was imported.")
                    return 1
                if move == BACK:
                    self.state.back()
                elif self.state.step == invoice_rules.wizard.Step.CONFIRM:
                    return self._finish()
                else:
                    self.state.next()
            except invoice_rules.CannotRun as stop:
                tell(str(stop), style="red")
                self._recover()

    def _recover(self) -> None:
        """After something that cannot work, go where it can be chosen otherwise."""
        at = self.state.step
        if at == invoice_rules.wizard.Step.SOURCE:
            self.state.choose(source=None, sheet=None, header="auto", encoding=None)
        elif at == invoice_rules.wizard.Step.MAPPING:
            self.state.choose(given={})
        elif at > invoice_rules.wizard.Step.SETTINGS:
            self.state.back()

    def _source(self) -> Move:
        chosen = self.state.choices
        if chosen.source is None:
            answer = prompt("Which file?")
            if answer in (BACK, QUIT, ""):
                return answer
            self.state.choose(source=Path(answer.strip("\"'")).expanduser())
        if not self.state.choices.rules:
            move = self._rules()
            if move:
                return move
        line(showing.reading(self.state.table, self.state.rules))
        return self._source_details()

    def _rules(self) -> Move:
        names = list(invoice_rules.rule_sets())
        for number, name in enumerate(names, 1):
            say(f"{number:>3}  {invoice_rules.rule_set(name).title} ({name})")
        answer = prompt("Which rules? Number")
        if answer in (BACK, QUIT):
            return answer
        self.state.choose(rules=_picked(answer, names))
        return ""

    def _source_details(self) -> Move:
        table = self.state.table
        ways = {"f": "another file", "r": "other rules", "h": "the heading row", "e": "the encoding", **({"s": "the sheet"} if len(table.origin.sheets) > 1 else {})}
        answer = prompt(f"Enter to go on; {', '.join(f'{key} for {what}' for key, what in ways.items())}; q to stop")
        if answer == "f":
            self.state.choose(source=None)
        elif answer == "r":
            self.state.choose(rules="")
        elif answer == "h":
            from invoice_rules.cli.options import header_row

            self.state.choose(header=header_row(prompt("Row of the headings, none, or auto") or "auto"))
        elif answer == "e":
            self.state.choose(encoding=prompt("Encoding, such as utf-8 or cp1252; Enter finds it") or None)
        elif answer == "s" and "s" in ways:
            self.state.choose(sheet=_picked(_listed(table.origin.sheets, "Which sheet? Number"), list(table.origin.sheets)))
        else:
            return answer
        return self._source()

    def _mapping(self) -> Move:
        names = list(self.state.rules.fields)
        while True:
            first = self.state.table.origin.first_column
            showing.mapping(self.state.mapping, self.state.rules, self.state.choices.settings, first, numbered=True)
            answer = prompt("Number of a field to give it another column; Enter to go on; b back; q stop")
            if answer in ("", BACK, QUIT):
                return answer
            name = _picked(answer, names)
            line("  ".join(f"{invoice_rules.column_letter(at)} {showing.plain(text)}" for at, text in enumerate(self.state.table.headings, first)))
            column = prompt(f"Column for {self.state.rules.fields[name].title}: letter or heading; - for none; Enter for the guess")
            self._give(name, {"": None, "-": ""}.get(column, column))

    def _give(self, name: str, column: str | None) -> None:
        """Take the column, if the file has it."""
        before = self.state.choices.given
        self.state.give(name, column)
        try:
            _ = self.state.mapping
        except invoice_rules.CannotRun as unknown:
            self.state.choose(given=before)
            tell(str(unknown), style="red")

    def _settings(self) -> Move:
        while True:
            questions = self.state.questions()
            for number, question in enumerate(questions, 1):
                star = " *" if question.required else ""
                choices = f" ({', '.join(question.choices)})" if question.choices else ""
                say(f"{number:>3}  {question.title}{star}{choices}: {question.value or question.default}")
            answer = prompt("Number to change one; Enter to go on; b back; q stop")
            if answer in ("", BACK, QUIT):
                return answer
            self._answer(questions[_number(answer, len(questions)) - 1])

    def _answer(self, question: Any) -> None:
        words = " or ".join(question.choices) if question.choices else "a value, or another field as {amount}" if question.required else "what it is"
        value = prompt(f"{question.title}: {words}; Enter for {question.default}")
        if question.choices and value and value not in question.choices:
            raise invoice_rules.CannotRun(f"Choose {' or '.join(question.choices)}.")
        self.state.answer(question.name, value)

    def _check(self) -> Move:
        examine(self.state)
        show(self.state)
        while True:
            answer = prompt("Enter to go on; f apply the safe fixes; a show every problem; b back; q stop")
            if answer == "f":
                self.state.choose(apply_fixes=True)
                show(self.state)
            elif answer == "a":
                show(self.state, show_all=True)
            else:
                return answer

    def _confirm(self) -> Move:
        asking.settle_holds(self.state)
        importing.show_plan(self.state)
        question = self.state.question() or f"Nothing changes in {self.state.report.entity.name}. Keep a receipt of that?"
        answer = prompt(f"{question} y, n, b back")
        return "" if answer in ("y", "yes") else BACK if answer == BACK else QUIT

    def _finish(self) -> int:
        receipt = importing.commit(self.state, self._again)
        importing.show_result(receipt, importing.error_workbook(self.state), Path(self.state.choices.source).parent)
        if self.state.choices.sender and asking.yes(f"Remember the fixes and column settings for {self.state.choices.sender}?", default=True):
            importing.remember(self.state, self.session, quiet=False)
        return 1 if self.state.plan.count(invoice_rules.Outcome.REJECTED) else 0

    def _again(self) -> bool:
        importing.show_plan(self.state)
        return asking.confirm(self.state)


def prompt(question: str) -> str:
    """One line from the user, in small letters where it is a single one."""
    answer = typer.prompt(question, default="", show_default=False, err=True).strip()
    return answer.lower() if len(answer) == 1 else answer


def _listed(names: tuple[str, ...], question: str) -> str:
    for number, name in enumerate(names, 1):
        say(f"{number:>3}  {showing.plain(name)}")
    return prompt(question)


def _picked(answer: str, names: list[str]) -> str:
    return names[_number(answer, len(names)) - 1]


def _number(answer: str, most: int) -> int:
    if not answer.isdecimal() or not 1 <= int(answer) <= most:
        raise invoice_rules.CannotRun(f'"{answer}" is not one of the numbers 1 to {most}.')
    return int(answer)
