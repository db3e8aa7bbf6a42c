"""The six steps of the job, for somebody who sees it for the first time."""

from __future__ import annotations

from dataclasses import dataclass

from lims.foundation.words import Message, _


@dataclass(frozen=True)
class Place:
    """Where a step is done: the words of the button, the endpoint, the account that may."""

    words: Message
    endpoint: str
    account: str


@dataclass(frozen=True)
class Step:
    """One step: its sign, its name, what happens, where."""

    icon: str
    name: Message
    what: Message
    places: tuple[Place, ...]


STEPS = (
    Step(
        "plus",
        _("Register"),
        _(
            "Somebody brings a tablet or a powder. Note what it was sold as and what it looks "
            "like, never who they are. The tube gets a code, the visitor a ticket."
        ),
        (Place(_("Register a visit"), "intake.new_visit", "accueil.bruxelles"),),
    ),
    Step(
        "box",
        _("Hand over"),
        _(
            "Put tubes in a parcel, seal it, send it. The laboratory scans what arrives: missing "
            "and unexpected tubes are named, and the milligrams start to balance."
        ),
        (
            Place(_("Make a parcel"), "custody.parcels", "accueil.bruxelles"),
            Place(_("Receive a parcel"), "custody.parcels", "chimiste"),
        ),
    ),
    Step(
        "plate",
        _("Analyse"),
        _(
            "Take the most urgent sample, follow a published protocol: plate, reagents, strips, "
            "spectrum, amount. The program ranks candidates and says why; you decide."
        ),
        (Place(_("Open the work list"), "overview.work_list", "chimiste"),),
    ),
    Step(
        "sign",
        _("Verify and conclude"),
        _(
            "A second person looks at each run. The chemist concludes, the verifier releases: "
            "match to what was expected on one side, danger on the other."
        ),
        (
            Place(_("See what waits for a second person"), "overview.to_verify", "verification"),
            Place(_("Conclude on a sample"), "overview.work_list", "chimiste"),
        ),
    ),
    Step(
        "beacon",
        _("Warn"),
        _(
            "A danger rule raises a signal at once. The coordination makes an alert, another "
            "person approves it, and each audience reads its own message in its own language."
        ),
        (
            Place(_("Look at the signals"), "surveillance.signals", "coordination"),
            Place(_("Approve an alert"), "alerts.alerts", "approbation"),
        ),
    ),
    Step(
        "talk",
        _("Counsel and look back"),
        _(
            "Open the result with the visitor and record the talk. Afterwards, the whole life of "
            "the sample stands on one page, and the journal proves that nobody changed it."
        ),
        (
            Place(_("Open a result"), "counselling.look_up", "rdr"),
            Place(_("See how long things take"), "overview.turn_around", "audit"),
            Place(_("Verify the journal"), "overview.journal_page", "audit"),
        ),
    ),
)
