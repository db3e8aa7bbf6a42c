"""The demonstration at the counter: labels, visits, parcels, and their receipt."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lims.custody import authorisations, inspecting
from lims.custody import operations as custody
from lims.custody import queries as held
from lims.custody.records import Parcel
from lims.foundation.actors import Actor
from lims.installation.stage import Stage, Story
from lims.intake import devices
from lims.intake import operations as intake
from lims.intake.label_facts import LabelTemplateFacts
from lims.intake.label_templates import (
    ChooseLabelTemplate,
    MakeLabelTemplate,
    choose_label_template,
    make_label_template,
)
from lims.intake.records import Sample

WORKERS = {"bruxelles": "accueil.bruxelles", "festival": "festival", "liege": "liege"}
CHEMISTS = {"labo": "chimiste", "labo2": "labo2"}
CODES = 60


@dataclass(frozen=True)
class Sent:
    """A parcel: from which point to which laboratory, how many days ago, how far it came."""

    point: str
    laboratory: str
    ago: int
    until: str = "reconciled"


class Counter:
    """What the people at the testing points do."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def labels(self) -> Story:
        """Every point makes a block of codes before its first session; one has its own template."""
        for hour, (point, account) in enumerate(WORKERS.items(), 9):
            yield self.stage.day(59, hour)
            block = intake.MakeCodeBlock(self.stage.sites[point].id, "Demo", CODES)
            intake.make_code_block(self.stage.session, self.stage.who(account), block)
        site, worker = self.stage.sites["bruxelles"], self.stage.who(WORKERS["bruxelles"])
        roll = LabelTemplateFacts("Demo, rouleau 62 × 29", "roll-62x29", ("form", "colour", "week"))
        made = MakeLabelTemplate(roll, site.id)
        template = make_label_template(self.stage.session, worker, made)
        choice = ChooseLabelTemplate(site.id, template.id)
        choose_label_template(self.stage.session, worker, choice)

    def tablets(self) -> Story:
        """Two tablets for tables without network; one is lost at the festival."""
        session, folder = self.stage.session, self.stage.folder
        if folder is None:
            return
        for ago, point, name in ((58, "bruxelles", "Demo tablette 1"), (57, "festival", "Demo 2")):
            yield self.stage.day(ago, 10)
            worker, site = self.stage.who(WORKERS[point]), self.stage.sites[point]
            wanted = devices.EnrolDevice(uuid.uuid4(), name, site.id, folder)
            made = devices.enrol_device(session, worker, wanted)
            devices.reserve(session, worker, devices.Reserve(uuid.uuid4(), made.id, 50, 50))
        yield self.stage.day(20, 4)
        lost = devices.WithdrawDevice(made.id, "Demo")
        devices.withdraw_device(session, self.stage.who(WORKERS["festival"]), lost)

    def register(
        self, point: str, at: datetime, handed: Sequence[intake.RegisterSample], **person: Any
    ) -> list[Sample]:
        """Register a visit now."""
        command = intake.RegisterVisit(
            id=uuid.uuid4(),
            site_id=self.stage.sites[point].id,
            samples=tuple(handed),
            session_name="Demo",
            day=at.date(),
            **person,
        )
        made = intake.register_visit(self.stage.session, self.stage.who(WORKERS[point]), command)
        self.stage.session.flush()
        return list(made.samples)

    def parcel(self, sent: Sent) -> Story:
        """A point packs what it has, seals and sends it; the laboratory scans what arrives."""
        stage, session = self.stage, self.stage.session
        yield stage.day(sent.ago, 17)
        worker = stage.who(WORKERS[sent.point])
        parcel = self._packed(worker, sent)
        if parcel is None or sent.until == "draft":
            return
        yield stage.day(sent.ago, 17, 20)
        seal = f"DEMO-{stage.dice.randrange(1000, 9999)}"
        why = "Demo" if held.lacking(session, parcel) else ""
        command = custody.SealParcel(
            *(parcel.id, seal, Decimal(180_000), parcel.row_version), lacking_why=why
        )
        custody.seal_parcel(session, worker, command)
        if sent.until == "sealed":
            return
        yield stage.day(sent.ago, 18)
        custody.send_parcel(session, worker, custody.MoveParcel(parcel.id, parcel.row_version))
        if sent.until == "in transit":
            return
        yield stage.day(sent.ago - 1, 9)
        chemist = stage.who(CHEMISTS[sent.laboratory])
        for item in list(parcel.items):
            custody.scan_parcel(session, chemist, custody.ScanParcel(parcel.id, item.code))
            session.flush()
        yield stage.day(sent.ago - 1, 9, 15)
        look = custody.CheckSeals(parcel.id, parcel.seal, whole=True)
        custody.check_seals(session, chemist, look)
        session.flush()
        closing = custody.ReconcileParcel(parcel.id, parcel.row_version)
        custody.reconcile_parcel(session, chemist, closing)

    def _packed(self, worker: Actor, sent: Sent) -> Parcel | None:
        """Draft a parcel with everything that waits at the point; None when nothing does."""
        stage = self.stage
        point = stage.sites[sent.point].id
        ready = held.ready_to_travel(stage.session, worker, point)
        if not ready:
            return None
        command = custody.DraftParcel(
            point, stage.sites[sent.laboratory].id, None, "Demo – navette", uuid.uuid4()
        )
        parcel = custody.draft_parcel(stage.session, worker, command)
        stage.session.flush()
        for sample in ready:
            change = custody.ChangeManifest(parcel.id, sample.code)
            custody.add_to_parcel(stage.session, worker, change)
        return parcel

    def keep(self, laboratory: str, ago: int) -> Story:
        """A laboratory puts what it has in a box, counts it, and destroys what is left of some."""
        stage, session = self.stage, self.stage.session
        head, site = stage.who(f"{laboratory}.responsable"), stage.sites[laboratory].id
        yield stage.day(ago, 11)
        safe = custody.add_place(session, head, custody.AddPlace(site, "Demo – coffre", "safe"))
        session.flush()
        inner = custody.AddPlace(site, "Demo – boîte 1", "box", safe.id)
        box = custody.add_place(session, head, inner)
        session.flush()
        held = inspecting.all_held_on(session, head, site, authorisations.today())
        codes = tuple(one.code for one in held[:6])
        if not codes:
            return
        custody.put_away(session, head, custody.PutAway(box.id, codes))
        yield stage.day(ago - 1, 16)
        counted = custody.begin_stocktaking(session, head, custody.BeginStocktaking(box.id))
        for code in codes[1:]:
            custody.scan_stock(session, head, custody.ScanStock(counted.id, code))
        custody.close_stocktaking(session, head, custody.CloseStocktaking(counted.id))
        yield stage.day(ago - 1, 16, 30)
        act = custody.DestroySamples(
            *(site, (custody.Residue(codes[-1], Decimal(1)),), "Demo"),
            *(CHEMISTS[laboratory], stage.password, "Demo"),
        )
        custody.destroy_samples(session, head, act)
