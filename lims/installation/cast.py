"""Who plays in the demonstration: its places and its accounts, one for each duty.

Every name says that it is a demonstration; none is a real organisation.
"""

from __future__ import annotations

from dataclasses import dataclass

from lims.network.rules import Duty, OrganisationKind

POINT = "Demo – service de test"
LABORATORIES = "Demo – laboratoires"
COORDINATION = "Demo – coordination"


@dataclass(frozen=True)
class Place:
    """A site of the demonstration."""

    key: str
    organisation: str
    kind: OrganisationKind
    name: str
    service_type: str = ""
    area: str = ""
    hours: str = ""
    permit: str = ""
    ticket_policy: str = "result"
    permit_days: int = 300


@dataclass(frozen=True)
class Person:
    """An account of the demonstration, with one duty at one place (none: everywhere)."""

    account: str
    duty: Duty
    place: str = ""
    language: str = "fr"


PLACES = (
    Place(
        *("bruxelles", POINT, OrganisationKind.TESTING, "Demo Bruxelles, permanence"),
        *("fixed-site", "Bruxelles / Brussel", "ma, je 18:00–21:00", "DEMO-TR-01"),
    ),
    Place(
        *("festival", POINT, OrganisationKind.TESTING, "Demo Festival, équipe mobile"),
        *("event", "Vlaanderen", "", "DEMO-TR-02", "come and talk"),
    ),
    Place(
        *("liege", POINT, OrganisationKind.TESTING, "Demo Liège, comptoir d'échange"),
        *("exchange-counter", "Liège", "lu–ve 13:00–17:00", "DEMO-TR-03"),
    ),
    Place(
        *("labo", LABORATORIES, OrganisationKind.LABORATORY, "Demo Labo 1, Bruxelles"),
        permit="DEMO-TR-04",
        permit_days=20,
    ),
    Place("labo2", LABORATORIES, OrganisationKind.LABORATORY, "Demo Labo 2, Gent"),
    Place("coordination", COORDINATION, OrganisationKind.COORDINATION, "Demo Coordination"),
)
PEOPLE = (
    Person("accueil.bruxelles", Duty.TESTING_POINT_WORKER, "bruxelles"),
    Person("festival", Duty.TESTING_POINT_WORKER, "festival", "nl"),
    Person("liege", Duty.TESTING_POINT_WORKER, "liege"),
    Person("rdr", Duty.COUNSELLOR, "bruxelles"),
    Person("chimiste", Duty.CHEMIST, "labo"),
    Person("chimiste2", Duty.CHEMIST, "labo"),
    Person("verification", Duty.VERIFIER, "labo"),
    Person("labo.responsable", Duty.LABORATORY_HEAD, "labo"),
    Person("labo2", Duty.CHEMIST, "labo2", "nl"),
    Person("labo2.verification", Duty.VERIFIER, "labo2", "nl"),
    Person("labo2.responsable", Duty.LABORATORY_HEAD, "labo2", "nl"),
    Person("coordination.locale", Duty.LOCAL_COORDINATOR, "bruxelles"),
    Person("coordination", Duty.NETWORK_COORDINATOR),
    Person("approbation", Duty.ALERT_APPROVER),
    Person("audit", Duty.AUDITOR),
    Person("admin", Duty.ADMINISTRATOR),
)
