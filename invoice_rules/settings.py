"""Settings of an examination: which there are for a rule set, and what they may say."""

from collections.abc import Mapping

from invoice_rules.arranging import slots
from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.filtering import known_filters
from invoice_rules.results import Entity
from invoice_rules.values import DATE_ORDERS, is_currency

_PARTS = {"order": tuple(DATE_ORDERS), "decimal": ("point", "comma"), "padded": ("no", "yes")}
"""What may be set of a whole column, as `field.order`."""


def currency_in(settings: Mapping[str, str], entity: Entity | None, rules: RuleSet) -> str:
    """The currency of amounts that name none: the setting's, else the entity's, else the rule set's (X-17, X-18)."""
    return (settings.get("currency") or (entity.currency if entity else "") or rules.currency).upper()


def fitting(settings: Mapping[str, str], whole: RuleSet, rules: RuleSet) -> dict[str, str]:
    """The settings without those of fields that the whole rule set has and the chosen row mode does not offer (S0-4)."""
    return {name: value for name, value in settings.items() if (field := name.partition(".")[0]) in rules.fields or field not in whole.fields}


def fixed_fields(settings: Mapping[str, str], rules: RuleSet) -> dict[str, str]:
    """Field -> what a setting puts on every row, whatever is typed there (S0-16); none that a setting takes something from.

    The currency is for rows that name none, a value that counts with an amount alone (S0-32) leaves the others to the file, and the key tells documents apart.
    """
    used = {slot for value in settings.values() for slot in slots(value)}
    open_to = {rules.key, rules.role("currency"), *used, *(name for name, field in rules.offered.items() if field.where)}
    return {name: value for name, value in settings.items() if value and name in rules.offered and name not in open_to}


def known_settings(settings: Mapping[str, str], rules: RuleSet) -> None:
    """Raise CannotRun for settings that mean nothing, naming those that there are."""
    options = {option.name: option.choices for option in rules.options} | {"rows": ("all", "visible")}
    known_filters(rules, settings)
    for option in rules.options:
        if option.whole and not settings.get(option.name, "0").isdecimal():
            raise CannotRun(f'The setting {option.name} is "{settings[option.name]}", which is no whole number.')
    for name, value in settings.items():
        field, _, part = name.partition(".")
        if name == "currency" and not is_currency(value):
            raise CannotRun(f'"{value}" is not the code of a currency. Write a code of three letters, such as USD.')
        if name in rules.fields:
            _known_fields(name, value, rules)
        if name == "currency" or name in rules.fields:
            continue
        if part == "title" and field in rules.fields:
            continue
        choices = options[name] if name in options else _PARTS.get(part if field in rules.fields else "")
        if choices is None:
            known = ", ".join([*rules.fields, *options, "field.order", "field.decimal", "field.padded", "field.title", "currency"])
            raise CannotRun(f'There is no setting "{name}" for {rules.title}. There are: {known}.')
        if choices and value not in choices:
            raise CannotRun(f'The setting {name} cannot be "{value}". Choose {" or ".join(choices)}.')


def still_known(settings: Mapping[str, str], rules: RuleSet) -> dict[str, str]:
    """Those of a template's settings that the rule set still has, with values that they may still have (S3-15)."""
    return {name: value for name, value in settings.items() if _is_known(name, value, rules)}


def _is_known(name: str, value: str, rules: RuleSet) -> bool:
    try:
        known_settings({name: value}, rules)
    except CannotRun:
        return False
    return True


def _known_fields(name: str, value: str, rules: RuleSet) -> None:
    """Refuse braces around anything but a field: a slip of the pen would make every cell blank."""
    for slot in slots(value):
        if slot not in rules.fields:
            raise CannotRun(f'The setting {name} is "{value}", and {rules.title} has no field "{slot}". Its fields are: {", ".join(rules.fields)}.')
