"""Frictionless: a table schema with constraints, validation of the file, then its rows written to SQLite through SQLAlchemy."""

from collections.abc import Callable
from pathlib import Path

_BARRED = r"(?![=+\-@])(?!.*--).*"


def prepared(path: str, folder: str) -> Callable[[], int]:
    """How many rows were stored. It cannot leave rows out while it writes: the right ones go through a file of their own."""
    from frictionless import Checklist, Resource, Schema, checks, formats, system

    def words(name: str, most: int, **more: object) -> dict:
        return {"name": name, "type": "string", "constraints": {"required": True, "maxLength": most, "pattern": _BARRED, **more}}

    def money(name: str) -> dict:
        return {"name": name, "type": "number", "bareNumber": False, "groupChar": ",", "constraints": {"required": True, "minimum": 0}}

    def date(name: str) -> dict:
        return {"name": name, "type": "date", "format": "%m/%d/%Y", "constraints": {"required": True}}

    fields = [words("invoiceId", 40, unique=True), words("invoiceNumber", 40), money("amount"), money("amountDue"), words("customerName", 50)]
    fields += [words("extCustomerId", 40), date("date"), date("dateDue")]
    fields += [{"name": "isCanceled", "type": "boolean", "trueValues": ["yes", "Yes", "true"], "falseValues": ["no", "No", "false"], "constraints": {"required": True}}]
    fields += [{"name": "contactEmail", "type": "string", "format": "email", "constraints": {"required": True}}]
    schema = Schema.from_descriptor({"fields": fields})
    within = Checklist(checks=[checks.row_constraint(formula="amountDue <= amount and amount * 100 % 1 == 0 and amountDue * 100 % 1 == 0")])

    def work() -> int:
        right = Path(folder) / "right.csv"
        with system.use_context(trusted=True):
            report = Resource(path=path, schema=schema).validate(within, limit_errors=10**9)
            wrong = {row for (row,) in report.flatten(["rowNumber"])}
            with Path(path).open(encoding="utf-8") as file, right.open("w", encoding="utf-8") as kept:
                kept.writelines(line for number, line in enumerate(file, 1) if number not in wrong)
            Resource(path=str(right), schema=schema).write(f"sqlite:///{Path(folder) / 'frictionless.sqlite'}", control=formats.SqlControl(table="receivables"))
        return report.tasks[0].stats["rows"] - len(wrong)

    return work
