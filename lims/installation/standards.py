"""The demonstration's standards, trainings and one structure that waits for its second person.

Lots, amounts and days are invented and written as such.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from lims.installation.stage import Stage
from lims.library import queries as library
from lims.library.confirming import ConfirmStructure, confirm_structure
from lims.library.operations import AddReferenceLot, add_reference_lot
from lims.library.stock import UseReference, use_reference
from lims.quality.training import RecordCompetence, record_competence

# substance, lot, mg left, days until its last day
BOTTLES = (
    ("mdma", "DEMO-R1", 25, 400),
    ("ketamine", "DEMO-R2", 10, 30),
    ("cocaine", "DEMO-R3", 8, -5),
    ("codeine", "DEMO-R4", 0, 200),
)
REMARK = "Demo: invented"
TRAINED = "tlc-ta"


class Standards:
    """What stands in the safes of the demonstration, and who is trained there."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def stock(self, place: str, head: str) -> None:
        """Write down the bottles of a laboratory."""
        actor, today = self.stage.who(head), self.stage.today.date()
        for key, lot, left, days in BOTTLES:
            what = library.substance_by_key(self.stage.session, key)
            if what is None:
                continue
            ends = today + timedelta(days=days)
            bottle = AddReferenceLot(
                what.id,
                self.stage.sites[place].id,
                lot,
                "HCl",
                remaining_mg=Decimal(left),
                expires=ends,
            )
            kept = add_reference_lot(self.stage.session, actor, bottle)
            self.stage.session.flush()
            if key == "mdma":
                use_reference(self.stage.session, actor, UseReference(kept.id, Decimal(2), REMARK))

    def train(self, head: str, chemists: tuple[str, ...]) -> None:
        """Write down who is trained on thin-layer chromatography; one training ends soon."""
        today = self.stage.today.date()
        for place, account in enumerate(chemists):
            until = today + timedelta(days=40 + 400 * place)
            given = today - timedelta(days=300)
            command = RecordCompetence(self.stage.members[account], TRAINED, given, until)
            record_competence(self.stage.session, self.stage.who(head), command)

    def vouch(self, account: str) -> None:
        """Let one person vouch for a structure that its source leaves open."""
        what = library.substance_by_key(self.stage.session, "mbzp")
        if what is not None and what.is_marked:
            command = ConfirmStructure(what.id, what.inchikey, REMARK)
            confirm_structure(self.stage.session, self.stage.who(account), command)
