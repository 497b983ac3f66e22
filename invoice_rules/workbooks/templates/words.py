"""What a template says about a field: the line above its heading, the message beside its cells, the guide."""

from collections.abc import Mapping

from invoice_rules.fields import Field, RuleSet
from invoice_rules.problems import plural

_KINDS = {
    "text": "Text",
    "code": "Text; zeros before it stay",
    "money": "An amount",
    "number": "A number",
    "percent": "A percentage: 10.5 means 10.5 %",
    "date": "A date",
    "yes_no": "yes or no",
    "emails": "An e-mail address",
    "currency": "A code of three letters, such as USD",
}
_LONGEST_TITLE, _LONGEST_MESSAGE = 32, 255


def written(field: Field) -> str:
    """How a field is filled in, in words."""
    if field.choices:
        return f"One of: {', '.join(field.choices)}"
    if field.kind == "emails" and (field.max or 1) > 1:
        return f"Up to {field.max} e-mail addresses, with commas between them"
    longest = f", at most {plural(field.max, 'character')}" if field.max and field.kind in ("text", "code") else ""
    return _KINDS[field.kind] + longest


def prompt_title(field: Field, required: bool) -> str:
    """The title of the message beside a cell: never cut in the middle of a word."""
    star = " *" if required else ""
    title = field.title if len(field.title) + len(star) <= _LONGEST_TITLE else field.title[: _LONGEST_TITLE - len(star) - 1] + "…"
    return title + star


def prompt(field: Field, required: bool, rules: RuleSet) -> str:
    """The message beside a cell."""
    parts = [field.description, written(field), "Every row needs it" if required and not rules.lined else "Required" if required else ""]
    if rules.lined and field.level == "header":
        parts.append(f"The same on every row of one {rules.document}")
    example = f"Example: {field.example}" if field.example and not field.choices and field.kind not in ("date", "yes_no", "currency") else ""
    text = ". ".join(part for part in (*parts, example) if part)
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def refusal(field: Field) -> str:
    """What is said where an entry is not taken."""
    wants = {"date": "Type a date as your calendar has it, for example 2026-11-30", "money": "Type the amount as a number, for example 1250.00"}
    wants |= {"number": "Type a number, for example 2.5", "percent": "Type the percentage as a number, for example 10.5"}
    return f"{wants.get(field.kind, written(field))}."


def hint(field: Field) -> str:
    """The line above a heading."""
    return field.description or written(field)


def steps(rules: RuleSet, documents: str, fixed: Mapping[str, str]) -> tuple[str, ...]:
    """How to fill the workbook in; `fixed`: field -> what every row has anyway."""
    known = ", ".join(f"{rules.fields[name].title} {value}" for name, value in fixed.items())
    noun = rules.document
    row = f"Fill in one row for each line of {_a(noun)} on the sheet {documents}; rows of one {noun} repeat its number." if rules.lined else f"Fill in one row for each {noun} on the sheet {documents}."
    return (
        f"{row} The sheet may grow as long as you need.",
        "Headings with a star, on dark blue, are required. Click a cell to read what belongs there.",
        *([f"Fixed for this workbook, and not asked for: {known}."] if known else []),
        "Red cells keep the row out and need correcting; amber cells are worth a second look.",
        f"Below, declare how many {documents.lower()} you send and their total, from your own books. A file that differs is not imported.",
        "Save the workbook and send it back. Leave the headings and the sheets' names as they are.",
    )


def _a(word: str) -> str:
    return f"an {word}" if word[:1] in "aeiou" else f"a {word}"
