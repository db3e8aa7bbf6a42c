"""Four eyes: what one person made, another person must see. One function, for every door.

Used for results, findings, alerts and danger rules alike.
"""

from __future__ import annotations

from collections.abc import Collection

from lims.foundation.errors import Refused
from lims.foundation.words import _


def refuse_unless_other_eyes(
    who: str,
    *,
    author: str,
    seen_by: Collection[str] = (),
    lone_exception: bool = False,
) -> bool:
    """Refuse when `who` is the author or has already signed; tell whether the exception was used.

    `lone_exception` lets the author pass where a laboratory has one person only; it never lets
    anybody sign twice. Raises Refused.
    """
    if who in seen_by:
        raise Refused(_("You have already signed this. Another person must do it."))
    if who == author:
        if not lone_exception:
            raise Refused(_("This is your own work. Another person must look at it."))
        return True
    return False
