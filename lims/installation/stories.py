"""What happened in the demonstration network, told story by story. All of it is invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from lims.alerts.facts import GivenFacts
from lims.analysis.records import Run
from lims.installation import tales
from lims.installation.bench import LABORATORIES, Bench
from lims.installation.counter import WORKERS, Counter, Sent
from lims.installation.desk import COUNSELLOR, Desk
from lims.installation.early_warning import EarlyWarning
from lims.installation.lineage import Lineage
from lims.installation.mailroom import Mailroom
from lims.installation.neighbours import Neighbour
from lims.installation.reporting import Reporting
from lims.installation.service import Service
from lims.installation.spectroscopy import Spectroscopy
from lims.installation.stage import Stage, Story
from lims.installation.tales import TALES, Tale
from lims.intake import operations as intake
from lims.intake.records import Sample

PARCELS = (
    *(Sent("bruxelles", "labo", ago) for ago in (52, 45, 38, 31, 24, 17, 10, 4)),
    Sent("bruxelles", "labo", 1, "in transit"),
    *(Sent("festival", "labo", ago) for ago in (40, 19)),
    *(Sent("liege", "labo2", ago) for ago in (44, 30, 16)),
    Sent("liege", "labo", 6),
    Sent("liege", "labo2", 1, "draft"),
)
EXPLANATION = "Démonstration : explication inventée."
LATE = GivenFacts(
    substance="pmma",
    sold_as="mdma",
    form="tablet",
    colour="yellow",
    logo="Demo vague",
    samples=2,
    dangers=("other", "late"),
    advice=("not-take", "no-more", "call"),
    late_onset=True,
    confidence="identified",
)
OPIOID = GivenFacts(
    substance="metonitazene",
    sold_as="heroin",
    form="powder",
    colour="brown",
    samples=1,
    dangers=("tiny", "breathing"),
    advice=("not-alone", "naloxone", "call"),
    confidence="identified",
)


class Stories:
    """The stories of the demonstration, each a generator of moments."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.counter, self.bench, self.desk = Counter(stage), Bench(stage), Desk(stage)
        self.samples: dict[str, Sample] = {}

    def all(self) -> Iterator[Story]:
        """Give every story."""
        yield self.counter.labels()
        yield self.counter.tablets()
        yield self.bench.equip()
        service = Service(self.stage)
        yield service.laboratories()
        yield service.order()
        yield service.points()
        yield from Mailroom(self.stage).all()
        for tale in TALES:
            yield self.sample(tale)
        for sent in PARCELS:
            yield self.counter.parcel(sent)
        yield self.counter.keep("labo", 1)
        yield self.plate()
        if self.stage.folder is not None:
            spectroscopy = Spectroscopy(self.stage, self.stage.folder)
            yield spectroscopy.libraries()
            yield spectroscopy.runs(self.samples)
        yield from self._coordination()
        yield self.late_alert()
        yield self.opioid_alert()
        yield self.triage()
        yield from Reporting(self.stage).all()

    def _coordination(self) -> Iterator[Story]:
        """Signals and an event, alerts of a neighbour, products merged and split."""
        yield from EarlyWarning(self.stage, self.samples).all()
        yield Neighbour(self.stage).story()
        yield Lineage(self.stage, self.samples).tell()

    def sample(self, tale: Tale) -> Story:
        """A sample from the counter to the talk, as far as its tale goes."""
        begun = self.stage.day(tale.ago, 14, self.stage.dice.randrange(0, 50))
        yield begun
        given = intake.RegisterSample(**tale.given)
        person = {"with_ticket": bool(tale.talk), **tale.answers()}
        sample = self.counter.register(tale.point, begun, [given], **person)[0]
        self.samples[tale.name] = sample
        if tale.until == tales.WITHDRAWN:
            yield begun + timedelta(hours=2)
            actor = self.stage.who(WORKERS[tale.point])
            command = intake.WithdrawSample(sample.id, "Demo")
            intake.withdraw_sample(self.stage.session, actor, command)
        elif tale.until == tales.NOT_ANALYSED:
            yield self._arrival(tale) + timedelta(days=2)
            command2 = intake.MarkNotAnalysed(sample.id, "capacity")
            intake.mark_not_analysed(self.stage.session, self.stage.who("chimiste"), command2)
        elif tale.until not in (tales.WAITING, tales.PLATE):
            yield from self._analysed(tale, sample)

    def _arrival(self, tale: Tale) -> datetime:
        """Return when the parcel that takes this sample is unpacked."""
        later = [one for one in PARCELS if one.point == tale.point and one.ago <= tale.ago]
        first = max(later, key=lambda one: one.ago)
        return self.stage.day(first.ago - 1, 10)

    def _laboratory(self, tale: Tale) -> str:
        later = [one for one in PARCELS if one.point == tale.point and one.ago <= tale.ago]
        return max(later, key=lambda one: one.ago).laboratory

    def _analysed(self, tale: Tale, sample: Sample) -> Story:
        """The runs of a sample, its second readers, its finding, the talk."""
        bench, dice, office = self.bench, self.stage.dice, self.stage.office
        _head, chemists, verifier = LABORATORIES[self._laboratory(tale)]
        chemist = dice.choice(chemists)
        begun = office(self._arrival(tale) + timedelta(minutes=dice.randrange(90, 3000)))
        yield begun
        runs = self._runs(tale, chemist, sample)
        if tale.until == tales.RUNS_TO_VERIFY:
            return
        seen = office(begun + timedelta(minutes=dice.randrange(120, 1500)))
        yield seen
        bench.verify(verifier, runs)
        concluded = office(seen + timedelta(minutes=dice.randrange(60, 1500)))
        yield concluded
        found = bench.conclude(chemist, sample, EXPLANATION)
        yield concluded + timedelta(minutes=12)
        bench.sign(chemist, found)
        if tale.until == tales.TO_VERIFY:
            return
        released = office(concluded + timedelta(minutes=dice.randrange(90, 1500)))
        yield released
        bench.release(verifier, found)
        if tale.talk:
            yield office(released + timedelta(minutes=dice.randrange(300, 4000)))
            account = COUNSELLOR if tale.point == "bruxelles" else WORKERS[tale.point]
            self.desk.talk(account, sample, (), tale.talk)

    def _runs(self, tale: Tale, chemist: str, sample: Sample) -> list[Run]:
        bench = self.bench
        runs = [bench.weigh(chemist, sample)]
        if tale.strip:
            runs.append(bench.strip(chemist, sample, "strip-nitazene", tale.strip))
        if tale.unknown:
            return [*runs, bench.unknown(chemist, sample)]
        runs.append(bench.instrument(chemist, "gc-ms", sample, tale.seen))
        if tale.seen and not any(one.mg for one in tale.seen):
            runs.append(bench.instrument(chemist, "ftir", sample, tale.seen[:1]))
        if any(one.mg for one in tale.seen):
            runs.append(bench.instrument(chemist, "hplc-uv", sample, tale.seen))
        return runs

    def plate(self) -> Story:
        """A TA plate on which the samples are only half read."""
        yield self.stage.day(1, 11)
        samples = [self.samples[one.name] for one in TALES if one.until == tales.PLATE]
        self.bench.half_read_plate("chimiste", samples)

    def late_alert(self) -> Story:
        """Tablets sold as MDMA hold PMMA: an alert is published."""
        yield self.stage.day(13, 9)
        yield from self.desk.published([self.samples["wave-1"]], "Demo: PMMA", LATE)
        yield from Mailroom(self.stage).posted()

    def opioid_alert(self) -> Story:
        """A nitazene in heroin: the alert waits for another person's approval."""
        yield self.stage.day(2, 9)
        event = self.desk.event([self.samples["brown-1"]], "Demo: nitazene")
        if event is not None:
            self.desk.assess("coordination", event, (3, 3, 2), EXPLANATION)
            self.desk.draft(event, OPIOID)

    def triage(self) -> Story:
        """The coordination discards signals of a product that everybody knows."""
        yield self.stage.day(9, 9)
        known = ("kite-1", "kite-2", "kite-3", "coca-1", "coca-2")
        self.desk.discard([self.samples[name] for name in known], "Demo: known product.")
