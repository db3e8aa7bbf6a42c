"""The demonstration at the bench: lots and instruments, runs, second readers, findings.

Every figure is invented and written as such; nothing here becomes a reference value for others.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lims.analysis import operations as analysis
from lims.analysis.answers import Figures
from lims.analysis.lanes import LaneGiven, Sighting, SpotGiven
from lims.analysis.noting import Notes, Used
from lims.analysis.readings import plate_of
from lims.analysis.recording import StripGiven, WeighingGiven
from lims.analysis.records import Run
from lims.analysis.results import AnswerGiven, PeakGiven
from lims.analysis.spotting import RecordPlate
from lims.custody import queries as custody
from lims.findings import operations as findings
from lims.findings.records import Finding
from lims.identification.unknowns import NumberUnknown, number_unknown
from lims.installation.stage import Stage, Story
from lims.installation.standards import Standards
from lims.intake.records import Sample
from lims.library.records import ReferenceLot
from lims.library.references import reference_lots
from lims.protocols import queries as protocols
from lims.quality import operations as quality

LABORATORIES = {
    "labo": ("labo.responsable", ("chimiste", "chimiste2"), "verification"),
    "labo2": ("labo2.responsable", ("labo2",), "labo2.verification"),
}
INSTRUMENTS = (("Demo FTIR", "ftir"), ("Demo GC-MS", "gcms"), ("Demo HPLC", "hplc_uv"))
FRONT_MM = Decimal(70)
REFERENCES = tuple(
    SpotGiven(Decimal(mm), what=name)
    for name, mm in (
        *(("atropine", "12.6"), ("codeine", "23.1")),
        *(("chlorprothixene", "39.2"), ("diazepam", "52.5")),
    )
)
"""The plate references of system TA where the protocol's own table puts them, front at 70 mm."""
SPRAYED = (
    SpotGiven(Decimal("26.8"), what="mdma", sightings=(Sighting("marquis", ("purple", "black")),)),
)
"""A standard beside them, developed and sprayed: an invented place and invented colours."""
USED_MG = Decimal(4)
REMARK = "Demo: invented value"


@dataclass(frozen=True)
class Seen:
    """A substance in a sample: how much of it there is, in words and, for units, in mg as HCl."""

    substance: str
    abundance: str = "major"
    mg: str = ""


