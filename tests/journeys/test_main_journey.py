"""The main job, told once from the counter to the journal, on both databases."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lims import wiring
from lims.alerts import operations as alerts
from lims.alerts.audiences import Audience
from lims.alerts.facts import GivenFacts
from lims.alerts.published import public_alerts
from lims.analysis import operations as analysis
from lims.counselling import operations as counselling
from lims.custody import operations as custody
from lims.custody import queries as ledger
from lims.findings import operations as findings
from lims.findings import queries as conclusions
from lims.foundation import clock
from lims.foundation.codes import new_code
from lims.foundation.errors import Refused
from lims.foundation.words import LANGUAGES
from lims.installation.bench import Bench, Seen
from lims.installation.counter import Counter
from lims.installation.desk import Desk
from lims.installation.installing import publish_and_load
from lims.installation.stage import Stage
from lims.intake import operations as intake
from lims.intake.records import Sample
from lims.intake.tickets import open_ticket
from lims.journal import queries as journal
from lims.network.queries import OPERATOR
from lims.overview import lives, times, today, work
from lims.products import queries as products

NOW = datetime(2026, 11, 10, 10, 0, tzinfo=UTC)
TABLET = {
    "form": "tablet",
    "sold_as": "MDMA",
    "colour": "yellow",
    "logo": "Test wave",
    "mass_mg": Decimal("400"),
    "unit_mass_mg": Decimal("400"),
    "consent_destroy": True,
}


@pytest.fixture
def stage(session: Session) -> Stage:
    """Give a synthetic network with everything published and every reaction wired."""
    wiring.connect()
    made = Stage(session, NOW + timedelta(days=1), "a long test password 42")
    with clock.stopped_at(NOW - timedelta(days=10)):
        publish_and_load(session, OPERATOR)
        made.build(OPERATOR)
        for account, site in (("accueil.bruxelles", "bruxelles"), ("festival", "festival")):
            block = intake.MakeCodeBlock(made.sites[site].id, "Test", 20)
            intake.make_code_block(session, made.who(account), block)
    return made


def test_the_main_job_from_the_counter_to_the_journal(stage: Stage) -> None:
    """A tablet sold as MDMA holds PMMA: registered, analysed, warned of, talked about."""
    session, counter, bench, desk = stage.session, Counter(stage), Bench(stage), Desk(stage)
    with clock.stopped_at(NOW):
        # 1. Somebody hands in a tablet and takes a ticket home.
        worker = stage.who("accueil.bruxelles")
        visit = intake.RegisterVisit(
            id=uuid.uuid4(), site_id=stage.sites["bruxelles"].id, samples=(tablet(),)
        )
        registration = intake.register_visit(session, worker, visit)
        session.flush()
        (sample,) = registration.samples
        again = intake.register_visit(session, worker, visit)
        assert [one.id for one in again.samples] == [sample.id], "sent twice, kept once"
        forgotten = counter.register("bruxelles", NOW, [tablet()])[0]

        # 2. Both are put in a sealed parcel; one is not in it, one arrives that nobody expected.
        laboratory = stage.sites["labo"].id
        parcel = custody.draft_parcel(
            session, worker, custody.DraftParcel(stage.sites["bruxelles"].id, laboratory)
        )
        session.flush()
        for one in (sample, forgotten):
            custody.add_to_parcel(session, worker, custody.ChangeManifest(parcel.id, one.code))
        seal = custody.SealParcel(parcel.id, "T-1", lacking_why="Synthetic.")
        custody.seal_parcel(session, worker, seal)
        with pytest.raises(Refused):
            late = custody.ChangeManifest(parcel.id, sample.code)
            custody.remove_from_parcel(session, worker, late)
        custody.send_parcel(session, worker, custody.MoveParcel(parcel.id))
        session.flush()
        chemist = stage.who("chimiste")
        stray = new_code()
        for code in (sample.code, stray):
            custody.scan_parcel(session, chemist, custody.ScanParcel(parcel.id, code))
            session.flush()
        custody.check_seals(session, chemist, custody.CheckSeals(parcel.id, "T-1", whole=True))
        custody.reconcile_parcel(session, chemist, custody.ReconcileParcel(parcel.id))
        session.flush()
        scans = {item.code: item.scan for item in parcel.items}
        assert scans == {
            sample.code: "received",
            forgotten.code: "missing",
            stray: "unexpected",
        }
        assert ledger.balance_at(session, sample.id, laboratory) == Decimal("400")
        assert [one.sample.id for one in work.work_list(session, chemist)[0]] == [sample.id]

        # 3. It is analysed under published protocols; what is used leaves the ledger.
        seen = (Seen("pmma"), Seen("caffeine", "minor"))
        runs = [
            bench.weigh("chimiste", sample),
            bench.instrument("chimiste", "gc-ms", sample, seen),
            bench.instrument("chimiste", "ftir", sample, seen[1:]),
        ]
        held = ledger.balance_at(session, sample.id, laboratory)
        assert held == Decimal("400") - 2 * Decimal(4)

        # 4. Nobody verifies their own work; another person does, and releases the conclusion.
        with pytest.raises(Refused):
            found = findings.DraftFinding(sample.id)
            findings.draft_finding(session, chemist, found)
        assert counts(stage, "verification")["Runs to verify"] == 3
        bench.verify("verification", runs)
        with pytest.raises(Refused):
            analysis.verify_run(
                session,
                stage.who("verification"),
                analysis.VerifyRun(runs[0].id, runs[0].row_version),
            )
        finding = bench.conclude("chimiste", sample, "Synthetic explanation.")
        bench.sign("chimiste", finding)
        assert conclusions.released_finding(session, sample.id) is None
        bench.release("verification", finding)
        assert (finding.match, finding.danger) == ("other-instead", "warning")
        assert all(finding.text(language) for language in ("fr", "nl", "en"))

        # 5. It is filed under a product.
        product = products.product_of(session, sample.id)
        assert product is not None and product.danger == "warning"

        # 6. A signal stands at once; two people assess, two people make the alert.
        event = desk.event([sample], "Synthetic: PMMA")
        assert event is not None and event.level == "warning"
        desk.assess("coordination", event, (3, 2, 3), "Synthetic.")
        with pytest.raises(Refused):
            desk.confirm(event)
        desk.assess("approbation", event, (3, 2, 2), "Synthetic.")
        desk.confirm(event)
        facts = GivenFacts(
            substance="pmma",
            sold_as="mdma",
            form="tablet",
            colour="yellow",
            logo="Test wave",
            dangers=("late",),
            advice=("not-take",),
            late_onset=True,
        )
        version = desk.draft(event, facts)
        assert public_alerts(session, "fr") == []
        desk.approve(version)
        audiences = {(one.audience, one.language) for one in version.messages}
        assert len(audiences) == len(Audience) * len(LANGUAGES), "every audience, every language"
        (public,) = public_alerts(session, "nl")
        assert public.level == "warning" and "chimiste" not in public.body

        # 7. The counsellor opens it by its code; the visitor's ticket opens it too.
        counsellor = stage.who("rdr")
        (told,) = counselling.look_up(session, counsellor, counselling.LookUp(sample.code))
        assert told.id == sample.id
        desk.talk("rdr", sample, (), "not-take")
        assert registration.ticket is not None
        ticket = open_ticket(session, registration.ticket)
        assert ticket is not None and ticket.visit_id == sample.visit_id

        # 8. Looking back: the whole life on one page, the times, the proof.
        session.flush()
        life = lives.life(session, stage.who("coordination"), sample.id)
        acts = [act.act for act in life.acts]
        milestones = (
            *("register visit", "seal parcel", "scan parcel", "start run", "verify run"),
            *("release finding", "raise signal", "open event", "approve and publish alert"),
            "record talk",
        )
        assert [act for act in dict.fromkeys(acts) if act in milestones] == list(milestones)
        assert life.balance == held and len(life.runs) == 3 and life.talks == 1
        rows = times.turn_around(session, stage.who("coordination"))
        assert {row.interval for row in rows if row.spread} == set(times.Interval)
        session.commit()
        assert journal.verify_chain(session).is_whole


def test_an_amended_finding_leaves_the_old_one_readable(stage: Stage) -> None:
    session, counter, bench = stage.session, Counter(stage), Bench(stage)
    with clock.stopped_at(NOW):
        sample = arrived(stage, counter)
        run = bench.instrument("chimiste", "gc-ms", sample, (Seen("mdma"),))
        bench.verify("verification", [run])
        first = bench.conclude("chimiste", sample, "Synthetic explanation.")
        bench.sign("chimiste", first)
        bench.release("verification", first)
        more = bench.instrument("chimiste2", "hplc-uv", sample, (Seen("mdma", "major", "150"),))
        bench.verify("verification", [more])
        command = findings.AmendFinding(first.id, "An amount was measured.", None, None)
        second = findings.amend_finding(session, stage.who("chimiste2"), command)
        session.flush()
        bench.sign("chimiste2", second)
        bench.release("verification", second)
        states = {one.version: one.state for one in conclusions.versions(session, sample.id)}
        assert states == {1: "superseded", 2: "released"}
        standing = conclusions.released_finding(session, sample.id)
        assert standing is not None and standing.version == 2 and sample.state == "amended"


def test_an_update_of_an_alert_ends_the_version_before(stage: Stage) -> None:
    session, counter, bench, desk = stage.session, Counter(stage), Bench(stage), Desk(stage)
    with clock.stopped_at(NOW):
        sample = arrived(stage, counter)
        run = bench.instrument("chimiste", "gc-ms", sample, (Seen("pmma"),))
        bench.verify("verification", [run])
        finding = bench.conclude("chimiste", sample, "Synthetic explanation.")
        bench.sign("chimiste", finding)
        bench.release("verification", finding)
        event = desk.event([sample], "Synthetic")
        assert event is not None
        first = desk.draft(event, GivenFacts(substance="pmma", advice=("not-take",)))
        desk.approve(first)
        actor = stage.who("coordination")
        command = alerts.UpdateAlert(first.alert_id, "More samples were found.")
        second = alerts.update_alert(session, actor, command)
        session.flush()
        alerts.submit_alert(session, actor, alerts.SubmitAlert(second.id, second.row_version))
        session.flush()
        desk.approve(second)
        assert (first.state, second.state) == ("updated", "published")


def tablet() -> intake.RegisterSample:
    return intake.RegisterSample(**TABLET)  # type: ignore[arg-type]


def arrived(stage: Stage, counter: Counter) -> Sample:
    """Return a sample that the laboratory has received."""
    session, worker = stage.session, stage.who("accueil.bruxelles")
    sample = counter.register("bruxelles", NOW, [tablet()])[0]
    sites = stage.sites
    draft = custody.DraftParcel(sites["bruxelles"].id, sites["labo"].id)
    parcel = custody.draft_parcel(session, worker, draft)
    session.flush()
    custody.add_to_parcel(session, worker, custody.ChangeManifest(parcel.id, sample.code))
    seal = custody.SealParcel(parcel.id, "T-2", lacking_why="Synthetic.")
    custody.seal_parcel(session, worker, seal)
    custody.send_parcel(session, worker, custody.MoveParcel(parcel.id))
    session.flush()
    chemist = stage.who("chimiste")
    custody.scan_parcel(session, chemist, custody.ScanParcel(parcel.id, sample.code))
    session.flush()
    custody.check_seals(session, chemist, custody.CheckSeals(parcel.id, "T-2", whole=True))
    custody.reconcile_parcel(session, chemist, custody.ReconcileParcel(parcel.id))
    session.flush()
    return sample


def counts(stage: Stage, account: str) -> dict[str, int]:
    """Return what waits for an account today, by its words."""
    return {str(kind.words): n for kind, n in today.own_work(stage.session, stage.who(account))}
