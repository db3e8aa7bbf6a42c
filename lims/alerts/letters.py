"""The words of mails: a number, a level, a link; and what a webhook is sent.

A mail is read by others on its way, so it names no substance, no place, no office. What its reader
may know stands behind the link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lims.alerts.audiences import TLP, Audience
from lims.alerts.delivering import LEVEL_WORDS
from lims.alerts.records import AlertMessage, AlertVersion
from lims.alerts.rules import ENDS, Kind
from lims.foundation.words import Message, _, say

KINDS: Mapping[str, Message] = {
    Kind.ALERT: _("New alert"),
    Kind.UPDATE: _("Update of an alert"),
    Kind.WITHDRAWAL: _("Withdrawal of an alert"),
}
LABEL = _("How far it may be passed on: %(tlp)s.")
LINK = _(
    "Open this page and confirm there that you have received it. The page then shows the message:"
)
UNTIL = _("The link works until %(day)s. Do not pass it on: it opens the message without a login.")
THIN = _("This mail says no more, because mail is read by others on its way.")
WHY = _(
    "It goes to the office that the coordination keeps as %(number)s. To be taken off the list, "
    "write to the coordination."
)


@dataclass(frozen=True)
class Addressed:
    """What every mail needs: the network's name, the recipient, the link."""

    network: str
    number: str
    audience: str
    language: str
    link: str
    until: datetime | None = None


@dataclass(frozen=True)
class Words:
    """Subject and body of a mail."""

    subject: str
    body: str


def alert_words(to: Addressed, number: str, version: int, kind: str, level: str) -> Words:
    """Return the mail that tells of a version of an alert: number, level, link."""
    what, grade = KINDS[kind], LEVEL_WORDS[level]
    subject = _("%(what)s %(number)s: %(level)s", what=what, number=number, level=grade)
    return _mail(
        to,
        subject,
        _("%(what)s %(number)s, version %(n)s.", what=what, number=number, n=version),
        _("Level: %(level)s.", level=grade),
        LINK,
    )


def digest_words(to: Addressed, lines: Sequence[AlertVersion], since: datetime) -> Words:
    """Return the mail that tells what was published and what ended: numbers, levels, link."""
    listed = [say(_line(one), to.language) for one in lines]
    return _mail(
        to,
        _("Alerts: digest"),
        _("Published or ended since %(day)s:", day=since),
        *(f"– {one}" for one in listed),
        LINK,
    )


def _line(version: AlertVersion) -> Message:
    """Return one line of a digest; a warning that does not hold any more says so."""
    number, level = version.alert.number, LEVEL_WORDS[version.level]
    return _(
        "%(number)s: %(state)s (%(level)s)", number=number, state=standing(version), level=level
    )


STANDS: Mapping[str, Message] = {
    "withdrawn": _("withdrawn, does not hold any more"),
    "updated": _("replaced by an update"),
    "expired": _("let go after its review date"),
    "superseded": _("replaced by another alert"),
    "withdrawal": _("withdrawal: the alert does not hold any more"),
    "update": _("update, in force"),
    "alert": _("new, in force"),
}


def standing(version: AlertVersion) -> Message:
    """Return how a version stands now, in words."""
    return STANDS[version.state if version.state in ENDS else version.kind]


def notice_words(to: Addressed, told: Mapping[str, Any]) -> Words:
    """Return the mail that tells the coordination what escalates: a number, a link."""
    what = NOTICES[str(told["what"])]
    number = str(told["number"])
    subject = _("%(number)s: %(what)s", number=number, what=what)
    lines = [subject]
    if told.get("level") in LEVEL_WORDS:
        lines.append(_("Level: %(level)s.", level=LEVEL_WORDS[told["level"]]))
    return _mail(to, subject, *lines, _("Look at it here, after logging in:"), is_notice=True)


NOTICES: Mapping[str, Message] = {
    "unreceived": _("nobody has confirmed this alert in time"),
    "undelivered": _("this alert could not be delivered everywhere"),
    "unapproved": _("this alert waits for the second person"),
    "undecided": _("this event waits for a decision"),
    "unsigned": _("programs have no signed file of this alert yet"),
    "signal": _("a signal waits longer than agreed"),
}


def _mail(to: Addressed, subject: Message, *lines: Message | str, is_notice: bool = False) -> Words:
    last: list[Message | str] = [to.link]
    if not is_notice and to.until is not None:
        last.append(Message(LABEL.msgid, {"tlp": TLP[Audience(to.audience)]}))
        last.append(Message(UNTIL.msgid, {"day": to.until}))
    last += [THIN, Message(WHY.msgid, {"number": to.number})]
    said = [one if isinstance(one, str) else say(one, to.language) for one in (*lines, *last)]
    heading = f"[{_one_line(to.network)}] {_one_line(say(subject, to.language))}"
    return Words(heading, "\n\n".join([to.network, *said]) + "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())


WEBHOOK_FIELDS = (
    *("event", "type", "number", "version", "kind", "state", "level", "audience", "language"),
    *("tlp", "headline", "body", "published_at", "review_on", "confirm_url"),
)
"""Everything that a webhook is sent: the allow-list."""


def webhook_content(
    event: str, version: AlertVersion, message: AlertMessage, link: str
) -> dict[str, Any]:
    """Return what a webhook is sent: the message of its audience in its language, nothing else."""
    published = version.published_at or version.made_at
    told = {
        "event": event,
        "type": "alert",
        "number": version.alert.number,
        "version": version.version,
        "kind": version.kind,
        "state": version.state,
        "level": version.level,
        "audience": message.audience,
        "language": message.language,
        "tlp": message.tlp,
        "headline": message.headline,
        "body": message.body,
        "published_at": published.isoformat(),
        "review_on": version.review_on.isoformat(),
        "confirm_url": link,
    }
    return {name: told[name] for name in WEBHOOK_FIELDS}


def notice_content(event: str, told: Mapping[str, Any], link: str) -> dict[str, Any]:
    """Return what a webhook of the coordination is sent of what escalates."""
    names = ("what", "number", "level")
    return {"event": event, "type": "notice", "link": link, **{n: told.get(n, "") for n in names}}
