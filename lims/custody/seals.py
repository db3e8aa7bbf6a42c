"""Seals at receipt: their numbers are read and compared before the parcel is trusted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import noting, rules
from lims.custody.records import Parcel
from lims.custody.rules import ParcelState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake.rules import wrong_text
from lims.network.rules import Permission


@dataclass(frozen=True)
class CheckSeals:
    """What the receiver reads on the seals and on the paper.

    When a seal is broken or another one: what was seen, and a second person who saw it.
    """

    parcel_id: uuid.UUID
    seal: str
    whole: bool | None
    seal_2: str = ""
    sheet: str = ""
    words: str = ""
    witness_account: str = ""
    witness_password: str = ""
    row_version: int | None = None


def check_seals(session: Session, actor: Actor, command: CheckSeals) -> Parcel:
    """Compare the seals with those that were put on, and the paper with the manifest.

    A broken or different seal needs words and a witness; the parcel goes on, marked. Raises
    Invalid while a difference is not explained.
    """
    actor.must(Permission.RECEIVE)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.RECEIVE)
    refuse_stale(parcel, command.row_version)
    if parcel.state not in rules.ARRIVING:
        raise Refused(
            _(
                "The seals of a parcel that is “%(present)s” are not looked at.",
                present=rules.STATE_WORDS[ParcelState(parcel.state)],
            )
        )
    if parcel.seal_broken is not None:
        raise Refused(_("The seals of this parcel were looked at already."))
    found = _found(command)
    wrong = _wrong(parcel, command)
    if wrong and not command.words.strip():
        raise Invalid(wrong)
    if wrong:
        parcel.seal_remark = noting.said(command.words, "words")
        parcel.seal_witness = noting.proved_witness(
            *(session, actor, command.witness_account, command.witness_password),
            parcel.to_site_id,
        )
    parcel.seal_found, parcel.seal_broken = found, bool(wrong)
    parcel.arrived_at = parcel.arrived_at or clock.now()
    act = "record damaged seal" if wrong else "check seals"
    facts = {"number": parcel.number, "seal": found, "reason": parcel.seal_remark}
    if wrong:
        facts["witness"] = parcel.seal_witness
    journal.record(session, actor, act, noting.about(parcel), **facts)
    return parcel


def _found(command: CheckSeals) -> str:
    for name in ("seal", "seal_2"):
        if wrong_text(name, getattr(command, name), 60):
            raise refuse_field(name, _("At most %(n)s characters, please.", n=60))
    if command.whole is None:
        raise refuse_field("whole", _("Say whether every seal was whole."))
    if command.whole and not rules.plain_seal(command.seal):
        raise refuse_field("seal", _("Write the number of the seal."))
    return " + ".join(filter(None, (command.seal.strip(), command.seal_2.strip())))


def _wrong(parcel: Parcel, command: CheckSeals) -> list[Problem]:
    """Return what does not fit, each with the way to say that it is really so."""
    found = []
    if not command.whole:
        found.append(Problem("words", _("Say what you see, and have a second person confirm it.")))
    elif rules.seals_differ((parcel.seal, parcel.seal_2), (command.seal, command.seal_2)):
        found.append(
            Problem(
                "seal",
                _(
                    "This is not what the parcel was sealed with. Read it again; if it is really "
                    "another seal, say what you see and have a second person confirm it."
                ),
            )
        )
    typed = "".join(letter for letter in command.sheet.lower() if letter.isalnum())
    if typed and (len(typed) < rules.SHORT_HASH or not parcel.manifest_hash.startswith(typed)):
        found.append(
            Problem(
                "sheet",
                _(
                    "The paper is not of this manifest. Read it again; if it is really another, "
                    "say what you see and have a second person confirm it."
                ),
            )
        )
    return found
