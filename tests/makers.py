"""Makers of records for tests: a small network with one account per duty, and what stands on it.

Everything here is synthetic.
"""

from __future__ import annotations

import csv
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from lims.custody.records import TransportPermit
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.shipped import shipped
from lims.intake.declarations import RegisterSample, RegisterVisit
from lims.intake.records import Sample, SampleCodeBlock
from lims.library.records import VocabularyTerm
from lims.network import queries
from lims.network.records import Member, MemberDuty, Organisation, Site, StaffSession
from lims.network.rules import Duty

PASSWORD = "a long test password 42"


@dataclass
class Network:
    """A testing point, a second one, two laboratories, a coordination, one account per duty."""

    counter: Site
    festival: Site
    laboratory: Site
    second_laboratory: Site
    coordination: Site
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["actors"][name]
        except KeyError as missing:
            raise AttributeError(name) from missing


PEOPLE: dict[str, tuple[str, Duty]] = {
    "worker": ("counter", Duty.TESTING_POINT_WORKER),
    "festival_worker": ("festival", Duty.TESTING_POINT_WORKER),
    "counsellor": ("counter", Duty.COUNSELLOR),
    "chemist": ("laboratory", Duty.CHEMIST),
    "second_chemist": ("laboratory", Duty.CHEMIST),
    "verifier": ("laboratory", Duty.VERIFIER),
    "head": ("laboratory", Duty.LABORATORY_HEAD),
    "other_chemist": ("second_laboratory", Duty.CHEMIST),
    "local_coordinator": ("counter", Duty.LOCAL_COORDINATOR),
    "coordinator": ("", Duty.NETWORK_COORDINATOR),
    "approver": ("", Duty.ALERT_APPROVER),
    "auditor": ("", Duty.AUDITOR),
    "administrator": ("", Duty.ADMINISTRATOR),
}


def make_network(session: Session) -> Network:
    """Make the network and commit it; `network.chemist` is an actor."""
    from lims.network.operations import HASHER

    testing = Organisation(name="Synthetic testing service", kind="testing")
    laboratories = Organisation(name="Synthetic laboratories", kind="laboratory")
    coordination = Organisation(name="Synthetic coordination", kind="coordination")
    sites = {
        "counter": Site(
            organisation=testing, name="Counter", service_type="exchange-counter", may_return=True
        ),
        "festival": Site(organisation=testing, name="Festival", service_type="event"),
        "laboratory": Site(organisation=laboratories, name="Laboratory one"),
        "second_laboratory": Site(organisation=laboratories, name="Laboratory two"),
        "coordination": Site(organisation=coordination, name="Coordination"),
    }
    session.add_all([testing, laboratories, coordination, *sites.values()])
    session.flush()
    for number, point in (("P-1", "counter"), ("P-2", "festival")):
        session.add(TransportPermit(number=number, from_site_id=sites[point].id, made_by="test"))
    hashed = HASHER.hash(PASSWORD)
    network = Network(**sites)
    for account, (where, duty) in PEOPLE.items():
        member = Member(account=account, password_hash=hashed, language="en")
        site = sites.get(where)
        member.duties.append(MemberDuty(duty=duty, site_id=site.id if site else None))
        session.add(member)
        session.flush()
        network.actors[account] = queries.actor_of(session, member, None)
    session.commit()
    return network


def make_sample(session: Session, network: Network, **given: Any) -> Any:
    """Return a synthetic tablet sold as MDMA, handed in at the counter."""
    from lims.foundation import codes
    from lims.intake.records import Sample, Visit

    visit = Visit(site_id=network.counter.id, day=clock.today(), registered_by="worker")
    session.add(visit)
    session.flush()
    values = {"form": "tablet", "sold_as": "MDMA", "colour": "orange", "logo": "buoy"} | given
    sample = Sample(code=codes.new_code(), visit_id=visit.id, site_id=network.counter.id, **values)
    session.add(sample)
    session.flush()
    return sample


def make_substance(session: Session, key: str, **given: Any) -> Any:
    """Return a substance with the same name in three languages."""
    from lims.library.records import Substance

    name = key.upper()
    values = {"name_en": name, "name_fr": name, "name_nl": name} | given
    substance = Substance(key=key, chemical_class="test", role="psychoactive", **values)
    session.add(substance)
    session.flush()
    return substance


def make_released_finding(session: Session, network: Network, sample: Any, **given: Any) -> Any:
    """Return a released finding of a sample; `danger_outcomes` as the danger rules keep them."""
    from lims.findings.records import Finding

    values: dict[str, Any] = {
        "version": 1,
        "state": "released",
        "site_id": network.laboratory.id,
        "match": "as-expected",
        "confidence": "identified",
        "text_fr": "",
        "text_nl": "",
        "text_en": "",
        "author": "chemist",
        "verified_by": "verifier",
        "released_at": clock.now(),
    }
    finding = Finding(sample_id=sample.id, **(values | given))
    session.add(finding)
    session.flush()
    return finding


