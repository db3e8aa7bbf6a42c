"""Write the pages of the documentation that repeat what the program knows of itself.

Usage: make docs
A test compares these pages with what this script would write.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from lims.foundation.settings import read_settings
from scripts import write_indicators, write_tables

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> None:
    """Write every generated page."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(name)
    security = DOCS / "security.md"
    security.write_text(with_present_tests(security.read_text("utf-8")), encoding="utf-8")


def with_present_tests(text: str) -> str:
    """Return a page whose named tests stand where they are now, when one has changed its file."""
    where: dict[str, list[str]] = {}
    for path in sorted((DOCS.parent / "tests").rglob("test_*.py")):
        for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE):
            where.setdefault(name, []).append(path.relative_to(DOCS.parent).as_posix())

    def present(found: re.Match[str]) -> str:
        places = where.get(found[2], [])
        return f"`{places[0]}::{found[2]}`" if len(places) == 1 else found[0]

    return re.sub(r"`(tests/[\w/]+\.py)::(test_\w+)`", present, text)


def pages() -> dict[str, str]:
    """Return the generated pages by file name."""
    return {
        "commands.md": commands(),
        "danger-rules.md": write_tables.danger_rules(),
        "dictionary.md": write_tables.dictionary(),
        "duties.md": write_tables.duties(),
        "endpoints.md": endpoints(),
        "indicators.md": write_indicators.indicators(),
        "states.md": states(),
    }


def commands() -> str:
    """Describe every command of `lims`."""
    from lims.cli import main as lims

    lines = ["# Commands", "", "`lims COMMAND --help` says the same.", ""]
    context = click.Context(lims, info_name="lims")
    for path, command in _commands(lims, context, "lims"):
        usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece)
        lines += [
            f"## `{path}`",
            "",
            command.get_short_help_str(300),
            "",
            f"    {path} {usage}",
            "",
        ]
        lines += [*_options(command), ""]
    return write_tables.joined(lines)


def _options(command: click.Command) -> Iterator[str]:
    """Say what each option means, what it takes and what it is without being given."""
    for option in command.params:
        if not isinstance(option, click.Option) or option.hidden:
            continue
        said = [option.help.rstrip(".")] if option.help else []
        if isinstance(option.type, click.Choice):
            choices = option.type.choices
            words = "one of " + ", ".join(f"`{one}`" for one in choices)
            said.append(words if len(choices) <= 12 else "one of those that `--help` lists")
        if option.required:
            said.append("needed")
        elif option.default not in (None, False, "", (), []) and isinstance(
            option.default, (str, int, float)
        ):
            said.append(f"`{option.default}` if not given")
        if option.multiple:
            said.append("may be given more than once")
        yield f"- `{'`, `'.join(option.opts)}`" + (": " + "; ".join(said) if said else "")


def _commands(
    group: click.Group, context: click.Context, path: str
) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, context, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def endpoints() -> str:
    """Describe every page and every endpoint of both applications."""
    from lims.app import make_app
    from lims.public import make_public_app

    with tempfile.TemporaryDirectory() as folder:
        settings = replace(
            read_settings({}), data_dir=Path(folder), demonstration=True, secure_cookies=False
        )
        staff, public = make_app(settings), make_public_app(settings)
        lines = [
            "# Pages and endpoints",
            "",
            "The JSON API describes itself at `/api/openapi.json`.",
        ]
        lines += ["", "## JSON API of the staff application", ""]
        lines += _rows(staff, api=True)
        lines += ["", "## Pages of the staff application", ""]
        lines += _rows(staff, api=False)
        lines += ["", "## Pages of the public application", ""]
        lines += _rows(public, api=False)
        for app in (staff, public):
            app.extensions["house"].engine.dispose()
    return write_tables.joined(lines)


def _rows(app: Any, *, api: bool) -> list[str]:
    rows: list[tuple[str, ...]] = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        if rule.endpoint == "static" or rule.rule.startswith("/api/") is not api:
            continue
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            rows.append((method, f"`{rule.rule}`", _words(view, method)))
    return write_tables.table(("method", "address", "what"), rows)


def _words(view: Any, method: str) -> str:
    handler = getattr(getattr(view, "view_class", None), method.lower(), view)
    text = (getattr(handler, "__doc__", None) or "").strip()
    return text.split("\n")[0]


STATES = (
    ("A sample", "lims.intake.rules", "SampleState"),
    ("A parcel", "lims.custody.rules", "ParcelState"),
    ("A run", "lims.analysis.states", "RunState"),
    ("A finding", "lims.findings.rules", "FindingState"),
    ("A draft of a danger rule", "lims.findings.ruling", "RuleDraftState"),
    ("A library of spectra", "lims.library.standing", "LibraryState"),
    ("A reference spectrum", "lims.library.standing", "SpectrumState"),
    ("A signal", "lims.surveillance.rules", "SignalState"),
    ("An event", "lims.alerts.rules", "EventState"),
    ("An alert version", "lims.alerts.rules", "AlertState"),
    ("A message on its way", "lims.alerts.delivering", "DeliveryState"),
)


def states() -> str:
    """Draw every table of states from the table that the program uses."""
    lines = ["# States", "", "Each drawing is made from the table that the program obeys."]
    for title, module, name in STATES:
        table = moves_of(import_module(module), name)
        lines += ["", f"## {title}", "", "```mermaid", "stateDiagram-v2"]
        names = {state: str(state).replace(" ", "_").replace("-", "_") for state in table}
        lines += [f"    {names[state]}: {state}" for state in table]
        for state, after in table.items():
            lines += [f"    {names[state]} --> {names[one]}" for one in sorted(after, key=str)]
        lines += ["```", "", "| from | to |", "|---|---|"]
        for state, after in table.items():
            wanted = ", ".join(sorted(map(str, after))) or "nothing: it ends here"
            lines.append(f"| {state} | {wanted} |")
    return write_tables.joined(lines)


def moves_of(module: Any, name: str) -> dict[Any, Any]:
    """Return the table of moves whose keys are the states of this enum, whatever it is called."""
    states_of = getattr(module, name)
    for value in vars(module).values():
        if isinstance(value, dict) and value and all(isinstance(key, states_of) for key in value):
            sample = next(iter(value.values()))
            if isinstance(sample, (frozenset, set, tuple)):
                return {state: value.get(state, frozenset()) for state in states_of}
    raise LookupError(f"{module.__name__} has no table of moves for {name}")


if __name__ == "__main__":
    main()
