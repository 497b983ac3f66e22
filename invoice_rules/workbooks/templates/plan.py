"""What a template workbook consists of: its sheets and their names, which column feeds which field, and where its rows lie."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from invoice_rules.errors import CannotRun
from invoice_rules.fields import Field, RuleSet
from invoice_rules.problems import plural
from invoice_rules.settings import fixed_fields
from invoice_rules.table import column_letter

COVER, EXAMPLES, GUIDE, LISTS, META = "Cover", "Examples", "Guide", "Lists", "ir_template"
HEAD = 5
"""The row of the headings on the sheet of data; what helps to fill it in stands above."""
FIRST = HEAD + 1
MOST_ROWS = 100_000
_LEAST_REACH, _LEAST_CHECKED = 10_000, 1_000
_LAST_ROW = 1_048_576
_PLAIN = re.compile(r"[A-Za-z]{4,}")
"""Names of sheets that are no part of another formula, such as a cell or a column, and stand in one without quotes."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A template that is to be made: `rows` open rows, for a `sender`; `references`: kind of list -> the client's own keys (S3-15)."""

    rules: RuleSet
    rows: int = 500
    sender: str = ""
    references: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    results: dict[str, str | int] = field(default_factory=dict)
    """`Cover!E17` -> what the formula there gives while nothing is filled in."""

    def __post_init__(self) -> None:
        if not 1 <= self.rows <= MOST_ROWS:
            raise CannotRun(f"A template has from 1 to {MOST_ROWS:,} open rows; {self.rows:,} were asked for.")

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """The fields that a file can have, but those that the program makes itself and those that a setting fills in."""
        return tuple(one for one in self.rules.offered.values() if not one.made and one.name not in self.fixed)

    @cached_property
    def fixed(self) -> Mapping[str, str]:
        """Field -> what a setting puts on every row: it is not asked for."""
        return fixed_fields(self.settings, self.rules)

    @cached_property
    def needed(self) -> frozenset[str]:
        """Fields that somebody has to fill in: required, and filled from nowhere else."""
        return frozenset(self.rules.needed) | frozenset(name for name in self.rules.required if name in self.rules.group_by)

    @property
    def currency(self) -> str:
        """The currency of amounts that name none (X-17)."""
        return (self.settings.get("currency") or self.rules.currency).upper()

    @property
    def documents(self) -> str:
        """`Invoices`: the name of the sheet of data."""
        return plural(2, self.rules.document).partition(" ")[2].capitalize()

    def heading(self, field: Field) -> str:
        """What stands above the field's column: its title, with a star where it is required."""
        return f"{field.title} *" if field.name in self.needed else field.title

    @property
    def table(self) -> str:
        """The name of the table, which formulas and programs know it by."""
        return "ir_rows"

    @property
    def last(self) -> int:
        """The last open row."""
        return FIRST + self.rows - 1

    @property
    def checked(self) -> int:
        """The last row that is checked while somebody types: beyond the open ones, because the sheet may grow."""
        return max(self.last, FIRST + _LEAST_CHECKED - 1)

    @property
    def reach(self) -> int:
        """The last row that is counted and summed: ten times as many cost a second for each cell that is typed."""
        return max(self.last, FIRST + _LEAST_REACH - 1)

    @property
    def counted(self) -> int:
        """How many rows are counted and summed."""
        return self.reach - HEAD

    @property
    def beyond(self) -> str:
        """Whether anything stands below these rows, as formulas ask it."""
        letters = [*self.letters.values()]
        return f"COUNTA({self._placed(f'${letters[0]}${self.reach + 1}:${letters[-1]}${_LAST_ROW}', sheet=True)})>0"

    @cached_property
    def letters(self) -> Mapping[str, str]:
        """Field -> the letter of its column."""
        return {one.name: column_letter(at) for at, one in enumerate(self.columns)}

    def area(self, name: str, sheet: bool = False) -> str:
        """All cells of a column, as formulas write them: `$C$6:$C$5005`."""
        letter = self.letters[name]
        return self._placed(f"${letter}${FIRST}:${letter}${self.reach}", sheet)

    def above(self, name: str, sheet: bool = False) -> str:
        """The same cells a row higher: each row beside the one before it."""
        letter = self.letters[name]
        return self._placed(f"${letter}${HEAD}:${letter}${self.reach - 1}", sheet)

    def _placed(self, cells: str, sheet: bool) -> str:
        """The cells, with the name of their sheet where that is asked for: `Invoices!$C$6`, `'Fee notes'!$C$6`."""
        name = self.documents if _PLAIN.fullmatch(self.documents) else "'" + self.documents.replace("'", "''") + "'"
        return f"{name}!{cells}" if sheet else cells

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields in which rows of one document agree; none where each row is one."""
        return tuple(name for name in self.rules.group_by if name in self.letters) if self.rules.lined else ()

    @property
    def amount(self) -> str:
        """The field whose sum is the declared total: the document's amount, else that of its lines; '' where there is none."""
        return next((name for role in ("amount", "line_amount") if (name := self.rules.role(role)) in self.letters), "")

    @cached_property
    def short_example(self) -> frozenset[str]:
        """The fields of a row with little more than what is required: whose document it is, what a line is for, the taxes between amounts that must agree."""
        fields = self.rules.fields
        said = next((one.name for one in self.columns if one.level == "line" and one.kind == "text"), "")
        amounts = bool(self.keys) and self.amount in self.rules.required and fields[self.amount].level == "header"
        taxes = [one.name for one in self.columns if amounts and one.kind == "money"]
        return frozenset((*self.rules.required, *self.rules.identified_by[:1], said, *taxes))

    @property
    def id(self) -> str:
        """Tells templates apart: made from the rule set, its settings, the sender and the rows."""
        said = repr((self.rules.name, self.rules.fingerprint, sorted(self.settings.items()), self.sender, self.rows))
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def lists(self) -> Mapping[str, tuple[str, ...]]:
        """Field -> the words to choose from: those of the rule set, yes and no, and with references the client's own."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.columns:
            own = tuple(self.references.get(one.of, ())) if one.of else ()
            words = one.choices or (("yes", "no") if one.kind == "yes_no" else own)
            if words:
                found[one.name] = words
        return found
