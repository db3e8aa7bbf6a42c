"""Checks any CAP file and says in words what is wrong, where, and how grave it is.

First the shape (what the schema says), then what the schema lets pass and the standard does not:
spaces in names, an update that cites nothing, an expiry before the sending. Any bytes are answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice

from cryptography.x509 import Certificate

from lims.alerts.cap.info_rules import info_remarks
from lims.alerts.cap.message_rules import message_remarks
from lims.alerts.cap.reading import CapMessageText, Unreadable, message, parse
from lims.alerts.cap.remarks import Grade, Remark, moment_of
from lims.alerts.cap.shape import shape_of
from lims.alerts.cap.signing import Signature, Signed, signature_of
from lims.foundation.words import Message, _

MOST_REMARKS = 50


@dataclass(frozen=True)
class Report:
    """What a check found, the first remarks of it; `message` is None for what is no CAP 1.2."""

    remarks: tuple[Remark, ...]
    signature: Signature
    message: CapMessageText | None = None

    @property
    def is_cap(self) -> bool:
        return self.message is not None

    @property
    def is_in_order(self) -> bool:
        """Tell whether nothing worse than advice was found."""
        return all(one.grade is Grade.ADVICE for one in self.remarks)

    @property
    def rules(self) -> list[str]:
        """Return the names of the rules that were broken, advice left out."""
        return [one.rule for one in self.remarks if one.grade is not Grade.ADVICE]


SIGNATURE_WORDS: dict[Signed, Message] = {
    Signed.NOT: _("not signed"),
    Signed.BROKEN: _("the signature does not fit: the message was changed, or signed badly"),
    Signed.UNKNOWN: _("signed by a sender whom we do not know"),
    Signed.PINNED: _("signed by a sender whom we know"),
}


def check(data: bytes, pinned: Sequence[Certificate] = (), *, signed: bool = False) -> Report:
    """Return what is wrong with a file; `signed` asks for a signature of a pinned certificate."""
    try:
        root = parse(data)
    except Unreadable as wrong:
        found = Remark("unreadable", Grade.BROKEN, "-", wrong.line, wrong.message)
        return Report((found,), Signature(Signed.NOT))
    shape = list(islice(shape_of(root), MOST_REMARKS))
    signature = signature_of(data, pinned)
    rules = () if shape else chain(message_remarks(root), info_remarks(root))
    listed = [*shape, *islice(rules, MOST_REMARKS), *_signature_remarks(signature, signed)]
    return Report(tuple(listed), signature, None if shape else message(root))


def beside(
    report: Report, name: str, others: dict[str, tuple[str, Report]], now: datetime
) -> Report:
    """Return a report with what shows only beside the clock and the other files.

    `others` holds the files before, by sender and identifier, and is given this one.
    """
    said = report.message
    if said is None:
        return report
    found = []
    first, same = others.setdefault(f"{said.sender},{said.identifier}", (name, report))
    if same.message != said:
        words = _(
            "Another file has this sender and identifier and says otherwise: %(name)s.", name=first
        )
        found.append(Remark("identifier-again", Grade.ERROR, "alert/identifier", 0, words))
    ends = [moment_of(one.expires) for one in said.infos]
    if any(one is not None and one <= now for one in ends):
        words = _("It has expired: it does not hold any more.")
        found.append(Remark("expired", Grade.ADVICE, "alert/info/expires", 0, words))
    return replace(report, remarks=(*report.remarks, *found))


def _signature_remarks(signature: Signature, asked: bool) -> list[Remark]:
    if signature.state is Signed.BROKEN:
        words = _("The signature does not fit: the message was changed, or signed badly.")
    elif asked and signature.state is Signed.UNKNOWN:
        words = _("The message is signed, but not with the certificate that was given.")
    elif asked and signature.state is Signed.NOT:
        words = _("The message is not signed.")
    else:
        return []
    return [Remark("signature", Grade.ERROR, "alert/Signature", 0, words)]
