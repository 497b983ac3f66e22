"""What the documentation tests read and what they write anew with `make golden`: rules found by walking the modules."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from invoice_rules import rule_sets
from invoice_rules.problems import Rule
from invoice_rules.references import kinds
from tests.modules import ROOT, module_files

NUMBER = re.compile(r"(?<![\w-])(X|S[0-4])-(\d+)\b")
PROMISE = re.compile(r"\bpromises? (\d+(?:(?:, | and | to )\d+)*)")

_HEAD = """# Rules

Every rule there is, with what it wants and the behaviour that it comes from ([behaviours.md](behaviours.md)). A problem carries the
rule's id. An *error* keeps its invoice out, a *hold* does until somebody confirms it (`--accept RULE`), a *warning* lets it in, a
*notice* only tells. This page is generated from the rules themselves: `make golden` writes it anew.

"""


def declared_rules() -> dict[str, list[Rule]]:
    """Rule id -> the rules of that id, the ones with words about themselves first, of all modules and rule sets."""
    found: dict[str, list[Rule]] = {}
    for rule in _walked():
        if rule not in (known := found.setdefault(rule.id, [])):
            known.append(rule)
    return {id: sorted(found[id], key=lambda rule: not rule.says) for id in sorted(found)}


def _walked() -> Iterator[Rule]:
    for name in module_files("invoice_rules"):
        if not name.startswith(("invoice_rules.cli", "invoice_rules.store.migrations")):
            yield from (value for value in vars(importlib.import_module(name)).values() if isinstance(value, Rule))
    for rules in (*rule_sets().values(), *kinds().values()):
        yield from (rule for _, rule in rules.rules)


def rules_page() -> str:
    """The text of docs/rules.md."""
    return _HEAD + "\n".join(["| rule | severity | what it wants | behaviour |", "|---|---|---|---|", *map(_line, declared_rules().values())]) + "\n\n" + _options()


def _line(same: list[Rule]) -> str:
    severities = " or ".join(dict.fromkeys(str(rule.severity) for rule in same))
    specs = ", ".join(sorted({rule.spec for rule in same}))
    return f"| `{same[0].id}` | {severities} | {_cell(same[0].says)} | {specs} |"


def _options() -> str:
    lines = ["## Options of the rule sets", "", "Given as `--set option=value`; the first choice is the default.", ""]
    lines += ["| rule set | option | choices | what it does |", "|---|---|---|---|"]
    for name, rules in rule_sets().items():
        lines += [f"| `{name}` | `{o.name}` | {', '.join(f'`{c}`' for c in o.choices) or 'a value'} | {_cell(o.title)} ({o.spec}) |" for o in rules.options]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def promises() -> list[str]:
    """The promises of docs/behaviours.md, as they are cited."""
    section = _text("docs/behaviours.md").partition("\n## Promises\n")[2].partition("\n## ")[0]
    return [f"promise {number}" for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]


def behaviours() -> list[str]:
    """The numbers that docs/behaviours.md explains, in its order."""
    return re.findall(r"^- \*\*([XS][0-4]?-\d+)\*\*", _text("docs/behaviours.md"), re.MULTILINE)


def later() -> set[str]:
    """The numbers that docs/behaviours.md says are not built yet."""
    section = _text("docs/behaviours.md").partition("\n## Not yet\n")[2].partition("\nComplete")[0]
    return {f"{letter}-{number}" for letter, number in NUMBER.findall(section)}


def cited(file: Path) -> set[str]:
    """The behaviours and promises that a file names."""
    text = file.read_text(encoding="utf-8")
    promised = [number for numbers in PROMISE.findall(text) for number in re.findall(r"\d+", numbers)]
    return {f"{letter}-{number}" for letter, number in NUMBER.findall(text)} | {f"promise {number}" for number in promised}


def python_blocks(document: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", _text(document), re.MULTILINE | re.DOTALL)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
