"""Finds every verb that an operation writes in the journal, by reading the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture import house

WRITERS = ("journal.record", "record_in_journal")
"""What writes the journal; `record_in_journal` is a feature's own, which takes the verb too."""
VERB = 2
"""Which of their arguments the verb is."""


def written_acts() -> tuple[dict[str, str], list[str]]:
    """Return every verb with one file that writes it, and the places whose verb is not readable."""
    found: dict[str, str] = {}
    unread: list[str] = []
    for path in house.python_files("lims"):
        place = str(path.relative_to(house.CHECKOUT))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call, function in (pair for name in WRITERS for pair in _calls(tree, name)):
            if function is not None and function.name in WRITERS:
                continue
            verbs = list(_verbs(tree, call.args[VERB], function))
            found.update((verb, place) for verb in verbs if verb not in found)
            if not verbs:
                unread.append(f"{place}:{call.lineno}")
    return found, unread


def _calls(tree: ast.Module, name: str) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
    """Give every call of a function, with the function that it stands in."""
    inside: dict[int, ast.FunctionDef] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            inside.update((id(node), function) for node in ast.walk(function))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node, inside.get(id(node))


def _verbs(tree: ast.Module, node: ast.expr, function: ast.FunctionDef | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _verbs(tree, node.body, function)
        yield from _verbs(tree, node.orelse, function)
    elif isinstance(node, ast.Attribute):
        yield node.attr.lower()
    elif isinstance(node, ast.JoinedStr):
        yield from _joined(tree, node, function)
    elif isinstance(node, ast.Subscript):
        yield from _named(tree, node.value)
    elif isinstance(node, ast.Name):
        yield from _named(tree, node)
        if function is not None:
            yield from _given(tree, node.id, function)


def _joined(
    tree: ast.Module, node: ast.JoinedStr, function: ast.FunctionDef | None
) -> Iterator[str]:
    """Give the verbs of a text with one value in it, such as f"draft {kind}"."""
    before = "".join(part.value for part in node.values[:1] if isinstance(part, ast.Constant))
    chosen = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    for value in chosen[:1]:
        yield from (f"{before}{word}" for word in _verbs(tree, value, function))


def _named(tree: ast.Module, node: ast.expr) -> Iterator[str]:
    """Give the texts that a name stands for in this module."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign):
            names, value = [ast.unparse(target) for target in statement.targets], statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            names, value = [ast.unparse(statement.target)], statement.value
        else:
            continue
        if ast.unparse(node) in names:
            chosen = value.values if isinstance(value, ast.Dict) else [value]
            yield from (
                inner.value
                for one in chosen
                for inner in ast.walk(one)
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
            )


def _given(tree: ast.Module, name: str, function: ast.FunctionDef) -> Iterator[str]:
    """Give the verbs with which a function that takes its verb is called."""
    parameters = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    if name not in parameters:
        return
    place = parameters.index(name)
    for call, caller in _calls(tree, function.name):
        named = [one.value for one in call.keywords if one.arg == name]
        for given in named or call.args[place : place + 1]:
            yield from _verbs(tree, given, caller)
