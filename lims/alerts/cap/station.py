"""From where this installation sends its CAP messages: sender, key, addresses, in earnest or not.

A demonstration sends exercises only, whatever the settings say of its sender.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from lims.alerts.cap.signing import Seal, own_seal
from lims.foundation.settings import Settings, read_settings

_NOT_A_NAME = re.compile(r"[\s,<>&\"']+")
_NOT_A_FILE = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Station:
    """Who sends, and where the files are read."""

    sender: str
    is_exercise: bool
    network: str
    public_url: str
    contact: str
    folder: Path
    key_file: str
    certificate_file: str

    @property
    def status(self) -> str:
        return "Exercise" if self.is_exercise else "Actual"

    @property
    def domain(self) -> str:
        """Return the sender's domain as it begins every identifier, so that no two are the same."""
        return _NOT_A_FILE.sub("-", self.sender.rpartition("@")[2]).strip("-.") or "cap"

    def identifier(self, number: str, version: int) -> str:
        """Return the identifier of a version: neither spaces nor commas (CAP 1.2, 3.2.1)."""
        exercise = "exercise-" if self.is_exercise else ""
        return f"{exercise}{self.domain}-{_NOT_A_FILE.sub('-', number)}-{version}"

    @property
    def no_alert_identifier(self) -> str:
        """Return the identifier of the message that says that there is no alert."""
        return f"{self.domain}-no-alert"

    def address(self, identifier: str) -> str:
        """Return the absolute address of a message's file."""
        return f"{self.public_url}/cap/{identifier}.xml"

    def seal(self) -> Seal:
        """Return the key and certificate; raises OSError or ValueError when they cannot be read."""
        return _seal(self.folder, self.key_file, self.certificate_file, self.network)


@lru_cache(maxsize=8)
def _seal(folder: Path, key_file: str, certificate_file: str, name: str) -> Seal:
    return own_seal(folder, key_file, certificate_file, name)


def station_of(settings: Settings) -> Station:
    """Return the station that the settings describe."""
    public_url = settings.public_url.rstrip("/")
    host = urlsplit(public_url).hostname or "localhost"
    who = "demonstration" if settings.demonstration else "alerts"
    sender = _NOT_A_NAME.sub("-", settings.cap_sender.strip()) or f"{who}@{host}"
    return Station(
        sender=sender,
        is_exercise=settings.demonstration,
        network=settings.network_name,
        public_url=public_url,
        contact=settings.cap_contact,
        folder=settings.data_dir,
        key_file=settings.cap_key_file,
        certificate_file=settings.cap_certificate_file,
    )


_connected: list[Station] = []


def connect(settings: Settings) -> None:
    """Set the station of this process; called when an application starts."""
    _connected[:] = [station_of(settings)]


def in_force() -> Station:
    """Return the station of this process: the connected one, else that of the environment."""
    return _connected[0] if _connected else station_of(read_settings())
