"""The samples of the demonstration as plain values. All of it is invented.

Logos, prices and amounts exist nowhere else; substances are those of the library, so that the
program can reason about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lims.installation.bench import Seen

RELEASED, TO_VERIFY, RUNS_TO_VERIFY = "released", "finding to verify", "runs to verify"
WAITING, NOT_ANALYSED, WITHDRAWN, PLATE = "waiting", "not analysed", "withdrawn", "half a plate"
FIRST_VISITS = (True, False, False, None, True, False, False)
AGES = ("21-24", "25-29", "30-39", "21-24", "", "40-49", "18-20", "no-answer")


@dataclass(frozen=True)
class Tale:
    """A sample: where and how many days ago it was handed in, what is in it, how far it came."""

    name: str
    point: str
    ago: int
    given: Mapping[str, Any]
    seen: tuple[Seen, ...] = ()
    until: str = RELEASED
    strip: str = ""
    unknown: bool = False
    talk: str = ""
    visit: Mapping[str, Any] = field(default_factory=dict)

    def answers(self) -> dict[str, Any]:
        """Return what the visitor answered; invented, and without an answer now and then."""
        place = TALES.index(self)
        said = {"first_visit": FIRST_VISITS[place % 7], "age_band": AGES[place % 8]}
        return {**said, "language": ("fr", "fr", "nl", "fr", "en")[place % 5], **self.visit}


def _tablet(sold_as: str, colour: str, logo: str, **more: Any) -> dict[str, Any]:
    given = {"form": "tablet", "sold_as": sold_as, "colour": colour, "logo": logo}
    masses = {"mass_mg": Decimal("412"), "unit_mass_mg": Decimal("412")}
    looks = {"shape": "Demo", "length_mm": Decimal("9.5"), "thickness_mm": Decimal("4.5")}
    consents = {"consent_destroy": True, "consent_data": True}
    return {**given, **masses, **looks, **consents, **more}


def _powder(sold_as: str, colour: str = "white", **more: Any) -> dict[str, Any]:
    given = {"form": "powder", "sold_as": sold_as, "colour": colour, "mass_mg": Decimal("180")}
    consents = {"consent_destroy": True, "consent_data": True, "consent_second_laboratory": True}
    return {**given, **consents, **more}


def _kite(name: str, point: str, ago: int, mg: str, **more: Any) -> Tale:
    seen = (Seen("mdma", "major", mg), Seen("caffeine", "trace"))[: 1 + (mg < "16")]
    return Tale(name, point, ago, _tablet("MDMA", "pink", "Demo cerf-volant"), seen, **more)


def _moon(name: str, point: str, ago: int, mg: str, **more: Any) -> Tale:
    seen = (Seen("mdma", "major", mg),)
    given = _tablet("MDMA", "blue", "Demo lune", unit_mass_mg=Decimal("305"))
    return Tale(name, point, ago, {**given, "mass_mg": Decimal("305")}, seen, **more)


COCAINE = (Seen("cocaine"), Seen("levamisole", "minor"), Seen("caffeine", "minor"))
NIGHT = {"age_band": "21-24", "gender": "no-answer"}
TALES = (
    _kite("kite-1", "bruxelles", 56, "147", talk="less", visit={"age_band": "25-29"}),
    _kite("kite-2", "bruxelles", 48, "163", talk="test-dose"),
    _kite("kite-3", "festival", 41, "158", talk="less", visit=NIGHT),
    _kite("kite-4", "festival", 41, "188", visit=NIGHT),
    _kite("kite-5", "bruxelles", 28, "204", talk="not-take"),
    _kite("kite-6", "festival", 20, "171", visit=NIGHT),
    _kite("kite-7", "bruxelles", 13, "231", talk="less"),
    _moon("moon-1", "bruxelles", 42, "84", talk="as-planned"),
    _moon("moon-2", "festival", 20, "118", visit=NIGHT),
    _moon("moon-3", "bruxelles", 21, "132", talk="test-dose"),
    Tale(
        *("wave-1", "festival", 20, _tablet("MDMA", "yellow", "Demo vague")),
        (Seen("pmma"), Seen("caffeine", "minor")),
        talk="not-take",
        visit=NIGHT,
    ),
    Tale(
        *("wave-2", "bruxelles", 14, _tablet("MDMA", "yellow", "Demo vague")),
        (Seen("pmma"), Seen("mdma", "minor")),
    ),
    Tale("coca-1", "bruxelles", 51, _powder("cocaine"), COCAINE, talk="as-planned"),
    Tale("coca-2", "liege", 47, _powder("cocaine", "off-white"), COCAINE[:2]),
    Tale("coca-3", "bruxelles", 35, _powder("cocaine"), COCAINE, talk="slower"),
    Tale("coca-4", "liege", 36, _powder("cocaine"), (Seen("cocaine"), Seen("phenacetin", "minor"))),
    Tale("keta-1", "bruxelles", 39, _powder("ketamine", form="crystal"), (Seen("ketamine"),)),
    Tale("keta-2", "bruxelles", 17, _powder("ketamine"), (Seen("ketamine"),), talk="as-planned"),
    Tale(
        *("speed-1", "liege", 33, _powder("amphetamine", form="paste")),
        (Seen("amphetamine"), Seen("caffeine")),
    ),
    Tale(
        *("speed-2", "bruxelles", 32, _powder("amphetamine", "off-white", form="paste")),
        (Seen("caffeine"),),
        talk="change-supplier",
    ),
    Tale(
        *("brown-1", "liege", 18),
        _powder("heroin", "brown", incident_link="naloxone", street_name="Demo"),
        (Seen("heroin"), Seen("metonitazene", "minor"), Seen("paracetamol")),
        strip="positive",
    ),
    Tale("brown-2", "liege", 31, _powder("heroin", "brown"), (Seen("heroin"), Seen("caffeine"))),
    Tale("unknown-1", "bruxelles", 29, _powder("unknown", "grey"), unknown=True),
    Tale("capacity-1", "bruxelles", 25, _powder("cannabis", form="plant"), until=NOT_ANALYSED),
    Tale("withdrawn-1", "bruxelles", 18, _powder("ketamine"), until=WITHDRAWN),
    Tale("verify-1", "bruxelles", 11, _powder("cocaine"), COCAINE, TO_VERIFY),
    Tale("verify-2", "bruxelles", 5, _powder("ketamine"), (Seen("ketamine"),), RUNS_TO_VERIFY),
    Tale("plate-1", "bruxelles", 5, _tablet("MDMA", "green", "Demo fusée"), until=PLATE),
    Tale("plate-2", "bruxelles", 5, _powder("amphetamine"), until=PLATE),
    Tale("wait-1", "liege", 7, _powder("cocaine", incident_link="emergency"), until=WAITING),
    Tale("wait-2", "bruxelles", 5, _tablet("MDMA", "yellow", "Demo vague"), until=WAITING),
    Tale("wait-3", "bruxelles", 5, _powder("ketamine"), until=WAITING),
    Tale("way-1", "bruxelles", 2, _tablet("MDMA", "pink", "Demo cerf-volant"), until=WAITING),
    Tale("way-2", "bruxelles", 2, _powder("cocaine"), until=WAITING),
    Tale("way-3", "bruxelles", 1, _powder("unknown"), until=WAITING),
    Tale("here-1", "liege", 2, _powder("heroin", "brown"), until=WAITING),
    Tale("here-2", "festival", 1, _tablet("MDMA", "orange", "Demo soleil"), until=WAITING),
    Tale("here-4", "bruxelles", 0, _tablet("MDMA", "orange", "Demo soleil"), until=WAITING),
    Tale("here-5", "bruxelles", 0, _powder("cocaine"), until=WAITING),
    Tale("here-3", "festival", 1, _powder("4-CMC"), until=WAITING),
)
