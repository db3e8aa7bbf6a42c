from __future__ import annotations

import ast
from pathlib import Path

from lims.foundation import register
from tests.architecture import house

LONGEST_FILE = 300
LONGEST_FUNCTION = 30


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef, source: list[str]) -> int:
    """Count the lines of a function's body without docstring, comments and empty lines."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    if not body:
        return 0
    written = source[body[0].lineno - 1 : function.end_lineno]
    return sum(1 for line in written if line.strip() and not line.strip().startswith("#"))


def test_every_folder_and_file_at_the_top_is_in_the_plan() -> None:
    folders = {path.name for path in house.LIMS.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders <= {*house.FEATURES, *house.OTHER_FOLDERS}
    assert {path.stem for path in house.LIMS.glob("*.py")} <= set(house.TOP_FILES)


def test_every_file_without_a_domain_is_in_the_plan() -> None:
    for folder, planned in house.FILES_WITHOUT_A_DOMAIN.items():
        there = {path.stem for path in (house.LIMS / folder).glob("*.py")} - {"__init__"}
        assert there <= planned, f"not in tests/architecture/house.py: {there - planned}"


def test_every_table_is_known_to_the_migrations() -> None:
    with_tables = {path.parent.name for path in house.LIMS.glob("*/records.py")}
    assert with_tables <= set(register.FEATURES)


def test_every_file_of_a_feature_is_in_the_plan() -> None:
    unknown = [
        f"{feature.name}/{path.name}"
        for feature in house.features()
        for path in feature.glob("*.py")
        if path.stem != "__init__" and house.kind_of(feature.name, path.stem) is None
    ]
    assert not unknown, f"not in tests/architecture/house.py: {unknown}"


def test_every_folder_inside_a_feature_is_in_the_plan() -> None:
    unknown = [
        f"{feature.name}/{path.name}"
        for feature in house.features()
        for path in feature.iterdir()
        if path.is_dir()
        and path.name != "__pycache__"
        and path.name not in house.FOLDERS_OF_A_KIND.get(feature.name, ())
    ]
    assert not unknown, f"not in tests/architecture/house.py: {unknown}"


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [
        str(path.relative_to(house.CHECKOUT))
        for path in house.python_files("lims", "tests", "scripts", "bench")
        if set(path.stem.split("_")) & set(house.FORBIDDEN_WORDS)
    ]
    assert not vague


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {
        str(path.relative_to(house.CHECKOUT)): count
        for path in house.python_files("lims", "tests", "scripts", "bench")
        if "versions" not in path.parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(house.CHECKOUT)}:{node.name}": count
        for path in house.python_files("lims", "scripts", "bench")
        if "versions" not in path.parts
        for node, count in _functions(path)
        if count > LONGEST_FUNCTION
    }
    assert not long


def _functions(path: Path) -> list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    text = path.read_text(encoding="utf-8")
    source = text.splitlines()
    return [
        (node, lines_of_code(node, source))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def test_every_module_says_what_it_holds() -> None:
    silent = [
        str(path.relative_to(house.CHECKOUT))
        for path in house.python_files("lims")
        if "versions" not in path.parts
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_every_column_has_a_line_that_says_what_it_means() -> None:
    bare = [
        f"{path.relative_to(house.CHECKOUT)}:{node.lineno}"
        for path in house.LIMS.glob("*/records.py")
        for node in _columns(path)
        if not path.read_text(encoding="utf-8")
        .splitlines()[node.lineno - 2]
        .strip()
        .startswith("#:")
    ]
    assert not bare


def _columns(path: Path) -> list[ast.AnnAssign]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        statement
        for table in tree.body
        if isinstance(table, ast.ClassDef)
        for statement in table.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.value, ast.Call)
        and ast.unparse(statement.value.func) == "mapped_column"
    ]
