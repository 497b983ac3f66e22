"""The commands of the add-in, once: the ribbon of Excel, the menu and toolbar of Calc, their icons and their help are made from this list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One button. `name` is the function of `addin.udfs` that it calls, and the name of its icon.

    `keytip` is pressed after Alt and the tab's own, `IR`. `large` buttons fill the height of the ribbon. `bar` puts it on the toolbar of Calc,
    beside the menu. Without `needs_book` it works where no workbook is open.
    """

    name: str
    label: str
    group: str
    screentip: str
    supertip: str
    keytip: str
    large: bool = False
    bar: bool = True
    needs_book: bool = True


@dataclass(frozen=True)
class Choice:
    """One drop-down. `name` is the function of `addin.udfs` that is called with the id chosen; `kind` names its lines in the list file."""

    name: str
    label: str
    group: str
    kind: str
    screentip: str
    supertip: str
    keytip: str


TAB = "Invoice Rules"
TAB_KEYTIP = "IR"

GROUPS = ("Rules", "Check", "Import", "Services", "Books")

CHOICES = (
    Choice("choose_rules", "Rule set", "Rules", "rules", "Which system the invoices are for", "The rules that Validate and Import use for this sheet.", "R"),
    Choice("choose_mapping", "Columns", "Rules", "mapping", "A saved mapping of columns", "Which column feeds which field: a mapping you saved, or a guess from the headings.", "C"),
)

COMMANDS = (
    Command(
        "map_columns", "Map columns", "Rules", "Say which column is which",
        "Lists the columns of this sheet with the field each one feeds, so that you can choose where a heading is not recognised.", "M",
    ),
    Command(
        "new_template", "New template", "Rules", "Make a workbook for a client to fill in",
        "Writes a template of the chosen rule set, which checks while somebody types, and opens it.", "T", bar=False,
    ),
    Command(
        "validate", "Validate", "Check", "Check every row of this sheet",
        "Tints each wrong cell and writes what is wrong, and how to put it right, beside the row. Your own colours, formulas and filters stay.", "V", large=True,
    ),
    Command("next_problem", "Next problem", "Check", "Go to the next wrong cell", "Selects the next cell that needs attention and says what is wrong with it.", "N"),
    Command("problems", "Problems", "Check", "List all problems", "Puts every problem on a sheet of its own, each with a link to its cell.", "P"),
    Command(
        "apply_fixes", "Apply suggested fixes", "Check", "Put safe corrections into the cells",
        "Shows the corrections that cannot change the meaning, such as yes for Y, and writes them into the cells once you agree.", "F",
    ),
    Command("clear_marks", "Clear marks", "Check", "Put the sheet back as it was", "Takes away every tint, note and column that Invoice Rules added.", "K"),
    Command(
        "preview_import", "Preview import", "Import", "See what an import would do",
        "Lists what would be created, updated and left out, with each value that changes. Nothing is written to the books.", "W",
    ),
    Command(
        "import_invoices", "Import", "Import", "Import the invoices that are ready",
        "Asks for control totals and for a yes, imports what is ready, and writes the outcome, the record and the batch beside each row.", "I", large=True,
    ),
    Command(
        "fetch_invoices", "Fetch invoices", "Services", "Bring invoices from QuickBooks or Autotask",
        "Asks which ones, and opens them as a workbook that is checked and imported like any other. The service is only read.", "B", bar=False,
    ),
    Command(
        "send_invoices", "Send", "Services", "Send imported invoices to Xero or Spectrum",
        "Checks the customers, shows what would go where, and asks. Nothing goes twice, whatever happens on the way.", "X", bar=False,
    ),
    Command("ledger", "Ledger", "Services", "How every invoice to be sent stands", "Lists what was sent, what waits and what is unclear on a sheet of its own, with what to do next.", "L", bar=False),
    Command("import_history", "History", "Books", "What was imported, and when", "Lists the imports of this company with their counts and totals on a sheet of its own.", "H"),
    Command(
        "undo_last_import", "Undo last import", "Books", "Take the last import back",
        "Undoes the latest import as a batch of its own, once you agree. Where something changed since, it says what and changes nothing.", "U",
    ),
    Command("settings", "Settings", "Books", "Store, company, user and connections", "Where invoices are kept, whose books these are, the name written into the history, and the services to log in to.", "S", needs_book=False),
    Command("help", "Help", "Books", "What the buttons do", "Opens the guide.", "E", bar=False, needs_book=False),
)
