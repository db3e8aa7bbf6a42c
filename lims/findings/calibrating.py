"""Calibrating identification: an explicit act on what the network has confirmed so far."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims.findings import confirmations
from lims.findings.confirmations import Group
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.identification import calibration
from lims.identification.records import Calibration
from lims.journal import operations as journal
from lims.network.rules import Permission


@dataclass(frozen=True)
class Calibrate:
    """What is to be calibrated: the scores of one algorithm under one protocol."""

    technique: str
    protocol: str
    algorithm: str


def calibrate(session: Session, actor: Actor, command: Calibrate) -> Calibration:
    """Fit a calibration and keep it; from then on it replaces the default of that technique.

    Raises NotFound without any confirmed list, Refused below 50 confirmed samples.
    """
    actor.must(Permission.CALIBRATE)
    group = _group(session, command)
    found = calibration.fit(group.examples)
    right = sum(one.right for one in group.examples)
    made = Calibration(
        technique=group.technique,
        protocol=group.protocol,
        scores_of=group.algorithm,
        samples=group.samples,
        confirmed=right,
        rivals=len(group.examples) - right,
        coefficients=found.as_document(),
        reliability=calibration.reliability(group.examples, group.default),
        algorithm=calibration.ALGORITHM_VERSION,
        made_by=actor.account,
    )
    session.add(made)
    session.flush()
    about = [("calibration", made.id)]
    facts = {"technique": made.technique, "protocol": made.protocol, "samples": made.samples}
    journal.record(session, actor, "calibrate", about, **facts)
    return made


def _group(session: Session, command: Calibrate) -> Group:
    wanted = (command.technique, command.protocol, command.algorithm)
    for one in confirmations.groups(session):
        if (one.technique, one.protocol, one.algorithm) == wanted:
            return one
    raise NotFound(_("There is no confirmed list of this technique under this protocol yet."))
