from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture import house

NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


def names(file: str) -> set[str]:
    """Return the packages that a requirements file names, as they are compared."""
    lines = (house.CHECKOUT / file).read_text(encoding="utf-8").splitlines()
    found = [NAME.match(line) for line in lines if not line.startswith((" ", "#", "-"))]
    return {match[1].lower().replace("_", "-").replace(".", "-") for match in found if match}


@pytest.mark.parametrize("kind", ["requirements", "requirements-test", "requirements-bench"])
def test_a_lock_holds_what_is_asked_with_hashes_and_no_address(kind: str) -> None:
    text = (house.CHECKOUT / f"{kind}.lock").read_text(encoding="utf-8")
    assert names(f"{kind}.in") <= names(f"{kind}.lock")
    assert "://" not in text
    for package in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert "--hash=sha256:" in package, package.splitlines()[0]


def test_every_dependency_says_why_it_is_there() -> None:
    page = (house.CHECKOUT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    asked = names("requirements.in") | names("requirements-test.in")
    asked |= names("requirements-bench.in")
    assert not {name for name in asked if f"`{name}`" not in page}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_accessibility_checker_is_the_one_that_was_published() -> None:
    folder = house.CHECKOUT / "tests" / "browser"
    lines = (folder / "axe.sha256").read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in lines] == [
        digest(folder / line.split()[1]) for line in lines
    ]


def test_a_vendored_file_is_the_one_that_was_published_and_brings_its_licence() -> None:
    static = house.CHECKOUT / "static"
    for entry in json.loads((static / "vendor" / "MANIFEST.json").read_text(encoding="utf-8")):
        assert digest(static / entry["file"]) == entry["sha256"], entry["file"]
        assert (static / entry["licence_text"]).is_file(), entry["file"]


def test_every_vendored_file_is_in_the_manifest() -> None:
    static = house.CHECKOUT / "static"
    entries = json.loads((static / "vendor" / "MANIFEST.json").read_text(encoding="utf-8"))
    listed = {entry["file"] for entry in entries}
    there = {
        str(path.relative_to(static))
        for folder in ("vendor", "fonts")
        for path in (static / folder).rglob("*")
        if path.suffix in {".js", ".css", ".woff2", ".ttf", ".wasm"}
    }
    assert there <= listed


def test_the_package_takes_the_folders_that_stand_beside_it() -> None:
    project = tomllib.loads((house.CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    taken = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    beside = {
        folder
        for folder in ("templates", "static", "protocols", "reference_data", "reference_spectra")
        if (house.CHECKOUT / folder).is_dir()
    }
    assert beside <= set(taken)