class Bench:
    """What the people of the laboratories do."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def equip(self) -> Story:
        """Each laboratory writes down its instruments and lots before it begins."""
        yield self.stage.day(58, 9)
        day, standards = self.stage.today.date(), Standards(self.stage)
        for place, (head, chemists, _verifier) in LABORATORIES.items():
            actor, site = self.stage.who(head), self.stage.sites[place].id
            for name, technique in INSTRUMENTS:
                until = day.replace(year=day.year + 1, day=1)
                instrument = quality.AddInstrument(site, name, technique, until)
                quality.add_instrument(self.stage.session, actor, instrument)
            for target in ("nitazenes", "fentanyls"):
                lot = quality.AddReagentLot(
                    site, target, "DEMO-S1", day.replace(year=day.year + 1, day=1)
                )
                quality.add_reagent_lot(self.stage.session, actor, lot)
            standards.stock(place, head)
            standards.train(head, chemists)
        standards.vouch("chimiste")

    def start(self, account: str, protocol: str, samples: Sequence[Sample]) -> Run:
        """Start a run of the protocol in force."""
        wanted = protocols.latest(self.stage.session, protocol)
        ids = tuple(sample.id for sample in samples)
        command = analysis.StartRun(wanted.id, ids, uuid.uuid4())
        run = analysis.start_run(self.stage.session, self.stage.who(account), command)
        self.stage.session.flush()
        return run

    def weigh(self, account: str, sample: Sample) -> Run:
        """Weigh what is there of a sample, one unit of a tablet."""
        run = self.start(account, "weighing", [sample])
        held = custody.balance(self.stage.session, sample.id)
        of = "unit" if sample.unit_mass_mg else "whole"
        mg = sample.unit_mass_mg or held
        command = analysis.RecordWeighings(
            run.id, run.row_version, (WeighingGiven(sample.id, mg, Decimal("0.2"), of),)
        )
        analysis.record_weighings(self.stage.session, self.stage.who(account), command)
        return self._submitted(account, run)

    def strip(self, account: str, sample: Sample, protocol: str, result: str) -> Run:
        """Hold a test strip in a solution of a sample."""
        run = self.start(account, protocol, [sample])
        given = StripGiven(sample.id, result, dilution_mg_ml=Decimal(2))
        command = analysis.RecordStrips(run.id, run.row_version, (given,), self._used(sample))
        analysis.record_strips(self.stage.session, self.stage.who(account), command)
        return self._submitted(account, run)

    def instrument(self, account: str, protocol: str, sample: Sample, seen: Sequence[Seen]) -> Run:
        """Record what an instrument shows of a sample."""
        run = self.start(account, protocol, [sample])
        quantifies = protocol == "hplc-uv"
        answers = tuple(
            AnswerGiven(sample.id, _figures(one, quantifies), one.substance, remark=REMARK)
            for one in seen
            if one.mg or not quantifies
        )
        peaks = () if answers else (PeakGiven(sample.id, Decimal("7.4"), height=Decimal(100)),)
        command = analysis.RecordResults(
            run.id, run.row_version, peaks, answers, self._used(sample)
        )
        analysis.record_results(self.stage.session, self.stage.who(account), command)
        return self._submitted(account, run)

    def half_read_plate(self, account: str, samples: Sequence[Sample]) -> Run:
        """Begin a TA plate beside a standard: the references are read, the samples not yet all."""
        run = self.start(account, "tlc-ta", samples)
        first = (SpotGiven(Decimal(27)),)
        standard = (SpotGiven(Decimal("27.2"), what="mdma"),)
        lot = self._standard(run)
        inner = [
            LaneGiven("sample", sample.id, spots=first if place == 0 else ())
            for place, sample in enumerate(samples)
        ]
        lanes = (
            LaneGiven("reference", spots=REFERENCES),
            *inner,
            LaneGiven("reference", lot_id=lot.id, spots=standard),
            LaneGiven("blank"),
        )
        command = RecordPlate(run.id, run.row_version, FRONT_MM, lanes)
        analysis.record_plate(self.stage.session, self.stage.who(account), command)
        return run

    def unknown(self, account: str, sample: Sample) -> Run:
        """Find a spot on a TA plate that nothing of the library explains, and number it."""
        run = self.start(account, "tlc-ta", [sample])
        lanes = (
            LaneGiven("reference", spots=REFERENCES),
            LaneGiven("sample", sample.id, spots=(SpotGiven(Decimal(62)),)),
            LaneGiven("reference", lot_id=self._standard(run).id, spots=SPRAYED),
            LaneGiven("blank"),
            LaneGiven("reference", spots=REFERENCES),
        )
        actor = self.stage.who(account)
        analysis.record_plate(
            self.stage.session, actor, RecordPlate(run.id, run.row_version, FRONT_MM, lanes)
        )
        self.stage.session.flush()
        lane = next(one for one in plate_of(self.stage.session, run.id).lanes if one.sample_id)
        command = NumberUnknown(
            run.id, sample.id, lane.spots[0].id, "Demo: invented spot", row_version=run.row_version
        )
        number_unknown(self.stage.session, actor, command)
        return self._submitted(account, run)

    def verify(self, account: str, runs: Sequence[Run]) -> None:
        """See another person's runs and agree with them."""
        for run in runs:
            command = analysis.VerifyRun(run.id, run.row_version)
            analysis.verify_run(self.stage.session, self.stage.who(account), command)
            self.stage.session.flush()

    def conclude(self, account: str, sample: Sample, explanation: str = "") -> Finding:
        """Draft a finding as the program proposes it."""
        actor = self.stage.who(account)
        found = findings.draft_finding(
            self.stage.session, actor, findings.DraftFinding(sample.id, uuid.uuid4())
        )
        self.stage.session.flush()
        if explanation:
            command = findings.EditFinding(
                finding_id=found.id, row_version=found.row_version, explanation=explanation
            )
            findings.edit_finding(self.stage.session, actor, command)
            self.stage.session.flush()
        return found

    def sign(self, account: str, found: Finding) -> None:
        """Send a finding to its second reader."""
        command = findings.SubmitFinding(found.id, found.row_version)
        findings.submit_finding(self.stage.session, self.stage.who(account), command)
        self.stage.session.flush()

    def release(self, account: str, found: Finding) -> None:
        """Release a finding after reading every disagreement."""
        read = tuple(row["key"] for row in found.methods if row["clash"])
        command = findings.ReleaseFinding(found.id, read, row_version=found.row_version)
        findings.release_finding(self.stage.session, self.stage.who(account), command)
        self.stage.session.flush()

    def _standard(self, run: Run) -> ReferenceLot:
        """Return the bottle of MDMA that stands in the laboratory of a run."""
        kept = reference_lots(self.stage.session, run.site_id)
        return next(lot for lot, what in kept if what.key == "mdma")

    def _submitted(self, account: str, run: Run) -> Run:
        self.stage.session.flush()
        command = analysis.SubmitRun(run.id, run.row_version)
        analysis.submit_run(self.stage.session, self.stage.who(account), command)
        self.stage.session.flush()
        return run

    def _used(self, sample: Sample) -> Notes:
        """Return the material used, when the ledger knows a mass that is enough."""
        held = custody.balance(self.stage.session, sample.id)
        return Notes(used=(Used(sample.id, USED_MG),) if held > 5 * USED_MG else ())


def _figures(seen: Seen, quantifies: bool) -> Figures:
    if not quantifies:
        return Figures("found", abundance=seen.abundance)
    amount = Decimal(seen.mg)
    return Figures(
        "measured",
        value=amount,
        unit="mg/unit",
        expressed_as="HCl",
        uncertainty=(amount / 20).quantize(Decimal(1)),
        loq=Decimal(5),
        replicates=2,
    )
