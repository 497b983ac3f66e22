"""Files for the import wizard, and the wizard itself as a user has it at some step."""

from pathlib import Path

from invoice_rules.notebook import ImportWizard
from invoice_rules.wizard import Step

RULES = "paystand.receivables"
HEAD = "Invoice ID,Invoice number,Amount,Amount due,Customer name,Customer ID,Date,Due date,Canceled,Contact e-mail\n"


def line(number: int, amount: str = "100.00", due: str = "40.00", canceled: str = "no", name: str = "Miller Studio") -> str:
    """A row that keeps every rule but for what is given."""
    return f"I-{number},{1000 + number},{amount},{due},{name},C-{number},11/02/2026,12/02/2026,{canceled},ap@miller-studio.co\n"


GOOD = HEAD + line(1) + line(2)
BAD = HEAD + line(1) + line(2, amount="50.00", due="60.00") + line(3, canceled="Y")
ATTACK = "<img src=x onerror=alert(1)>"


def put(folder: Path, text: str, name: str = "may.csv") -> Path:
    """A file on the server."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def begun(folder: Path, **given) -> ImportWizard:
    """A wizard over a store in the folder, ready for the first click."""
    made = ImportWizard(folder / "books.sqlite", folder=folder, **given)
    assert made.wait()
    return made


def at(step: Step, folder: Path, text: str, name: str = "may.csv", rules: str = RULES) -> ImportWizard:
    """The wizard after the clicks that lead to a step, nothing told on the way."""
    put(folder, text, name)
    made = begun(folder)
    choose(made.source.rules, rules, made)
    made.source._list_files()
    click(made.source.use, made)
    for _ in range(step - 1):
        click(made.next, made)
    assert made.state.step == step, (made.frame.messages, made.obstacles.value)
    return made


def click(button, wizard: ImportWizard) -> None:
    """Press a button and wait for what comes of it; a button that is disabled cannot be pressed."""
    assert not button.disabled, button.description
    button.click()
    assert wizard.wait()


def choose(control, value, wizard: ImportWizard) -> None:
    """Choose in a control and wait for what comes of it."""
    control.value = value
    assert wizard.wait()


def sent(component, *message: dict) -> list[tuple[dict, list]]:
    """What a component answers to these messages of the page: (content, buffers)."""
    answers: list[tuple[dict, list]] = []
    component.send = lambda content, buffers=None: answers.append((content, list(buffers or [])))
    for one in message:
        buffers = one.pop("buffers", [])
        component._received(component, one, buffers)
    return answers
