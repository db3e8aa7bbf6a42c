"""CAP at the command line: check any file in words, show our certificate, prove what was issued."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import click
from cryptography.x509 import Certificate

from lims.alerts import issued
from lims.alerts.cap import signing
from lims.alerts.cap.checking import SIGNATURE_WORDS, Report, beside, check
from lims.alerts.cap.reading import LARGEST
from lims.alerts.cap.remarks import Grade, Remark
from lims.alerts.cap.station import Station, station_of
from lims.doors import terminal
from lims.foundation import clock
from lims.foundation.words import LANGUAGES, Message, _, say

NOT_IN_ORDER, NOT_THERE = 2, 4
GRADES: dict[Grade, Message] = {
    Grade.BROKEN: _("not CAP 1.2"),
    Grade.ERROR: _("wrong"),
    Grade.ADVICE: _("advice"),
}


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    help="certificate (PEM) by which the files must be signed",
)
@click.option("--issued", "own", is_flag=True, help="check every file that was issued here")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="write one JSON object per file")
def check_files(
    files: tuple[Path, ...], certificate: Path | None, own: bool, language: str, as_json: bool
) -> None:
    """Say in words whether CAP 1.2 files are in order, and by whom they are signed.

    Exit codes: 0 in order (advice may be given), 2 something is wrong, 4 a file is not there.
    """
    pinned = _pinned(certificate)
    code = 0 if files or own else NOT_IN_ORDER
    seen: dict[str, tuple[str, Report]] = {}
    for path in files:
        content = _content(path)
        if content is None:
            click.echo(f"{path}: " + say(_("cannot be read"), language), err=True)
            code = NOT_THERE
            continue
        alone = check(content, pinned, signed=bool(pinned))
        report = beside(alone, str(path), seen, clock.now())
        _write(str(path), report, language, as_json)
        code = code or (0 if report.is_in_order else NOT_IN_ORDER)
    if own:
        found = _check_issued(pinned, language, as_json)
        code = code or found
    if not files and not own:
        click.echo(say(_("Name a file, or --issued."), language), err=True)
    raise SystemExit(code)


def _pinned(place: Path | None) -> tuple[Certificate, ...]:
    if place is None:
        return ()
    try:
        return (signing.read_certificate(place.read_bytes()),)
    except (OSError, ValueError) as wrong:
        terminal.stop(f"{place}: no certificate ({type(wrong).__name__})", NOT_THERE)


def _content(path: Path) -> bytes | None:
    """Return the content of a file, cut where it is too large to be an alert; None: not there."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError:
        return None


def _check_issued(pinned: tuple[Certificate, ...], language: str, as_json: bool) -> int:
    """Prove that every issued file is what was issued: hash, signature, rules."""
    code, count = 0, 0
    if not pinned:
        pinned = (_own_seal(station_of(terminal.settings())).certificate,)
    with terminal.unit_of_work(reading=True) as session:
        for one in issued.every_file(session):
            count += 1
            report = check(one.content, pinned, signed=True)
            same = hashlib.sha256(one.content).hexdigest() == one.sha256
            if not same:
                words = say(_("changed after it was issued"), language)
                click.echo(f"{one.identifier}: {words}", err=True)
            if not same or not report.is_in_order:
                code = NOT_IN_ORDER
                _write(one.identifier, report, language, as_json)
    click.echo(say(_("Issued files checked: %(n)s", n=count), language), err=as_json)
    return code


def _own_seal(station: Station) -> signing.Seal:
    try:
        return station.seal()
    except (OSError, ValueError) as wrong:
        terminal.stop(f"The key of CAP messages cannot be used: {wrong}", terminal.REFUSED)


def _write(name: str, report: Report, language: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_plain(name, report, language), ensure_ascii=False))
        return
    state = _("in order") if report.is_in_order else _("not in order")
    signature = say(SIGNATURE_WORDS[report.signature.state], language)
    click.echo(f"{name}: {say(state, language)}; {signature}")
    if report.signature.fingerprint:
        click.echo(f"  {_shown(report.signature.subject)}  {report.signature.fingerprint}")
    for one in report.remarks:
        click.echo(f"  {_line(one, language)}")


def _line(one: Remark, language: str) -> str:
    at = say(_("line %(n)s", n=one.line), language) + ", " if one.line else ""
    words = _shown(say(one.message, language))
    return f"{say(GRADES[one.grade], language)}: {at}{one.place}: {words} [{one.rule}]"


def _shown(text: str) -> str:
    """Return a text of a stranger's file without what would move a terminal's cursor."""
    return "".join(one if one.isprintable() else "?" for one in text)


def _plain(name: str, report: Report, language: str) -> dict[str, Any]:
    said = report.message
    return {
        "file": name,
        "in_order": report.is_in_order,
        "identifier": said.identifier if said else None,
        "kind": said.msg_type if said else None,
        "signature": str(report.signature.state),
        "fingerprint": report.signature.fingerprint,
        "remarks": [
            {
                "rule": one.rule,
                "grade": str(one.grade),
                "place": one.place,
                "line": one.line,
                "words": say(one.message, language),
            }
            for one in report.remarks
        ],
    }


@click.command("certificate")
@click.option("--pem", "as_pem", is_flag=True, help="write the certificate itself")
def certificate(as_pem: bool) -> None:
    """Show the certificate by which others know our alerts; made at first use."""
    station = station_of(terminal.settings())
    seal = _own_seal(station)
    if as_pem:
        click.echo(signing.pem(seal.certificate).decode(), nl=False)
        return
    click.echo(f"Sender:      {station.sender} ({station.status})")
    click.echo(f"Certificate: {seal.certificate.subject.rfc4514_string()}")
    click.echo(f"Valid until: {seal.certificate.not_valid_after_utc:%Y-%m-%d}")
    click.echo(f"SHA-256:     {signing.fingerprint(seal.certificate)}")
