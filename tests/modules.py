"""What the structure tests read: the project's modules and their imports, found in the text without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def module_files(*folders: str) -> dict[str, Path]:
    """Dotted name -> file of every module in these folders: `invoice_rules.values.money`."""
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return {_name(file): file for file in files}


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of every import wherever it stands; name "" for `import module`. Imports that only types need are left out."""
    name, is_package = _name(file), file.name == "__init__.py"
    for node in _running(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: None if is_package and node.level == 1 else (1 - node.level if is_package else -node.level) or None]
            module = ".".join([*(base if node.level else []), *([node.module] if node.module else [])])
            yield from ((module, alias.name) for alias in node.names)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from _running(child)


def imported_modules(file: Path, known: dict[str, Path]) -> Iterator[str]:
    """The same as module names: `from invoice_rules.values import money` is an import of `invoice_rules.values.money`."""
    for module, name in imports(file):
        inner = f"{module}.{name}"
        yield inner if inner in known else module
