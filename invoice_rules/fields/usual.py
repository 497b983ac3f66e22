"""Rules that more than one system has: dates in their order, rates of a day, what belongs to whom."""

import numpy as np
import pandas as pd
import pandera.pandas as pandera

from invoice_rules.fields.rules import ON_FILE, Computed, computed, rule
from invoice_rules.problems import Severity


def due_date(due: str, date: str, spec: str = "S3-11") -> pandera.Check:
    """The due date is not before the invoice date, which is told."""

    @rule("due-before-date", f"Due date {{{due}}} is before the invoice date {{{date}}}.", due, date, spec=spec, severity=Severity.WARNING, excel=f"{{{due}}}>={{{date}}}")
    def due_on_or_after_date(rows: pd.DataFrame) -> pd.Series:
        """The due date is not before the invoice date."""
        return rows[due] >= rows[date]

    return due_on_or_after_date


def belongs(field: str, link: str, owner: str, mine: str, spec: str, told: str = "") -> pandera.Check:
    """The entry of a link has the same owner as the document: its field `owner` is the document's field `mine`.

    `told` is the owner by another link of the same field, of whom a rule of its own says so already.
    """

    @rule(
        f"{link.lower()}-owner", f"{{title}} {{{field}}} belongs to {{{link}.{owner}}}, not to {{{mine}}}. Correct one of them.",
        field, f"{link}.{owner}", mine, spec=spec, because=ON_FILE, also=(told,) if told else (),
    )  # fmt: skip
    def entry_of_owner(rows: pd.DataFrame) -> pd.Series:
        """What it names belongs to the same customer."""
        its = rows[f"{link}.{owner}"].str.lower()
        own = its == rows[mine].str.lower()
        return own | (its == rows[told].str.lower()).fillna(False) if told else own

    return entry_of_owner


def of_one(field: str, link: str, mine: str, whose: str, spec: str) -> pandera.Check:
    """Where a value names several entries, the document's field `mine` says which; `whose` is that field in words."""

    @rule(f"{link.lower()}-of-two", f"{{title}} {{{field}}} belongs to {{{link}.keys}}. Fill in the {whose} as well, so that it is clear which one is meant.", field, f"{link}.count", f"{link}.keys", spec=spec, also=(mine,), because=ON_FILE)
    def it_is_said_which(rows: pd.DataFrame) -> pd.Series:
        """It names one entry, or the document says which of several."""
        return (rows[f"{link}.count"] <= 1) | rows[mine].notna()

    return it_is_said_which


def listed(field: str, link: str, list: str, its: str, spec: str) -> pandera.Check:
    """The value is on a list, with commas between its members, that the entry of a link has; an empty list allows all. `its` is the entry in words."""

    @rule(f"{field.lower().replace('_', '-')}-{link.lower()}", f"{{title}} {{{field}}} does not go with the {its}, which allows {{{link}.{list}}} alone. Correct one of them.", field, f"{link}.{list}", spec=spec, because=ON_FILE)
    def on_the_list(rows: pd.DataFrame) -> pd.Series:
        """It is one of those that the account or the customer allows."""
        pairs = pd.DataFrame({"mine": rows[field].str.lower(), "list": rows[f"{link}.{list}"].str.lower()}).drop_duplicates().dropna()
        allowed = {(mine, its) for mine, its in pairs.itertuples(index=False) if mine in {part.strip() for part in its.replace(";", ",").split(",")}}
        return pd.Series(np.fromiter(((mine, its) in allowed for mine, its in zip(rows[field].str.lower(), rows[f"{link}.{list}"].str.lower(), strict=True)), bool, len(rows)))

    return on_the_list


