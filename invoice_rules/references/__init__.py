"""Reference lists: what the fields of invoices may name (customers, jobs, terms, tax codes …), each kind a rule set of its own.

`kinds()` names them all, `kind(name)` gives one. An entry is read, matched and judged like any document (`examine(file, kind("terms"))`)
and kept by the store. A rule set that says `reference="clients"` provides a kind too: its stored documents are the entries.
"""

import importlib
import pkgutil
from functools import cache

from invoice_rules.fields import RuleSet
from invoice_rules.rulesets import rule_sets

__all__ = ["kind", "kinds", "owned"]


@cache
def kinds() -> dict[str, RuleSet]:
    """Name -> kind: those of this package in the order of their files, then those that rule sets provide."""
    provided = {rules.reference: rules for rules in rule_sets().values() if rules.reference}
    return {**owned(), **provided}


@cache
def owned() -> dict[str, RuleSet]:
    """Name -> kind of those that have lists of their own."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, RuleSet)]
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


def _bare(name: str) -> str:
    """A name without what people write differently: case, blanks, hyphens.

    >>> _bare("Tax codes") == _bare("taxCodes")
    True
    """
    return "".join(sign for sign in name.casefold() if sign.isalnum())
