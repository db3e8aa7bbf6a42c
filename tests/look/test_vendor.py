"""What comes from elsewhere is listed, licensed and unchanged."""

import hashlib
import json
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
MANIFEST = json.loads((STATIC / "vendor" / "MANIFEST.json").read_text())


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_the_one_that_was_listed(entry: dict[str, str]) -> None:
    assert hashlib.sha256((STATIC / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert entry["package"] and entry["version"] and entry["licence"]
    assert (STATIC / entry["licence_text"]).is_file()


def test_no_vendored_file_goes_unlisted() -> None:
    listed = {entry["file"] for entry in MANIFEST}
    found = {
        path.relative_to(STATIC).as_posix()
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).rglob("*")
        if path.suffix in {".js", ".mjs", ".wasm", ".css", ".woff2", ".woff", ".ttf", ".otf"}
    }
    assert found == listed


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in (STATIC / "css").glob("*.css"):
        text = path.read_text()
        assert "http://" not in text and "https://" not in text and "@import" not in text, path.name


def test_every_font_named_in_the_style_sheet_is_there() -> None:
    sheet = STATIC / "css" / "fonts.css"
    names = [part.split('"')[0] for part in sheet.read_text().split('url("')[1:]]
    assert names
    for name in names:
        assert (sheet.parent / name).resolve().is_file(), name
