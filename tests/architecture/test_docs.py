from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from lims.foundation import settings
from scripts import screenshots, write_docs, write_tables
from tests.architecture import house
from tests.data import shared_data

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH_IN_TEXT = re.compile(
    r"`((?:lims|tests|docs|scripts|bench|templates|protocols|static|reference_data|reference_spectra)/[\w./-]+)`"
)


def pages() -> list[Path]:
    """Return every page that a reader of the repository may open."""
    return sorted([*house.CHECKOUT.glob("*.md"), *(house.CHECKOUT / "docs").rglob("*.md")])


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(house.CHECKOUT)} -> {target}"
        for page in pages()
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_every_file_that_a_page_names_exists() -> None:
    missing = [
        f"{page.relative_to(house.CHECKOUT)} names {path}"
        for page in pages()
        for path in PATH_IN_TEXT.findall(page.read_text(encoding="utf-8"))
        if not (house.CHECKOUT / path).exists()
    ]
    assert not missing


def test_every_make_target_that_a_page_names_exists() -> None:
    makefile = (house.CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    missing = [
        f"{page.relative_to(house.CHECKOUT)} names make {name}"
        for page in pages()
        for name in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))
        if name not in targets
    ]
    assert not missing


def test_every_setting_stands_in_the_guide_with_its_default_and_meaning() -> None:
    guide = (house.CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [f"| `{name}` | {default or '-'} | {says} |" for name, default, says in settings.table()]
    missing = [row for row in rows if row not in guide]
    assert not missing, "docs/settings.md lacks:\n" + "\n".join(missing)
    assert set(re.findall(r"`(LIMS_\w+)`", guide)) <= {name for name, _, _ in settings.table()}


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """Give the pages as the program would write them now."""
    return write_docs.pages()


def test_the_generated_pages_are_those_that_the_program_writes_now(
    written: dict[str, str],
) -> None:
    old = [
        name
        for name, text in written.items()
        if not (write_docs.DOCS / name).exists()
        or (write_docs.DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert not old, f"run `make docs`: {old}"


def test_every_page_endpoint_and_command_says_what_it_does(written: dict[str, str]) -> None:
    assert not re.findall(r"^\|.*\|  ?\|$", written["endpoints.md"], re.MULTILINE)
    assert not re.findall(r"^## `lims .*`\n\n\n", written["commands.md"], re.MULTILINE)


def test_every_danger_rule_that_ships_is_described_with_its_level_and_source(
    written: dict[str, str],
) -> None:
    rows = {
        row.split("`")[1]: row
        for row in written["danger-rules.md"].splitlines()
        if row.startswith("| `")
    }
    rules = write_tables.shipped_rules()
    assert list(rows) and set(rows) == {rule["rule_id"] for rule in rules}
    for rule in rules:
        assert f"| {rule['level']} |" in rows[rule["rule_id"]]
        assert rule["source"] and rule["source"] in rows[rule["rule_id"]]


def test_every_column_of_the_dictionary_has_a_meaning(written: dict[str, str]) -> None:
    rows = [row for row in written["dictionary.md"].splitlines() if row.startswith("| `")]
    silent = [row for row in rows if not row.rstrip(" |").split(" | ")[2:]]
    assert len(rows) > 100
    assert not silent


def test_every_table_of_states_is_drawn(written: dict[str, str]) -> None:
    assert written["states.md"].count("stateDiagram-v2") == len(write_docs.STATES)


NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ANSWERS = ("Not applicable", "Not yet", "Partly")


def test_every_test_that_a_page_names_exists() -> None:
    missing = [
        f"{page.relative_to(house.CHECKOUT)} names {file}::{name}"
        for page in pages()
        for file, name in NAMED_TEST.findall(page.read_text(encoding="utf-8"))
        if not (house.CHECKOUT / file).exists()
        or f"\ndef {name}(" not in (house.CHECKOUT / file).read_text(encoding="utf-8")
    ]
    assert not missing


def answered_requirements() -> dict[str, str]:
    """Return the rows of the table of security requirements, by their number."""
    text = (house.CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (V[\d.]+) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a requirement is answered twice"
    return dict(rows)


def test_every_security_requirement_is_answered_by_a_test_or_a_reason() -> None:
    rows = answered_requirements()
    assert len(rows) == 51
    empty = [
        number
        for number, row in rows.items()
        if not NAMED_TEST.search(row) and not row.split(" | ")[1].startswith(ANSWERS)
    ]
    assert not empty


@pytest.mark.data
def test_the_security_requirements_are_those_that_were_chosen() -> None:
    with shared_data("asvs", "asvs5_selected.csv").open(encoding="utf-8", newline="") as file:
        chosen = {row["req_id"] for row in csv.DictReader(file)}
    assert set(answered_requirements()) == chosen


def test_the_guide_shows_every_picture_that_is_drawn_and_no_other() -> None:
    folder = house.CHECKOUT / "docs" / "pictures"
    guide = (house.CHECKOUT / "docs" / "guide.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+)\.png\)", guide)
    assert sorted(shown) == sorted(picture.name for picture in screenshots.LIST)
    assert {path.stem for path in folder.iterdir()} == set(shown)


def test_every_step_of_the_guide_has_a_picture() -> None:
    guide = (house.CHECKOUT / "docs" / "guide.md").read_text(encoding="utf-8")
    steps = re.findall(r"^## \d .*?(?=^## |\Z)", guide, re.MULTILINE | re.DOTALL)
    assert len(steps) == 8
    assert all("](pictures/" in step for step in steps)


def test_the_pictures_are_small_enough_for_a_repository() -> None:
    folder = house.CHECKOUT / "docs" / "pictures"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3_000_000
