"""The kinds of reference list: those that have a list of their own, and those that rule sets provide; how their entries may be named."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from invoice_rules.fields import Link, RuleSet
from invoice_rules.references import codes, maps, parties
from invoice_rules.results import Context
from invoice_rules.rulesets import rule_sets
from invoice_rules.table import TEXT, text_array
from invoice_rules.values.columns import codes_of


@cache
def kinds() -> dict[str, RuleSet]:
    """Name -> kind: those that have lists of their own, then those that rule sets provide."""
    provided = {rules.reference: rules for rules in rule_sets().values() if rules.reference}
    return {**owned(), **provided}


@cache
def owned() -> dict[str, RuleSet]:
    """Name -> kind of those that have lists of their own."""
    found = [value for module in (parties, codes, maps) for value in vars(module).values() if isinstance(value, RuleSet)]
    return {made.name: made for made in found}


def kind(name: str | RuleSet) -> RuleSet:
    """One kind by its name ("taxCodes") or title ("Tax codes"), in any case. Raises LookupError with the names that there are."""
    if isinstance(name, RuleSet):
        return name
    asked, known = _bare(name), kinds()
    found = next((made for called, made in known.items() if asked in (_bare(called), _bare(made.title))), None)
    if found is None:
        raise LookupError(f"There is no reference list named {name!r}. There are: {', '.join(known)}.")
    return found


def keys_for(rules: RuleSet, context: Context) -> dict[str, list[str]]:
    """Kind of list -> the keys on file that a field of these rules may name, sorted; kinds without entries are left out."""
    links = [rules.looked_up(name) for name in rules.offered]
    wanted = dict.fromkeys(link.kind for named in links for link in named if len(named) == 1 and not link.matches)
    lists = {name: context.reference(name)[kind(name).key].dropna().astype(str).tolist() for name in wanted}
    return {name: sorted(dict.fromkeys(keys)) for name, keys in lists.items() if keys}


def names_in(link: Link, entries: pd.DataFrame) -> tuple[pa.Array, np.ndarray]:
    """(names, places): each name that finds an entry, and where that stands; a list in one cell holds several."""
    if not len(entries):
        return pa.array([], pa.large_string()), np.empty(0, np.int64)
    text = text_array(entries[link.matches or kind(link.kind).key].astype(TEXT))
    if not link.matches:
        return text, np.arange(len(text))
    parts = pc.split_pattern_regex(text, r"[,;]")
    names = pc.utf8_trim_whitespace(pc.list_flatten(parts))
    owners = pc.list_parent_indices(parts)
    filled = pc.greater(pc.utf8_length(names), 0)
    return names.filter(filled), owners.filter(filled).to_numpy(zero_copy_only=False).astype(np.int64)


def official_in(link: Link, entries: pd.DataFrame) -> tuple[pa.Array, pa.Array]:
    """(names, codes): what may stand in a field that is looked up by this link, and as what each is stored (S2-38).

    Where the kind says so, an entry goes by its name as well, if no other has it (S1-4).
    """
    known, (names, at) = kind(link.kind), names_in(link, entries)
    if link.matches or not len(entries):
        return names, names
    codes = text_array(entries[known.official or known.key].astype(TEXT)).take(pa.array(at))
    if not known.named:
        return names, codes
    more = text_array(entries[known.named].astype(TEXT))
    said = pc.utf8_lower(more)
    ids = codes_of(said)
    alone = (ids >= 0) & (np.bincount(ids + 1)[ids + 1] == 1) & ~pc.is_in(said, pc.utf8_lower(names)).to_numpy(zero_copy_only=False)
    return pa.concat_arrays([names, more.filter(pa.array(alone))]), pa.concat_arrays([codes, codes.filter(pa.array(alone))])


def _bare(name: str) -> str:
    """A name without what people write differently: case, blanks, hyphens.

    >>> _bare("Tax codes") == _bare("taxCodes")
    True
    """
    return "".join(sign for sign in name.casefold() if sign.isalnum())
