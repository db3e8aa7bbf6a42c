"""Settings from the environment: one list, each with its meaning, printed by `lims settings`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

SAMPLE_SECRET = "demonstration-secret-do-not-use"
TRUE = {"1", "true", "yes", "on"}


def _setting(name: str, default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"name": name, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """Every setting of an installation."""

    data_dir: Path = _setting(
        "LIMS_DATA_DIR", Path("var"), "folder of files and of the default database"
    )
    database_url: str = _setting(
        "LIMS_DATABASE_URL", "", "database address; empty: SQLite in the data folder"
    )
    secret_key: str = _setting(
        "LIMS_SECRET_KEY", "", "secret that signs forms, at least 32 characters"
    )
    secret_key_file: str = _setting(
        "LIMS_SECRET_KEY_FILE", "", "file that holds the secret, instead of LIMS_SECRET_KEY"
    )
    demonstration: bool = _setting(
        "LIMS_DEMONSTRATION", False, "show the demonstration banner and accept the sample secret"
    )
    network_name: str = _setting("LIMS_NETWORK_NAME", "Balise", "name of the network on pages")
    default_language: str = _setting(
        "LIMS_DEFAULT_LANGUAGE", "fr", "language when nothing else tells: fr, nl or en"
    )
    bind: str = _setting("LIMS_BIND", "127.0.0.1:8000", "address of the staff application")
    public_bind: str = _setting(
        "LIMS_PUBLIC_BIND", "127.0.0.1:8001", "address of the public application"
    )
    public_url: str = _setting(
        "LIMS_PUBLIC_URL", "http://127.0.0.1:8001", "address of the public application on tickets"
    )
    staff_url: str = _setting(
        "LIMS_STAFF_URL", "http://127.0.0.1:8000", "address of the staff application in messages"
    )
    workers: int = _setting("LIMS_WORKERS", 2, "number of web processes")
    secure_cookies: bool = _setting(
        "LIMS_SECURE_COOKIES", True, "send cookies over HTTPS only, with the __Host- prefix"
    )
    session_idle_minutes: int = _setting(
        "LIMS_SESSION_IDLE_MINUTES", 30, "a session ends after this long without a request"
    )
    session_hours: int = _setting(
        "LIMS_SESSION_HOURS", 12, "a session ends after this long in any case"
    )
    lockout_tries: int = _setting(
        "LIMS_LOCKOUT_TRIES", 5, "wrong passwords before an account waits"
    )
    lockout_minutes: int = _setting("LIMS_LOCKOUT_MINUTES", 15, "how long a locked account waits")
    ticket_days: int = _setting(
        "LIMS_TICKET_DAYS", 30, "days after the result in which a ticket still opens it"
    )
    max_upload_mb: int = _setting("LIMS_MAX_UPLOAD_MB", 20, "largest file that a form accepts, MB")
    gross_tolerance_mg: int = _setting(
        "LIMS_GROSS_TOLERANCE_MG",
        20,
        "house convention: gross masses of a tube that differ by more, mg, are named at receipt",
    )
    weighing_tolerance_mg: int = _setting(
        "LIMS_WEIGHING_TOLERANCE_MG",
        5,
        "house convention: a weighing that differs by more from the ledger, mg, raises an alarm",
    )
    keep_days: int = _setting(
        "LIMS_KEEP_DAYS",
        90,
        "house convention: days after which a concluded sample still kept raises an alarm",
    )
    transit_days: int = _setting(
        "LIMS_TRANSIT_DAYS",
        7,
        "house convention: days after which a parcel sent and not received raises an alarm",
    )
    open_data_days: int = _setting(
        "LIMS_OPEN_DATA_DAYS", 30, "days after the end of a quarter before it is counted for all"
    )
    open_data_licence: str = _setting(
        "LIMS_OPEN_DATA_LICENCE",
        "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
        "licence of the open data, written into every release",
    )
    signal_red_look_hours: int = _setting(
        "LIMS_SIGNAL_RED_LOOK_HOURS", 4, "target: hours within which a red signal is looked at"
    )
    signal_red_decide_hours: int = _setting(
        "LIMS_SIGNAL_RED_DECIDE_HOURS", 24, "target: hours within which a red signal is decided"
    )
    signal_warning_look_hours: int = _setting(
        "LIMS_SIGNAL_WARNING_LOOK_HOURS", 24, "target: hours within which a warning is looked at"
    )
    signal_warning_decide_hours: int = _setting(
        "LIMS_SIGNAL_WARNING_DECIDE_HOURS", 72, "target: hours within which a warning is decided"
    )
    signal_other_look_hours: int = _setting(
        "LIMS_SIGNAL_OTHER_LOOK_HOURS", 72, "target: hours within which other signals are looked at"
    )
    signal_other_decide_hours: int = _setting(
        "LIMS_SIGNAL_OTHER_DECIDE_HOURS", 72, "target: hours within which others are decided"
    )
    smtp_host: str = _setting(
        "LIMS_SMTP_HOST", "", "mail server that sends alerts; empty: no mail is sent"
    )
    smtp_port: int = _setting("LIMS_SMTP_PORT", 587, "port of the mail server")
    smtp_user: str = _setting("LIMS_SMTP_USER", "", "account at the mail server; empty: none")
    smtp_password_file: str = _setting(
        "LIMS_SMTP_PASSWORD_FILE", "", "file that holds the password of that account"
    )
    smtp_tls: str = _setting(
        "LIMS_SMTP_TLS",
        "starttls",
        "starttls, implicit (TLS from the first byte), or none: only for a server on this machine",
    )
    mail_from: str = _setting(
        "LIMS_MAIL_FROM", "", "address of the office that sends alerts; needed for mail"
    )
    webhook_hosts: str = _setting(
        "LIMS_WEBHOOK_HOSTS",
        "",
        "hosts that webhooks may call, with commas, such as example.org,example.net:8443",
    )
    webhook_private_hosts: str = _setting(
        "LIMS_WEBHOOK_PRIVATE_HOSTS",
        "",
        "those of LIMS_WEBHOOK_HOSTS that may stand on a private network",
    )
    certificates_file: str = _setting(
        "LIMS_CERTIFICATES_FILE",
        "",
        "PEM file of authorities that mail server and webhooks may rest on, besides the system's",
    )
    unreceived_hours: int = _setting(
        "LIMS_UNRECEIVED_HOURS",
        4,
        "house convention: hours after which a red alert that nobody confirmed is escalated",
    )
    cap_sender: str = _setting(
        "LIMS_CAP_SENDER", "", "sender of CAP messages; empty: alerts@ the host of the public URL"
    )
    cap_contact: str = _setting(
        "LIMS_CAP_CONTACT", "", "contact in CAP messages, an office and no person; empty: none"
    )
    cap_key_file: str = _setting(
        "LIMS_CAP_KEY_FILE", "", "RSA key (PEM) that signs CAP messages; empty: one made here"
    )
    cap_certificate_file: str = _setting(
        "LIMS_CAP_CERTIFICATE_FILE", "", "certificate (PEM) of that key; empty: in the key's file"
    )
    cap_pinned_dir: str = _setting(
        "LIMS_CAP_PINNED_DIR", "", "folder of certificates (PEM) of the senders whom we know"
    )

    @property
    def database(self) -> str:
        """Return the database address in use."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'balise.sqlite').resolve()}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment; raises ValueError with the name of a bad one."""
    source = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for item in fields(Settings):
        text = source.get(item.metadata["name"])
        if text is None or text == "":
            continue
        values[item.name] = _converted(text, item.default, item.metadata["name"])
    if values.get("secret_key_file") and not values.get("secret_key"):
        values["secret_key"] = Path(values["secret_key_file"]).read_text(encoding="utf-8").strip()
    return Settings(**values)


def _converted(text: str, default: Any, name: str) -> Any:
    if isinstance(default, bool):
        return text.strip().lower() in TRUE
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError as wrong:
            raise ValueError(f"{name} must be a whole number, not {text!r}") from wrong
    if isinstance(default, Path):
        return Path(text)
    return text


def refuse_sample_secret(settings: Settings) -> None:
    """Refuse to start a real installation with a missing, short or sample secret (ValueError)."""
    if settings.demonstration:
        return
    key = settings.secret_key
    if not key:
        raise ValueError(
            "LIMS_SECRET_KEY is not set. Make one, for example: "
            f"LIMS_SECRET_KEY={secrets.token_urlsafe(32)}"
        )
    if key == SAMPLE_SECRET or len(key) < 32 or len(set(key)) < 8:
        raise ValueError("LIMS_SECRET_KEY is a sample or too simple; at least 32 random characters")
    if settings.default_language not in {"fr", "nl", "en"}:
        raise ValueError("LIMS_DEFAULT_LANGUAGE must be fr, nl or en")


def table() -> list[tuple[str, str, str]]:
    """Return name, default and meaning of every setting, in order."""
    return [
        (item.metadata["name"], str(item.default), item.metadata["meaning"])
        for item in fields(Settings)
    ]
