"""The reference of all commands as Markdown, made from the Typer application itself; `docs/commands.md` is this text."""

from collections.abc import Iterator
from typing import Any

import typer

_OPENING = """# Commands

Everything that `invoice-rules` can do. This page is made from the program itself (`make golden`); `invoice-rules COMMAND --help` says the same.

Results go to stdout, messages and questions to stderr. Every command takes `--json`; the format is in [json.md](json.md). Unless a command says
otherwise it ends with 0 when it did what was asked, and with 2 when it could not run, with the reason on stderr.
A command that only shows something ends with 141 where its output is closed before it is done (`| head`); one that changes something goes on.
One that is told from outside to stop (SIGTERM) clears away what it began and ends with 143.
"""


def markdown() -> str:
    """The whole page."""
    from invoice_rules.cli.app import app

    root = typer.main.get_command(app)
    parts = [_OPENING, "## Everywhere on the line\n", _table(_options(root))]
    for path, command in commands(root):
        parts += [f"\n## {path}\n", _usage(path, command), "", _help(command), *_parameters(command)]
    return "\n".join(parts).rstrip() + "\n"


def commands(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, command) of every command, those inside groups as `store upgrade`, and the groups that do something by themselves."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            if command.invoke_without_command:
                yield f"{path}{name}", command
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


def _help(command: Any) -> str:
    return "\n".join(line.strip() for line in (command.help or "").splitlines())


def _usage(path: str, command: Any) -> str:
    arguments = [_argument(p) for p in command.params if p.param_type_name == "argument"]
    return f"    invoice-rules {' '.join([path, *arguments])}" + (" [OPTIONS]" if _options(command) else "")


def _argument(parameter: Any) -> str:
    name = parameter.metavar + ("…" if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _parameters(command: Any) -> list[str]:
    arguments = [(f"`{p.metavar}`", p.help or "") for p in command.params if p.param_type_name == "argument"]
    rows = arguments + _options(command)
    return ["", _table(rows)] if rows else []


def _options(command: Any) -> list[tuple[str, str]]:
    found = []
    for option in command.params:
        if option.param_type_name == "option" and option.name not in ("help", "install_completion", "show_completion"):
            names = ", ".join(f"`{name}`" for name in option.opts)
            found.append((names + (f" {option.metavar}" if option.metavar and not option.is_flag else ""), option.help or ""))
    return found


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {text} |".replace("{amount}", "`{amount}`") for name, text in rows)])
