"""What happened in the demonstration network, told story by story. All of it is invented."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from lims.custody import operations as custody
from lims.custody import queries as held
from lims.custody.records import Parcel
from lims.foundation.actors import Actor
from lims.installation.stage import Stage, Story
from lims.intake import operations as intake
from lims.intake.declarations import RegisterSample, RegisterVisit
from lims.intake.records import Sample

WORKERS = {"bruxelles": "accueil.bruxelles", "festival": "festival", "liege": "liege"}
CHEMISTS = {"labo": "chimiste", "labo2": "labo2"}


@dataclass(frozen=True)
class Sent:
    """A parcel: from which point to which laboratory, how many days ago, how far it came."""

    point: str
    laboratory: str
    ago: float
    until: str = "reconciled"


class Stories:
    """The stories of the demonstration, each a generator of moments."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.samples: dict[str, Sample] = {}

    def codes(self) -> Story:
        """Every point prints labels before its first session."""
        for hour, (point, account) in enumerate(WORKERS.items(), 9):
            yield self.stage.day(59, hour)
            block = intake.MakeCodeBlock(self.stage.sites[point].id, "Demo", 60)
            intake.make_code_block(self.stage.session, self.stage.who(account), block)

    def visit(
        self, point: str, at: datetime, handed: Sequence[tuple[str, RegisterSample]], **person: str
    ) -> list[Sample]:
        """Register a visit now, and remember its samples by their names in the stories."""
        command = RegisterVisit(
            id=uuid.uuid4(),
            site_id=self.stage.sites[point].id,
            samples=tuple(one for _name, one in handed),
            session_name="Demo",
            day=at.date(),
            **person,  # type: ignore[arg-type]
        )
        made = intake.register_visit(self.stage.session, self.stage.who(WORKERS[point]), command)
        self.stage.session.flush()
        for (name, _one), sample in zip(handed, made.samples, strict=True):
            self.samples[name] = sample
        return list(made.samples)

    def parcel(self, sent: Sent) -> Story:
        """A point packs what it has, seals and sends it; the laboratory scans what arrives."""
        stage, session = self.stage, self.stage.session
        yield stage.day(sent.ago, 15)
        worker = stage.who(WORKERS[sent.point])
        parcel = self._packed(worker, sent)
        if parcel is None or sent.until == "draft":
            return
        yield stage.day(sent.ago, 15, 20)
        seal = custody.SealParcel(
            parcel.id, f"DEMO-{stage.dice.randrange(1000, 9999)}", Decimal(180_000)
        )
        custody.seal_parcel(session, worker, seal)
        if sent.until == "sealed":
            return
        yield stage.day(sent.ago, 16)
        custody.send_parcel(session, worker, custody.MoveParcel(parcel.id))
        if sent.until == "in transit":
            return
        yield stage.day(sent.ago - 1, 9)
        chemist = stage.who(CHEMISTS[sent.laboratory])
        for item in list(parcel.items):
            custody.scan_parcel(session, chemist, custody.ScanParcel(parcel.id, item.code))
        yield stage.day(sent.ago - 1, 9, 15)
        custody.reconcile_parcel(session, chemist, custody.ReconcileParcel(parcel.id, False))

    def _packed(self, worker: Actor, sent: Sent) -> Parcel | None:
        """Draft a parcel with everything that waits at the point; None when nothing does."""
        stage = self.stage
        point = stage.sites[sent.point].id
        ready = held.ready_to_travel(stage.session, worker, point)
        if not ready:
            return None
        command = custody.DraftParcel(
            point, stage.sites[sent.laboratory].id, "", "Demo – navette", uuid.uuid4()
        )
        parcel = custody.draft_parcel(stage.session, worker, command)
        stage.session.flush()
        for sample in ready:
            change = custody.ChangeManifest(parcel.id, sample.code)
            custody.add_to_parcel(stage.session, worker, change)
        return parcel

    def all(self) -> Iterator[Story]:
        """Give every story."""
        yield self.codes()
        for sent in PARCELS:
            yield self.parcel(sent)


PARCELS = (
    *(Sent("bruxelles", "labo", ago) for ago in (52, 45, 38, 31, 24, 17, 10, 4)),
    Sent("bruxelles", "labo", 1, "in transit"),
    *(Sent("festival", "labo", ago) for ago in (40, 19)),
    *(Sent("liege", "labo2", ago) for ago in (44, 30, 16)),
    Sent("liege", "labo", 6),
    Sent("liege", "labo2", 1, "draft"),
)
__all__ = ["PARCELS", "Stories", "replace", "timedelta"]
