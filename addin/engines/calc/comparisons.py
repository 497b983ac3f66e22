"""What UNO calls the comparisons that filters, rules and validations are made of, by xlwings' names."""

SIGNS = {
    "equal_to": "EQUAL",
    "not_equal_to": "NOT_EQUAL",
    "greater_than": "GREATER",
    "less_than": "LESS",
    "greater_than_or_equal": "GREATER_EQUAL",
    "less_than_or_equal": "LESS_EQUAL",
}
OPERATORS = SIGNS | {"between": "BETWEEN", "not_between": "NOT_BETWEEN"}
