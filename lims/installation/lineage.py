"""The demonstration's products: two that were one series, and samples that were another."""

from __future__ import annotations

from lims.installation.desk import COORDINATOR
from lims.installation.stage import Stage, Story
from lims.intake.records import Sample
from lims.products import queries, series

SAME = "Démo : même lot inventé, même composition."
OTHER = "Démo : autre presse inventée."


class Lineage:
    """What the coordination does with the product database."""

    def __init__(self, stage: Stage, samples: dict[str, Sample]) -> None:
        self.stage, self.samples = stage, samples

    def tell(self) -> Story:
        """Two powders become one product; one tablet leaves its product."""
        yield self.stage.day(12, 15)
        session, actor = self.stage.session, self.stage.who(COORDINATOR)
        one = queries.product_of(session, self.samples["coca-1"].id)
        same = queries.product_of(session, self.samples["coca-3"].id)
        if one is not None and same is not None and one.id != same.id:
            series.merge_products(session, actor, series.MergeProducts(same.id, one.id, SAME))
        yield self.stage.day(12, 16)
        moon = queries.product_of(session, self.samples["moon-3"].id)
        if moon is not None and moon.samples > 1:
            chosen = (self.samples["moon-3"].id,)
            series.split_product(session, actor, series.SplitProduct(moon.id, chosen, OTHER))
