"""QuickBooks invoices as whole documents: each with the company file that it comes from, its project, and its currency."""

from typing import Any

from invoice_rules.connectors.projects import Projects, reference
from invoice_rules.connectors.quickbooks import QuickBooks, Tick
from invoice_rules.errors import CannotRun
from invoice_rules.problems import plural
from invoice_rules.results import Context

Row = dict[str, Any]

PENDING = ("Pending", "Draft")
"""What QuickBooks' `TxnStatus` says of an invoice that is not final yet; QuickBooks Desktop has a yes or no of its own."""


def documents(service: QuickBooks, where: str, company_file: str, project: str, books: Context | None, tick: Tick | None = None) -> tuple[list[Row], list[str]]:
    """The invoices that meet a condition, and notes for the user.

    `company_file` is the name under which the company was connected: together with the id it tells what was imported before (S1-11), so it stays
    when the company is renamed. Raises CannotRun for a project that is not on the list of `books` (S1-18).
    """
    listed = _listed(books)
    _refuse_unknown(project, listed)
    notes: list[str] = []
    invoices = service.invoices(where, tick)
    if not invoices:
        return [], notes
    title = service.company()
    if company_file and title and title != company_file:
        notes.append(f"QuickBooks now calls this company {title}. Its invoices are kept under {company_file}, so that none is imported twice.")
    projects = Projects(project, listed, {} if project else _names(service, invoices))
    home = "" if all(currency_of(invoice) for invoice in invoices) else service.home_currency()
    made = [_document(invoice, company_file or title, projects.of(invoice), home) for invoice in invoices]
    if projects.guessed:
        notes.append(f"{plural(projects.guessed, 'invoice')} got the project that the list has for the customer.")
    missing = sum("project" not in one for one in made)
    if missing:
        notes.append(f"{plural(missing, 'invoice')} {'is' if missing == 1 else 'are'} not linked to a project, and cannot be imported so. One project for all can be given.")
    return made, notes


def currency_of(invoice: Row) -> str:
    """The code of an invoice's currency, "" where it names none."""
    return reference(invoice, "CurrencyRef")[0]


def _document(invoice: Row, company_file: str, project: str, home: str) -> Row:
    """An invoice whole, with what the rule set wants by name."""
    made = {**invoice, "companyFile": company_file, **({"project": project} if project else {})}
    if home and not currency_of(invoice):
        made["CurrencyRef"] = {"value": home}
    if invoice.get("TxnStatus") in PENDING:
        made["pending"] = True
    return made


def _names(service: QuickBooks, invoices: list[Row]) -> dict[str, str]:
    """Names of the projects that invoices refer to by number alone."""
    bare = [own for own, name in (reference(invoice, "ProjectRef") for invoice in invoices) if own and not name]
    return {number: str(row.get("DisplayName") or "").strip() for number, row in service.customers(bare).items()} if bare else {}


def _listed(books: Context | None) -> list[dict[str, str]]:
    if books is None:
        return []
    frame = books.reference("projects").reindex(columns=["project", "name", "customer"]).astype("str")
    return frame.where(frame.notna(), "").to_dict("records")


def _refuse_unknown(project: str, listed: list[dict[str, str]]) -> None:
    keys = sorted(entry["project"] for entry in listed)
    if project and keys and project not in keys:
        raise CannotRun(f'There is no project "{project}" on the list. There are: {", ".join(keys[:20])}{" …" if len(keys) > 20 else ""}.')
