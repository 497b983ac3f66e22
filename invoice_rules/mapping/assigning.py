"""The best unique assignment: never two fields on one column, never two columns on one field."""

from collections.abc import Mapping
from itertools import pairwise


def assign(worth: Mapping[tuple[str, int], float]) -> dict[str, int]:
    """Field -> column, so that the sum of the worths is the highest; pairs that are not listed are never made.

    >>> assign({("name", 0): 0.3, ("name", 1): 0.35, ("id", 1): 0.1})
    {'name': 0, 'id': 1}
    """
    fields = list(dict.fromkeys(field for field, _ in worth))
    columns = sorted({column for _, column in worth})
    costs = [[-worth.get((field, column), 0.0) for column in columns] + [0.0] * len(fields) for field in fields]
    chosen = _cheapest(costs)
    found = {field: columns[at] for field, at in zip(fields, chosen, strict=True) if at < len(columns)}
    return {field: column for field, column in found.items() if (field, column) in worth}


def _cheapest(costs: list[list[float]]) -> list[int]:
    """The column of each row in the cheapest assignment (Hungarian method; there are at least as many columns as rows)."""
    if not costs:
        return []
    width = len(costs[0])
    of_row, of_column = [0.0] * (len(costs) + 1), [0.0] * (width + 1)
    owner = [0] * (width + 1)
    for row in range(1, len(costs) + 1):
        owner[0] = row
        path = _augment(costs, of_row, of_column, owner, width)
        for here, before in pairwise(path):
            owner[here] = owner[before]
    answer = [0] * len(costs)
    for column in range(1, width + 1):
        if owner[column]:
            answer[owner[column] - 1] = column - 1
    return answer


def _augment(costs: list[list[float]], of_row: list[float], of_column: list[float], owner: list[int], width: int) -> list[int]:
    """The columns from a free one back to column 0, along which the owners move up by one; the potentials are changed in place."""
    slack, via, done = [float("inf")] * (width + 1), [0] * (width + 1), [False] * (width + 1)
    at = 0
    while owner[at]:
        done[at] = True
        row, step, following = owner[at], float("inf"), 0
        for column in range(1, width + 1):
            if done[column]:
                continue
            cost = costs[row - 1][column - 1] - of_row[row] - of_column[column]
            if cost < slack[column]:
                slack[column], via[column] = cost, at
            if slack[column] < step:
                step, following = slack[column], column
        for column in range(width + 1):
            if done[column]:
                of_row[owner[column]] += step
                of_column[column] -= step
            else:
                slack[column] -= step
        at = following
    path = [at]
    while at:
        at = via[at]
        path.append(at)
    return path
