"""The kinds of reference list: those that have a list of their own, and those that rule sets provide."""

from functools import cache

from invoice_rules.fields import RuleSet
from invoice_rules.references import codes, maps, parties
from invoice_rules.results import Context
from invoice_rules.rulesets import rule_sets


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
    wanted = dict.fromkeys(field.of for field in rules.offered.values() if field.of)
    lists = {name: context.reference(name)[kind(name).key].dropna().astype(str).tolist() for name in wanted}
    return {name: sorted(dict.fromkeys(keys)) for name, keys in lists.items() if keys}


def _bare(name: str) -> str:
    """A name without what people write differently: case, blanks, hyphens.

    >>> _bare("Tax codes") == _bare("taxCodes")
    True
    """
    return "".join(sign for sign in name.casefold() if sign.isalnum())
