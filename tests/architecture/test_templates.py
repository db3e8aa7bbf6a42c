"""Every template is a page, is included by one, or stands behind a name that the code makes."""

from __future__ import annotations

import re
from pathlib import Path

from lims.analysis.schemas import PARTS
from tests.architecture import house

TEMPLATES = house.CHECKOUT / "templates"
MADE_OF_A_NAME = {f"analysis/_{part}.html" for part in PARTS.values() if part != "plate"}
"""The fields of a run by what its technique records, which `analysis/run.html` includes; plates
have a page of their own."""
A_TEMPLATE = re.compile(r"""["']([\w/-]+\.html)["']""")
BY_NAME = re.compile(r"{%-?\s*(?:include|extends|import)\s+([^%]*~[^%]*?|[^\"'%\s][^%]*?)\s*-?%}")


def written() -> list[Path]:
    return [*TEMPLATES.rglob("*.html"), *house.LIMS.rglob("*.py")]


def test_every_template_is_used() -> None:
    there = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    named = {
        name
        for path in written()
        for name in A_TEMPLATE.findall(path.read_text(encoding="utf-8"))
        if path != TEMPLATES / name
    }
    assert there - named - MADE_OF_A_NAME == set()


def test_the_fields_of_every_technique_have_their_template() -> None:
    there = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    assert there >= MADE_OF_A_NAME


def test_only_the_fields_of_a_run_are_included_by_a_name_made_up() -> None:
    made_up = {
        (str(path.relative_to(TEMPLATES)), name)
        for path in TEMPLATES.rglob("*.html")
        for name in BY_NAME.findall(path.read_text(encoding="utf-8"))
    }
    assert made_up == {("analysis/run.html", '"analysis/_" ~ part ~ ".html"')}
