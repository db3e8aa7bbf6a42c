from __future__ import annotations

import re
from pathlib import Path

from lims.foundation import settings
from tests.architecture import house

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH_IN_TEXT = re.compile(
    r"`((?:lims|tests|docs|scripts|bench|templates|protocols|static|reference_data)/[\w./-]+)`"
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
