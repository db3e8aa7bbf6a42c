from __future__ import annotations

import hashlib
import re
import tomllib

import pytest

from tests.architecture import house

NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


def names(file: str) -> set[str]:
    """Return the packages that a requirements file names, as they are compared."""
    lines = (house.CHECKOUT / file).read_text(encoding="utf-8").splitlines()
    found = [NAME.match(line) for line in lines if not line.startswith((" ", "#", "-"))]
    return {match[1].lower().replace("_", "-").replace(".", "-") for match in found if match}


@pytest.mark.parametrize("kind", ["requirements", "requirements-test"])
def test_a_lock_holds_what_is_asked_with_hashes_and_no_address(kind: str) -> None:
    text = (house.CHECKOUT / f"{kind}.lock").read_text(encoding="utf-8")
    assert names(f"{kind}.in") <= names(f"{kind}.lock")
    assert "://" not in text
    for package in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert "--hash=sha256:" in package, package.splitlines()[0]


def test_every_dependency_says_why_it_is_there() -> None:
    page = (house.CHECKOUT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    asked = names("requirements.in") | names("requirements-test.in")
    assert not {name for name in asked if f"`{name}`" not in page}


def test_a_vendored_file_is_the_one_that_was_published() -> None:
    manifests = [
        *house.CHECKOUT.glob("tests/browser/*.sha256"),
        *house.CHECKOUT.glob("static/vendor/**/*.sha256"),
    ]
    assert manifests
    for manifest in manifests:
        for line in manifest.read_text(encoding="utf-8").splitlines():
            expected, name = line.split()
            content = (manifest.parent / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == expected, name


def test_the_package_takes_the_folders_that_stand_beside_it() -> None:
    project = tomllib.loads((house.CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    taken = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    beside = {
        folder
        for folder in ("templates", "static", "protocols", "reference_data")
        if (house.CHECKOUT / folder).is_dir()
    }
    assert beside <= set(taken)
