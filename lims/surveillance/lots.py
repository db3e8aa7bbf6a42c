"""What counts as one independent unit: a lot, the samples of one product that came together.

Samples of one parcel are not independent: a share and its bounds, which take every sample for one
(binomial), would be surer than they may be (Kish, Survey Sampling, 1965: the design effect of
clusters). So a lot counts once in a week, however often it was tested, and holds a substance when
any of its samples does. Only what a source states ties samples together; where it does not say who
brought a sample, or which product it is, the sample is a lot of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from hashlib import blake2b

BUILDER = 2
"""Version of how series are built, kept with a signal: 1 counted samples, 2 counts lots."""


@dataclass(frozen=True)
class Came:
    """How a sample came, as far as it is known.

    `party`: with whom it came: the visit; of a partner the service, the day, the place.
    `product`: which product it is: its series (look); of a partner its name, form, and colours.
    """

    party: tuple[str, ...] = ()
    product: tuple[str, ...] = ()


ALONE = Came()
"""Nothing says that a sample came with another."""


def lot_of(origin: str, alone: uuid.UUID, declared: uuid.UUID | None, came: Came) -> int:
    """Return the number of the lot of a sample: the same party, product and product line.

    `alone` identifies the sample and is its lot when its party or its product is not known.
    """
    parts: tuple[object, ...] = (origin, alone)
    if any(came.party) and any(came.product):
        parts = (origin, declared, *came.party, "", *came.product)
    told = "\n".join(" ".join(str(one).casefold().split()) for one in parts)
    digest = blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1  # a positive number that fits every database