def in_range(field: str, begin: str, end: str, range: str, spec: str) -> tuple[pandera.Check, pandera.Check]:
    """A date lies between two others, both included; `range` says in words what they bound."""

    @rule("before-range", f"{{title}} is {{{field}}}, before {range}, which begins on {{{begin}}}. Correct the date, or have the range opened.", field, begin, spec=spec, because=ON_FILE)
    def from_its_begin(rows: pd.DataFrame) -> pd.Series:
        """The date does not lie before the range that is open for entries."""
        return rows[field] >= rows[begin]

    @rule("after-range", f"{{title}} is {{{field}}}, after {range}, which ends on {{{end}}}. Correct the date, or have the range opened.", field, end, spec=spec, because=ON_FILE)
    def until_its_end(rows: pd.DataFrame) -> pd.Series:
        """The date does not lie after the range that is open for entries."""
        return rows[field] <= rows[end]

    return from_its_begin, until_its_end


def of_other_type(field: str, link: str, type: str, spec: str) -> pandera.Check:
    """The entry of a link is not of this type, which is written in words: `direct-cost account`."""
    word = type.rpartition(" ")[0]

    @rule(f"{word}-{link.lower()}", f"{{title}} {{{field}}} is a {type}. Choose another one.", field, f"{link}.type", spec=spec, because=ON_FILE)
    def other_type(rows: pd.DataFrame) -> pd.Series:
        """What it names is of a type that may stand here."""
        return rows[f"{link}.type"] != word.replace("-", " ")

    return other_type


def switched_on(field: str, switch: str, what: str, id: str, spec: str) -> pandera.Check:
    """Filled only where the company uses such a thing: its field `switch` is yes; blank is no. An amount of zero is not filled."""
    company = switch.partition(".")[0]

    @rule(id, f"{{title}} is filled, but the company does not use {what}. Clear it, or say yes to {what} in the list of companies.", field, f"{company}.count", spec=spec, also=(switch,), because=ON_FILE)
    def its_use(rows: pd.DataFrame) -> pd.Series:
        """It is filled only where the company uses such a thing."""
        unused = (rows[f"{company}.count"] > 0) & ~rows[switch].fillna(False)
        return ~unused | ((rows[field] == 0) if rows[field].dtype.kind in "iu" else False)

    return its_use


def rate_of_day(spec: str) -> Computed:
    """`taxPercent` from the links `tax`, dated rates, and `taxCode`, the code itself."""

    @computed("taxPercent", "tax.rate", "taxCode.rate", spec=spec, level="header")
    def tax_percent(rows: pd.DataFrame) -> pd.Series:
        """The dated rate; that of the code itself where it has no dated ones."""
        return rows["tax.rate"].fillna(rows["taxCode.rate"])

    return tax_percent


def rate_begun(code: str, date: str, spec: str) -> pandera.Check:
    """The rate of a tax code has begun on the date of the invoice, else it is told."""

    @rule("rate-later", f"Tax code {{{code}}} has no rate yet on {{{date}}}; the first one, {{tax.rate}} % from {{tax.from}}, is used.", code, "tax.later", "tax.rate", "tax.from", date, spec=spec, severity=Severity.NOTICE, because=ON_FILE)
    def rate_not_later(rows: pd.DataFrame) -> pd.Series:
        """A rate that begins only after the invoice date is told."""
        return ~rows["tax.later"]

    return rate_not_later


def rate_on_file(code: str, base: str, tax: str, date: str, where: str, spec: str) -> pandera.Check:
    """Where there is something to be taxed, the field `base`, and no tax is given, the tax code has a rate; `where` is the base in words."""

    @rule("no-rate", f"Tax code {{{code}}} has no rate on file, so that no tax is worked out on {where}. Fill in the tax, or import the rate.", code, "taxCode.count", base, date, also=("taxPercent", tax), spec=spec, severity=Severity.WARNING, because=ON_FILE)
    def code_has_rate(rows: pd.DataFrame) -> pd.Series:
        """Where something is taxed and no tax is given, the tax code has a rate."""
        return (rows["taxCode.count"] == 0) | (rows[base] <= 0) | rows["taxPercent"].notna() | rows[tax].notna()

    return code_has_rate
