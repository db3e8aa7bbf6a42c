from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture import house


@dataclass(frozen=True)
class Operation:
    """A public function of an operations file, and the functions that stand beside it."""

    name: str
    node: ast.FunctionDef
    neighbours: dict[str, ast.FunctionDef]


def operations() -> Iterator[Operation]:
    """Give every public function of every operations file."""
    for feature in house.features():
        if feature.name in house.SERVING_FEATURES:
            continue
        for path in sorted(feature.glob("*.py")):
            if house.kind_of(feature.name, path.stem) == "operations":
                yield from operations_in(path, f"{feature.name}.{path.stem}")


def operations_in(path: Path, prefix: str) -> Iterator[Operation]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    neighbours = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name, node in neighbours.items():
        if not name.startswith("_"):
            yield Operation(f"{prefix}.{name}", node, neighbours)


def parameters(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]


def begins_with_permission(node: ast.FunctionDef) -> bool:
    """Tell whether the first statement after the docstring is `actor.must(...)`."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return bool(body) and ast.unparse(body[0]).startswith("actor.must(")


def writes_journal(operation: Operation) -> bool:
    """Tell whether an operation, or a function of its file that it calls, writes the journal."""
    waiting, seen = [operation.node], set()
    while waiting:
        node = waiting.pop()
        if node.name in seen:
            continue
        seen.add(node.name)
        called = {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
        if called & {"journal.record", "record_in_journal"}:
            return True
        waiting += [operation.neighbours[name] for name in called if name in operation.neighbours]
    return False


def takes_session_and_actor(node: ast.FunctionDef) -> bool:
    return parameters(node)[:2] == ["session", "actor"]


def test_every_operation_takes_a_session_and_an_actor() -> None:
    wrong = [
        one.name
        for one in operations()
        if one.name not in house.WITHOUT_ACTOR and not takes_session_and_actor(one.node)
    ]
    assert not wrong


def test_every_operation_begins_with_a_permission() -> None:
    wrong = [
        one.name
        for one in operations()
        if one.name not in house.WITHOUT_PERMISSION and not begins_with_permission(one.node)
    ]
    assert not wrong


def test_every_operation_writes_the_journal() -> None:
    wrong = [
        one.name
        for one in operations()
        if one.name not in house.WITHOUT_JOURNAL and not writes_journal(one)
    ]
    assert not wrong


def test_no_operation_commits() -> None:
    wrong = [
        one.name
        for one in operations()
        for call in ast.walk(one.node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "session.commit"
    ]
    assert not wrong


def test_every_exception_has_a_reason_and_is_still_needed() -> None:
    by_name = {one.name: one for one in operations()}
    files = {name.rpartition(".")[0] for name in by_name}
    checks = (
        (house.WITHOUT_ACTOR, lambda one: takes_session_and_actor(one.node)),
        (house.WITHOUT_PERMISSION, lambda one: begins_with_permission(one.node)),
        (house.WITHOUT_JOURNAL, writes_journal),
    )
    for exceptions, keeps_the_rule in checks:
        for name, reason in exceptions.items():
            assert reason.strip(), name
            if name.rpartition(".")[0] in files:
                assert name in by_name, f"{name} is gone: take it out of house.py"
                assert not keeps_the_rule(by_name[name]), f"{name} needs no exception"


def test_the_check_sees_an_operation_without_permission_or_journal(tmp_path: Path) -> None:
    file = tmp_path / "operations.py"
    file.write_text(
        "def good(session, actor, command):\n"
        '    """Do it."""\n'
        "    actor.must(Permission.REGISTER)\n"
        "    _write(session, actor)\n"
        "def bad(session, actor, command):\n"
        "    look(command)\n"
        "    actor.must(Permission.REGISTER)\n"
        "def _write(session, actor):\n"
        "    journal.record(session, actor, 'done')\n"
    )
    good, bad = operations_in(file, "probe.operations")
    assert begins_with_permission(good.node) and writes_journal(good)
    assert not begins_with_permission(bad.node) and not writes_journal(bad)
