"""Which pictures the user guide has: whose page, where it is, and what is done there first."""

from __future__ import annotations

from dataclasses import dataclass

DESKTOP, PHONE = 1280, 360


@dataclass(frozen=True)
class Picture:
    """One picture: whose page, where it is, the code to type there, the links to follow.

    `{…}` in a path or a code stands for a record of the demonstration (see `records_of`).
    """

    name: str
    account: str
    path: str
    code: str = ""
    follow: tuple[str, ...] = ()
    width: int = DESKTOP
    public: bool = False
    at_the_table: bool = False


ON_THE_WAY = "main tr:has-text('In transit') a[href^='/parcels/']"
KITE = "main :is(tr, article):has-text('cerf-volant') a[href^='/products/']"
TEMPLATE = "main a[href^='/labels/']:not([href$=new])"
POINT = "main a[href^='/points/']"
FINDING = "main a[href^='/findings/']"
SERIES = "main a[href^='/surveillance/series/']"
LIST = (
    Picture("start", "accueil.bruxelles", "/start"),
    Picture("register", "accueil.bruxelles", "/register"),
    Picture("register-phone", "festival", "/register", width=PHONE),
    Picture("table-phone", "festival", "/table/en", width=PHONE, at_the_table=True),
    Picture("labels", "accueil.bruxelles", "/labels", follow=(TEMPLATE,)),
    Picture("point-phone", "", "/points", follow=(POINT,), width=PHONE, public=True),
    Picture("holdings", "chimiste", "/holdings"),
    Picture("parcel", "chimiste", "/parcels", follow=(ON_THE_WAY,)),
    Picture("work-list", "chimiste", "/work"),
    Picture("plate", "chimiste", "/runs/{plate}/plate"),
    Picture("candidates", "chimiste", "/runs/{plate}/candidates"),
    Picture("evidence", "chimiste", "/samples/{plated}/evidence"),
    Picture("finding", "verification", "/to-verify", follow=(FINDING,)),
    Picture("product", "coordination", "/products", follow=(KITE,)),
    Picture("signals", "coordination", "/signals"),
    Picture("series", "coordination", "/surveillance", follow=(SERIES,)),
    Picture("indicators", "coordination", "/indicators"),
    Picture("alert", "approbation", "/alerts?which=work", follow=("main a[href^='/alerts/']",)),
    Picture("public-alerts-phone", "", "/alerts", width=PHONE, public=True),
    Picture("result", "rdr", "/counselling", code="{kite-code}"),
    Picture("result-phone", "rdr", "/counselling", code="{kite-code}", width=PHONE),
    Picture("ticket-phone", "", "/", width=PHONE, public=True),
    Picture("life", "verification", "/samples/{kite}/life"),
    Picture("journal", "audit", "/journal"),
    Picture("substance", "chimiste", "/library/substances/{mdma}"),
    Picture("spectrum", "chimiste2", "/runs/{curve-run}/spectra/{curve}"),
)
