"""Bringing in alerts of other countries at the command line."""

from __future__ import annotations

from pathlib import Path

import click

from lims.alerts.cap.checking import SIGNATURE_WORDS
from lims.alerts.cap.reading import LARGEST
from lims.alerts.cap.signing import Signed, pinned_in
from lims.doors import terminal
from lims.exchange.foreign_alerts import BringForeignAlert, bring_foreign_alert
from lims.foundation.errors import Invalid, Refusal
from lims.network.queries import OPERATOR

NOT_BROUGHT, NOT_THERE = 2, 4


@click.command("alerts")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", required=True, help="where the files come from, in words")
@click.option("--licence", default="", help="licence or terms as stated")
def alerts(files: tuple[Path, ...], source: str, licence: str) -> None:
    """Bring in CAP 1.2 alerts of other countries, shown apart and not verified by us.

    A file that is refused leaves the others be. Exit codes: 0 all brought in or known already,
    2 one was refused, 4 one is not there.
    """
    pinned, code = pinned_in(terminal.settings().cap_pinned_dir), 0
    for path in files:
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError:
            click.echo(f"{path}: cannot be read", err=True)
            code = NOT_THERE
            continue
        command = BringForeignAlert(content, source, licence, pinned)
        brought = _bring(path, command)
        code = code or brought
    raise SystemExit(code)


def _bring(path: Path, command: BringForeignAlert) -> int:
    with terminal.unit_of_work() as session:
        try:
            brought = bring_foreign_alert(session, OPERATOR, command)
        except Refusal as refusal:
            listed = refusal.problems if isinstance(refusal, Invalid) else ()
            words = [str(refusal.message), *(str(one.message) for one in listed)]
            click.echo(f"{path}: " + "\n  ".join(_shown(one) for one in words), err=True)
            session.rollback()
            return NOT_BROUGHT
        signature = SIGNATURE_WORDS[Signed(brought.alert.signature)]
        done = "brought in" if brought.is_new else "known already"
        click.echo(f"{path}: {done}; {signature}; not verified by us")
    return 0


def _shown(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)