def danger_outcome(rule: str = "any-pmma", level: str = "warning", **given: Any) -> dict[str, Any]:
    """Return a danger judgement that holds, as a finding keeps it."""
    words = {"id": "%(name)s: found.", "params": {"name": {"names": ["PMMA", "PMMA", "PMMA"]}}}
    kept: dict[str, Any] = {"rule": rule, "version": 1, "level": level, "verdict": "met"}
    kept |= {"raises": True, "in_force": True, "substance": "pmma", "words": words, "inputs": {}}
    return kept | given


def log_in_client(app: Any, session: Session, account: str) -> Any:
    """Return a Flask test client that is logged in as an account (no password hashing)."""
    from sqlalchemy import select

    member = session.scalars(select(Member).where(Member.account == account)).one()
    token = f"test-{uuid.uuid4()}"
    at = clock.now()
    session.add(
        StaffSession(token_hash=queries.token_hash(token), member_id=member.id, created=at, seen=at)
    )
    session.commit()
    client = app.test_client()
    client.set_cookie("balise", token)
    return client


def api_headers(session: Session, account: str) -> dict[str, str]:
    """Return the headers of an API key that may do all that an account may."""
    from sqlalchemy import select

    from lims.network.records import ApiKey

    member = session.scalars(select(Member).where(Member.account == account)).one()
    key = f"blk_test_{uuid.uuid4()}"
    actor = queries.actor_of(session, member, None)
    session.add(
        ApiKey(
            name="test",
            key_hash=queries.token_hash(key),
            member_id=member.id,
            scopes=sorted(actor.grants),
        )
    )
    session.commit()
    return {"Authorization": f"Bearer {key}"}


def load_vocabularies(session: Session) -> None:
    """Load the controlled lists, without the rest of the library."""
    for path in sorted((shipped("reference_data") / "vocabularies").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                labels = {code: row[f"label_{code}"] for code in ("en", "fr", "nl")}
                place = {"list_name": path.stem, "code": row["code"], "sort": int(row["sort"])}
                session.add(VocabularyTerm(**place, labels=labels, extra={}))
    session.flush()


def make_block(session: Session, network: Network, count: int = 50) -> SampleCodeBlock:
    """Give the counter a block of codes."""
    from lims.intake.operations import MakeCodeBlock, make_code_block

    command = MakeCodeBlock(network.counter.id, "pad 1", count)
    return make_code_block(session, network.worker, command)


def free_code(session: Session, block: SampleCodeBlock) -> str:
    """Return a code of a block that no sample has yet."""
    from sqlalchemy import select

    from lims.intake.records import SampleCode

    free = select(SampleCode.code).where(SampleCode.block_id == block.id, ~SampleCode.used)
    return session.scalars(free.limit(1)).one()


def told_sample(**facts: Any) -> RegisterSample:
    """Return what is said of a synthetic sample, complete; `facts` replace."""
    return RegisterSample(**{"form": "tablet", "sold_as": "MDMA", "consent_destroy": True, **facts})


def told_visit(network: Network, *samples: RegisterSample, **facts: Any) -> RegisterVisit:
    """Return a synthetic visit at the counter, with one complete sample unless some are given."""
    given = {"id": uuid.uuid4(), "site_id": network.counter.id, **facts}
    return RegisterVisit(samples=samples or (told_sample(),), **given)


def make_samples(session: Session, network: Network, *told: RegisterSample) -> list[Sample]:
    """Register samples at the counter, with lists and codes made when there are none, committed."""
    from lims.intake.operations import register_visit
    from lims.intake.queries import codes_left
    from lims.wiring import connect

    connect()
    if session.get(VocabularyTerm, ("dosage_form", "tablet")) is None:
        load_vocabularies(session)
    if codes_left(session, network.counter.id)[1] < max(1, len(told)):
        make_block(session, network)
    visit = told_visit(network, *told, with_ticket=False)
    made = register_visit(session, network.worker, visit)
    session.commit()
    return made.samples


def everything_headers(session: Session) -> dict[str, str]:
    """Return the headers of a key that may do everything everywhere, to fuzz behind the door."""
    member = Member(account="everything", password_hash="-", language="en")
    for duty in Duty:
        member.duties.append(MemberDuty(duty=duty, site_id=None))
    session.add(member)
    session.commit()
    return api_headers(session, "everything")
