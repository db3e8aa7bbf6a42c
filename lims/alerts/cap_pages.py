"""CAP on the public application: the issued files, and how to know that they are ours.

A file is served byte for byte as it was issued; the address of a file never means another one.
"""

from __future__ import annotations

import hashlib

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.alerts import issued
from lims.alerts.cap import signing
from lims.alerts.cap.codes import MIME
from lims.alerts.cap.messages import no_alert_file
from lims.alerts.cap.station import Station, station_of
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.words import LANGUAGES, language_name

blueprint = Blueprint("public_cap", __name__, url_prefix="/cap")


def _station() -> Station:
    return station_of(house().settings)


@blueprint.get("")
def about() -> ResponseReturnValue:
    """Tell where the feeds are and by which certificate the files are known."""
    certificate = issued.seal_of(_station()).certificate
    return browser.render(
        "alerts/public_cap.html",
        languages=LANGUAGES,
        names={code: language_name(code) for code in LANGUAGES},
        fingerprint=signing.fingerprint(certificate),
        valid_until=certificate.not_valid_after_utc,
        sender=_station().sender,
    )


@blueprint.get("/certificate.pem")
def certificate() -> ResponseReturnValue:
    """Give the certificate, to be pinned by whoever compared its fingerprint."""
    content = signing.pem(issued.seal_of(_station()).certificate)
    return browser.conditional(
        content, "application/x-pem-file", hashlib.sha256(content).hexdigest()
    )


@blueprint.get("/<identifier>.xml")
def file(identifier: str) -> ResponseReturnValue:
    """Give an issued file, byte for byte."""
    if identifier == _station().no_alert_identifier:
        issued.seal_of(_station())
        content = no_alert_file(_station())
        return browser.conditional(content, MIME, hashlib.sha256(content).hexdigest())
    found = issued.issued_file(browser.session(), identifier)
    return browser.conditional(found.content, MIME, found.sha256)
