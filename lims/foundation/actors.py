"""Who acts: a member with duties at sites, or the operator at the command line.

An actor carries what its duties grant; the table of duties and permissions is in `network.rules`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from lims.foundation.errors import NotPermitted
from lims.foundation.words import _

EVERYWHERE = None


@dataclass(frozen=True)
class Actor:
    """Somebody who acts. `grants` maps a permission to the sites where it holds."""

    member_id: uuid.UUID | None
    account: str
    language: str = "fr"
    site_id: uuid.UUID | None = None
    site_name: str = ""
    duties: tuple[str, ...] = ()
    grants: Mapping[str, frozenset[uuid.UUID | None]] = field(default_factory=dict)
    demonstration: bool = False

    def may(self, permission: str, site_id: uuid.UUID | None = EVERYWHERE) -> bool:
        """Tell whether the duties grant a permission, at one site or, without a site, anywhere."""
        sites = self.grants.get(permission)
        if sites is None:
            return False
        return site_id is EVERYWHERE or EVERYWHERE in sites or site_id in sites

    def must(self, permission: str, site_id: uuid.UUID | None = EVERYWHERE) -> None:
        """Refuse with NotPermitted unless the duties grant this permission."""
        if not self.may(permission, site_id):
            raise NotPermitted(_("Your duties do not cover this: %(act)s.", act=_(str(permission))))

    def sites_for(self, permission: str) -> frozenset[uuid.UUID] | None:
        """Return the sites where a permission holds, or None when it holds everywhere."""
        sites = self.grants.get(permission, frozenset())
        if EVERYWHERE in sites:
            return None
        return frozenset(site for site in sites if site is not None)
