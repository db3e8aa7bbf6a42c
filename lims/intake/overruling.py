"""Two records of one visit: a person decides that what the device recorded is right.

Only what may be corrected at the table is corrected, by the act that corrects it there; samples
are neither added nor taken away.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused
from lims.foundation.words import _
from lims.intake import answers
from lims.intake.corrections import CorrectSample, correct_sample
from lims.intake.declarations import RegisterSample, RegisterVisit
from lims.intake.records import Sample, Visit
from lims.network.rules import Permission


def overrule_visit(session: Session, actor: Actor, command: RegisterVisit) -> Visit:
    """Correct every sample of a visit to what another record of the same visit says."""
    actor.must(Permission.REGISTER, command.site_id)
    visit = session.get(Visit, command.id)
    if visit is None or visit.site_id != command.site_id:
        raise NotFound(_("There is no such visit."))
    told = {sample.id: sample for sample in command.samples}
    if set(told) != {sample.id for sample in visit.samples}:
        raise Refused(_("The two records have other samples. Register what is missing by hand."))
    for place, sample in enumerate(visit.samples):
        given = replace(told[sample.id], code="")
        if _differs(sample, given):
            _correct(session, actor, sample, given, f"samples.{place}.")
    return visit


def _differs(sample: Sample, given: RegisterSample) -> bool:
    return any(getattr(sample, name) != value for name, value in answers.facts_of(given).items())


def _correct(
    session: Session, actor: Actor, sample: Sample, given: RegisterSample, prefix: str
) -> None:
    try:
        correct_sample(session, actor, CorrectSample(sample.id, sample.row_version, given))
    except Invalid as refusal:
        listed = [Problem(prefix + one.field, one.message) for one in refusal.problems]
        raise Invalid(listed) from None
