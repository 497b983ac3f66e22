"""Who may import whom, in rows, lowest first, as docs/index.md tells them; imports are read from the text of the modules."""

import ast
import re
from collections.abc import Iterator

import invoice_rules
from tests.modules import ROOT, imported_modules, imports, module_files

MODULES = module_files("invoice_rules", "addin")

ROWS = (
    {"errors", "problems", "table", "about", "folders", "trouble"},
    {"values", "fields", "results"},
    {"rulesets"},
    {"reading", "mapping", "references", "alike", "enteredtwice", "columns", "columnmarks", "stages", "arranging", "settings", "grouping", "linking", "filling", "filtering", "chargeplans", "checking", "crediting", "crosschecks", "comparing", "customers", "corrections", "totals", "wholefile"},
    {"examining"},
    {"store", "planning"},
    {"connectors", "wizard"},
)
PRESENTERS = {"converting", "exporting", "filledin", "marks", "workbooks", "pages", "samples"}
PRESENTERS_SEE = {*ROWS[0], *ROWS[1], *ROWS[2], *PRESENTERS}
PRESENTERS_SEE_TOO = {"workbooks": {"reading", "settings"}}  # a marked workbook is checked again like one that is read; a template is made with settings that there are
FRONT_ENDS = {"cli", "notebook", "addin"}
FRONT_ENDS_SEE_TOO = {"cli": {"addin", "notebook"}}  # the command line installs the add-in and opens the notebooks
ROW_OF = {room: row for row, rooms in enumerate(ROWS) for room in rooms}

EXPORTED = {"", *invoice_rules.__all__}

ONLY_IN = {
    "xlwings": ("addin",),
    "ipywidgets": ("invoice_rules.notebook",),
    "anywidget": ("invoice_rules.notebook",),
    "matplotlib": ("invoice_rules.notebook",),
    "sqlalchemy": ("invoice_rules.store",),
    "alembic": ("invoice_rules.store",),
    "psycopg": ("invoice_rules.store",),
    "typer": ("invoice_rules.cli",),
    "rich": ("invoice_rules.cli",),
    "openpyxl": ("invoice_rules.workbooks", "invoice_rules.reading", "addin.engines.double"),
    "requests": ("invoice_rules.connectors",),
    "authlib": ("invoice_rules.connectors",),
    "keyring": ("invoice_rules.connectors",),
    "filelock": ("invoice_rules.connectors",),
}


def room(module: str) -> str:
    """`invoice_rules.values.money` -> values; `addin.udfs` -> addin; the package itself -> ""."""
    parts = module.split(".")
    return parts[0] if parts[0] == "addin" else ".".join(parts[1:2])


def ours(module: str) -> bool:
    return module.split(".")[0] in ("invoice_rules", "addin")


def test_dependencies_point_down():
    assert not [f"{name} imports {seen}: {why}" for name, seen in _seen() if (why := breach(room(name), room(seen)))]


def _seen() -> Iterator[tuple[str, str]]:
    """(module, ours that it imports); the package itself, which names everything, left out."""
    for name, file in MODULES.items():
        if room(name):
            yield from ((name, seen) for seen in imported_modules(file, MODULES) if ours(seen))


def breach(here: str, there: str) -> str:
    """Why a module of the room `here` may not import one of the room `there`; "" where it may."""
    if here == there:
        return ""
    if here in FRONT_ENDS:
        return "" if there in EXPORTED | FRONT_ENDS_SEE_TOO.get(here, set()) else "front ends see only what invoice_rules exports"
    if here in PRESENTERS:
        return "" if there in PRESENTERS_SEE | PRESENTERS_SEE_TOO.get(here, set()) else "presenters see results, fields and rule sets"
    if here not in ROW_OF:
        return f"{here} has no row in ROWS yet"
    if there not in ROW_OF:
        return f"{there or 'the package itself'} stands above the engine"
    return "" if ROW_OF[there] <= ROW_OF[here] else "it stands above"


def test_rooms_do_not_need_each_other_in_a_circle():
    rooms: dict[str, set[str]] = {}
    for name, seen in _seen():
        rooms.setdefault(room(name), set()).update({room(seen)} - {room(name), ""})
    done: set[str] = set()

    def visit(one: str, path: tuple[str, ...]) -> None:
        assert one not in path, " imports ".join([*path[path.index(one) :], one])
        for other in sorted(rooms.get(one, set()) - done):
            visit(other, (*path, one))
        done.add(one)

    for one in sorted(rooms):
        visit(one, ())


def test_a_library_is_known_to_its_room_only():
    uses = {(name, module.split(".")[0]) for name, file in MODULES.items() for module, _ in imports(file)}
    assert not [f"{name} imports {package}" for name, package in sorted(uses) if not name.startswith(ONLY_IN.get(package, ""))]


def test_rule_sets_do_not_know_each_other():
    assert not [(name, seen) for name, seen in _seen() if name.startswith("invoice_rules.rulesets.") and room(seen) == "rulesets"]


def test_front_ends_use_exported_names_only():
    fronts = [file for name, file in MODULES.items() if room(name) in FRONT_ENDS]
    assert not [(file.name, name) for file in fronts for name in _names_of_the_engine(file) - set(invoice_rules.__all__)]


def _names_of_the_engine(file) -> set[str]:
    """What a front end takes from the package: `from invoice_rules import check` and `invoice_rules.check`."""
    taken = {name for module, name in imports(file) if module == "invoice_rules" and name}
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return taken | {node.attr for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "invoice_rules"}


def test_modules_stay_small():
    lines = {name: len(file.read_text(encoding="utf-8").splitlines()) for name, file in MODULES.items()}
    assert not {name: count for name, count in lines.items() if count > 300}


def test_modules_say_what_they_are_for():
    assert not [name for name, file in MODULES.items() if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]


def test_the_top_level_holds_no_other_code():
    assert {file.parent.name for file in ROOT.glob("*/*.py")} <= {"invoice_rules", "addin", "tests"}
    assert not list(ROOT.glob("*.py"))


def test_lines_are_long_only_where_a_message_stands():
    """Lines aim at 140 characters and end at 180; a rule with its message or an option with its help is one line."""
    long = [(name, line) for name, file in MODULES.items() for line in file.read_text(encoding="utf-8").splitlines() if len(line) > 180]
    assert not [f"{name}: {line[:60]}" for name, line in long if not re.search(r"\"[^\"]{50,}\"|'[^']{50,}'", line)]
