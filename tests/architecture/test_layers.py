from __future__ import annotations

import subprocess
import sys
from fnmatch import fnmatch
from functools import cache

import grimp

from tests.architecture import house


@cache
def imports() -> list[tuple[str, str]]:
    """Return every import of the product: who imports, what is imported."""
    graph = grimp.build_graph("lims", include_external_packages=True, cache_dir=None)
    return [
        (importer, imported)
        for importer in graph.modules
        if importer.startswith("lims")
        for imported in graph.find_modules_directly_imported_by(importer)
    ]


def place_of(module: str) -> tuple[str, str] | None:
    """Return the feature and what the file is, of a module that is a file of a feature."""
    parts = module.split(".")
    if len(parts) < 3 or parts[1] not in house.FEATURES:
        return None
    kind = house.kind_of(parts[1], parts[2])
    return (parts[1], kind) if kind else None


def test_rules_know_nothing_but_numbers_words_refusals_and_other_rules() -> None:
    allowed = {*sys.stdlib_module_names, "numpy", *house.RULES_MAY_IMPORT}
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if (place := place_of(importer))
        and place[1] == "rules"
        and imported not in allowed
        and (place_of(imported) or ("", ""))[1] != "rules"
    ]
    assert not wrong


def test_a_file_imports_only_the_files_below_it_in_its_own_feature() -> None:
    wrong = []
    for importer, imported in imports():
        mine, other = place_of(importer), place_of(imported)
        if mine is None or other is None or mine[0] != other[0]:
            continue
        same_kind = mine[1] == other[1] and mine[1] != "door"
        if not same_kind and house.RANKS[mine[1]] <= house.RANKS[other[1]]:
            wrong.append(f"{importer} ({mine[1]}) imports {imported} ({other[1]})")
    assert not wrong


def test_nobody_imports_a_door_of_another_feature() -> None:
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if (other := place_of(imported))
        and other[1] == "door"
        and importer.split(".")[1] in (*house.FEATURES, "foundation", "doors", "wiring")
        and importer.rpartition(".")[0] != imported.rpartition(".")[0]
    ]
    assert not wrong


def test_only_the_files_of_the_plan_import_a_heavy_or_web_library() -> None:
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if imported in house.IMPORTERS
        and not any(fnmatch(importer, allowed) for allowed in house.IMPORTERS[imported])
    ]
    assert not wrong


def test_tables_acts_and_the_command_start_without_heavy_libraries() -> None:
    light = [
        house.name_of(path)
        for feature in house.features()
        for path in feature.glob("*.py")
        if house.kind_of(feature.name, path.stem) in ("rules", "records", "operations", "queries")
    ]
    light += [f"lims.{name}" for name in ("cli",) if (house.LIMS / f"{name}.py").exists()]
    program = (
        "import importlib, sys\n"
        f"for name in {sorted(light)!r}:\n"
        "    importlib.import_module(name)\n"
        f"    heavy = [one for one in {house.HEAVY_AT_START!r} if one in sys.modules]\n"
        "    if heavy:\n"
        "        sys.exit(f'{name} loads {heavy}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=house.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
