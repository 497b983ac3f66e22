"""The rule sets, found by walking this package: one file a system. `rule_sets()` names them all, `rule_set(name)` gives one."""

import importlib
import pkgutil
from functools import cache

from invoice_rules.fields import RuleSet, checked


@cache
def rule_sets() -> dict[str, RuleSet]:
    """Name -> rule set of every file of this package, in the order of their names."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, RuleSet)]
    return {rules.name: checked(rules) for rules in sorted(found, key=lambda rules: rules.name)}


def rule_set(name: str | RuleSet) -> RuleSet:
    """One rule set by its name, `paystand.receivables`; a system's name alone will do where it has only one.

    Raises LookupError with the names that there are.
    """
    if isinstance(name, RuleSet):
        return name
    known = rule_sets()
    close = [full for full in known if full == name or full.split(".")[0] == name]
    if len(close) == 1:
        return known[close[0]]
    raise LookupError(f"There is no rule set named {name!r}. There are: {', '.join(close or known)}.")
