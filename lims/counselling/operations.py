"""The acts of counselling: opening a result by what the visitor shows, and recording the talk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from lims import journal
from lims.counselling import queries
from lims.counselling.cards import shipped_cards
from lims.counselling.records import Talk
from lims.findings.queries import released_finding
from lims.foundation import clock, codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused
from lims.foundation.words import LANGUAGES, Message, _
from lims.intake import screening
from lims.intake.queries import find_by_code, refuse_unreadable
from lims.intake.records import Sample
from lims.intake.rules import day_in_belgium
from lims.intake.tickets import open_ticket
from lims.library.queries import refuse_unknown_term
from lims.network.rules import Permission

LONGEST: Mapping[str, int] = {"material": 120, "referral": 120, "note": 400}
MOST_MINUTES = 600


@dataclass(frozen=True)
class LookUp:
    """What a visitor shows: a sample code, or a ticket."""

    code: str


@dataclass(frozen=True)
class RecordTalk:
    """A talk about one sample. `finding_id` is the version that was on the screen."""

    id: uuid.UUID
    sample_id: uuid.UUID
    language: str = "fr"
    finding_id: uuid.UUID | None = None
    advice: Sequence[str] = field(default_factory=tuple)
    intention: str = ""
    material: str = ""
    referral: str = ""
    minutes: int | None = None
    note: str = ""
    not_a_person: bool = False
    code: str = ""


def look_up(session: Session, actor: Actor, command: LookUp) -> Sequence[Sample]:
    """Return the sample of a code, or the samples of a ticket, that a visitor shows.

    What comes from another site is written in the journal. Raises Invalid for what cannot be a
    code or ticket, NotFound for what opens nothing or is not for this person, in the same words.
    """
    actor.must(Permission.READ_FINDINGS)
    samples = _by_ticket(session, command.code) if _is_ticket(command.code) else None
    if samples is None:
        found = find_by_code(session, command.code)
        if found is None:
            refuse_unreadable(command.code)
        samples = [found] if found is not None else []
    shown = frozenset(sample.id for sample in samples)
    readable = [one for one in samples if queries.may_read(actor, one, shown)]
    if not readable:
        raise NotFound(_("No result opens with this, or it is not for your sites."))
    elsewhere = [one for one in readable if not queries.may_read(actor, one)]
    if elsewhere:
        subjects = [("sample", sample.id) for sample in elsewhere]
        journal.record(session, actor, "open result shown by visitor", subjects)
    return readable


def _is_ticket(text: str) -> bool:
    try:
        codes.read_ticket(text)
    except Invalid:
        return False
    return True


def _by_ticket(session: Session, text: str) -> Sequence[Sample]:
    ticket = open_ticket(session, text)
    return queries.visit_samples(session, ticket.visit_id) if ticket is not None else []


def record_talk(session: Session, actor: Actor, command: RecordTalk) -> Talk:
    """Record a talk held about a sample; sending the same talk twice keeps one.

    Raises NotFound for a sample that is not for this person, Invalid for answers that cannot be,
    Refused when the laboratory has changed the result since the page was opened.
    """
    actor.must(Permission.RECORD_TALK)
    sample = queries.sample_to_tell(
        session, actor, command.sample_id, _shown_by(session, command.code)
    )
    known = session.get(Talk, command.id)
    if known is not None:
        if (known.sample_id, known.by) != (sample.id, actor.account):
            raise Refused(_("This talk has already been recorded."))
        return known
    site_id = _site_of(actor, sample)
    actor.must(Permission.RECORD_TALK, site_id)
    _refuse_wrong(session, command)
    _refuse_other_version(session, command)
    talk = _talk(command, actor, sample, site_id)
    session.add(talk)
    session.flush()
    subjects = [("sample", sample.id), ("visit", sample.visit_id), ("talk", talk.id)]
    journal.record(session, actor, "record talk", subjects, language=talk.language)
    return talk


def _talk(command: RecordTalk, actor: Actor, sample: Sample, site_id: uuid.UUID) -> Talk:
    return Talk(
        id=command.id,
        sample_id=sample.id,
        visit_id=sample.visit_id,
        site_id=site_id,
        day=day_in_belgium(clock.now()),
        language=command.language,
        finding_id=command.finding_id,
        advice=list(dict.fromkeys(command.advice)),
        intention=command.intention,
        material=command.material,
        referral=command.referral,
        minutes=command.minutes,
        note=command.note,
        by=actor.account,
        recorded_at=clock.now(),
    )


def _shown_by(session: Session, code: str) -> frozenset[uuid.UUID]:
    """Return the sample whose own code came with the command: proof that it was shown."""
    found = find_by_code(session, code) if code else None
    return frozenset({found.id}) if found is not None else frozenset()


def _site_of(actor: Actor, sample: Sample) -> uuid.UUID:
    """Return where the talk is held: where the sample came in, else where the person works."""
    here = actor.may(Permission.RECORD_TALK, sample.site_id)
    return sample.site_id if here or actor.site_id is None else actor.site_id


def _refuse_wrong(session: Session, command: RecordTalk) -> None:
    problems = [*_wrong_texts(command), *_wrong_choices(command)]
    if problems:
        raise Invalid(problems)
    refuse_unknown_term(session, "intention_after_result", command.intention, "intention")


def _wrong_texts(command: RecordTalk) -> list[Problem]:
    texts = {name: str(getattr(command, name)) for name in LONGEST}
    problems = [
        Problem(name, _("At most %(n)s characters, please.", n=LONGEST[name]))
        for name, text in texts.items()
        if len(text) > LONGEST[name]
    ]
    if not command.not_a_person and not problems:
        warned = screening.warnings(texts, frozenset({"note"}))
        problems += [Problem(name, words) for name, words in warned.items()]
    return problems


def _wrong_choices(command: RecordTalk) -> list[Problem]:
    known = {card.key for card in shipped_cards()}
    choose: Message = _("Choose one of the list.")
    problems = []
    if command.language not in LANGUAGES:
        problems.append(Problem("language", choose))
    if set(command.advice) - known:
        problems.append(Problem("advice", choose))
    if command.minutes is not None and not 0 <= command.minutes <= MOST_MINUTES:
        problems.append(Problem("minutes", _("At most %(n)s, please.", n=MOST_MINUTES)))
    return problems


def _refuse_other_version(session: Session, command: RecordTalk) -> None:
    current = released_finding(session, command.sample_id)
    if command.finding_id != (current.id if current is not None else None):
        raise Refused(
            _(
                "The result has changed since this page was opened. Read the present one, tell "
                "the person, then record the talk."
            )
        )
