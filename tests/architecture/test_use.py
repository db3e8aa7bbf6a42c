"""What the product names at the top of a file, something of the product uses.

A name counts as used where its own file reads it, where another file takes it from there, and where
a text names it (`module:name`). What a decorator registers is used by whom it was registered with.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture import house

# Files that others take by their folder: their names are the ones that the folder asks for.
TAKEN_BY_FOLDER = ("lims.spectra.readers", "lims.migrations")
# What only describes a function and hands it to nobody.
DESCRIBING = ("dataclass", "cache", "lru_cache", "contextmanager", "total_ordering", "unique")
WHAT_IS_REFUSED = "says what nobody is told and why; the tests hold it against what can be told"
UNUSED: dict[str, str] = {
    "lims.alerts.audiences.REFUSED_FACTS": WHAT_IS_REFUSED,
    "lims.alerts.audiences.names_of_facts": WHAT_IS_REFUSED,
    "lims.exchange.outgoing_facts.NEVER": WHAT_IS_REFUSED,
    "lims.exchange.outgoing_facts.used_fields": WHAT_IS_REFUSED,
    "lims.alerts.channels.webhook.is_signed": "the check that a receiver writes, in the guide",
}


@cache
def trees() -> dict[str, ast.Module]:
    """Return every module of the product by its dotted name."""
    paths = [*house.python_files("lims", "scripts", "bench"), house.CHECKOUT / "wsgi.py"]
    return {dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def dotted(path: Path) -> str:
    return house.name_of(path).removesuffix(".__init__")


def taken() -> dict[str, set[str]]:
    """Return which names of each module the product reads, takes or writes out."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, tree in trees().items():
        modules = imported_modules(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found[name].add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found[modules.get(node.value.id, "")].add(node.attr)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found[node.module].update(alias.name for alias in node.names)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found["in words"].add(node.value.rpartition(":")[2].removesuffix("()"))
    return found


def imported_modules(tree: ast.Module) -> dict[str, str]:
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def named(tree: ast.Module) -> Iterator[set[str]]:
    """Yield what each statement at the top of a module names; parts of one tuple go together."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if all(describes(decorator) for decorator in node.decorator_list):
                yield {node.name}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = {part for target in targets for part in ast.walk(target)}
            names = {part.id for part in parts if isinstance(part, ast.Name)}
            yield {name for name in names if not name.startswith("__")}


def describes(decorator: ast.expr) -> bool:
    words = ast.unparse(decorator).partition("(")[0]
    return words.rpartition(".")[2] in DESCRIBING


def test_everything_that_a_file_names_is_used_by_the_product() -> None:
    uses = taken()
    unused = {
        f"{module}.{'/'.join(sorted(names))}"
        for module, tree in trees().items()
        if module != "wsgi" and not module.startswith(TAKEN_BY_FOLDER)
        for names in named(tree)
        if names and not names & (uses[module] | uses["in words"])
    }
    assert unused - set(UNUSED) == set(), "use it, take it away, or move it to the tests"
    assert set(UNUSED) - unused == set(), "used now: strike it from the exceptions"
