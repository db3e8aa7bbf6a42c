"""How often printed labels are read: every paper, clean at 203 dpi, and worn in stated ways.

`python -m bench.label_rates --json rates.json` writes every rate with its n and Wilson interval.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy as np
from PIL import Image

from bench.prints import DPI, WEARS, Wear, burnt, codes, pages
from lims.foundation.codes import ALPHABET, LENGTH, check_character
from lims.foundation.shares import wilson
from lims.intake.label_design import SMALLEST_SIDE, Design, LabelLayout, usual
from lims.intake.labels import Label, label_pdf
from lims.intake.papers import papers

LINES = ("comprimé", "semaine 47")


@dataclass(frozen=True)
class Rate:
    """Of n prints of one paper, how many were read rightly, and how many as another code."""

    paper: str
    side_mm: float
    wear: str
    n: int
    right: int
    wrong: int

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's interval of 95 % of the rate."""
        return wilson(self.right, self.n)


def random_codes(n: int, chance: np.random.Generator) -> list[str]:
    """Return codes as the product makes them, from a seed."""
    sevens = ["".join(chance.choice(list(ALPHABET), LENGTH - 1)) for _each in range(n)]
    return [seven + check_character(seven) for seven in sevens]


def cut_out(paper: LabelLayout, design: Design, wanted: Sequence[str]) -> list[Image.Image]:
    """Return the labels of these codes as a thermal or laser printer of 203 dpi leaves them."""
    printed = [
        burnt(page)
        for page in pages(label_pdf([Label(one, LINES) for one in wanted], paper, "fr", design))
    ]
    dots = DPI / 25.4
    found = []
    for page in printed:
        for x, y in paper.places():
            right, low = x + paper.label[0], y + paper.label[1]
            found.append(page.crop(tuple(round(edge * dots) for edge in (x, y, right, low))))
    return found[: len(wanted)]


def rate(
    name: str, paper: LabelLayout, design: Design, wear: Wear | None, n: int, seed: int
) -> Rate:
    """Print n random codes on a paper, wear them, and read them."""
    chance = np.random.default_rng(seed)
    wanted = random_codes(n, chance)
    cut = cut_out(paper, design, wanted)
    read = [codes(wear(one, chance) if wear else one) for one in cut]
    right = sum(found == [code] for found, code in zip(read, wanted, strict=True))
    wrong = n - right - read.count([])
    return Rate(paper.name, design.qr_side, name, n, right, wrong)


def looks(paper: LabelLayout) -> Iterator[Design]:
    """Give the usual square of a paper, and the smallest that is allowed where it is another."""
    yield usual(paper)
    if usual(paper).qr_side > SMALLEST_SIDE:
        yield replace(usual(paper), qr_side=SMALLEST_SIDE)


def rates(n: int, seed: int) -> Iterator[Rate]:
    """Measure every paper with each of its looks: clean, then worn in every way."""
    for paper in papers().values():
        for design in looks(paper):
            yield rate("clean", paper, design, None, n, seed)
            for name, wear in WEARS.items():
                yield rate(name, paper, design, wear, n, seed)


@click.command()
@click.option("--codes", "n", default=200, show_default=True, help="codes of each rate")
@click.option("--seed", default=20261122, show_default=True)
@click.option("--json", "target", type=click.Path(path_type=Path), help="write the rates here")
def main(n: int, seed: int, target: Path | None) -> None:
    """Print a table of rates by paper and wear; exit 1 when a clean label is not read."""
    found = []
    for one in rates(n, seed):
        low, high = one.interval
        click.echo(
            f"{one.paper:16}{one.side_mm:6.1f} mm  {one.wear:36}{one.right:5}/{one.n}"
            f"  {low:6.1%} to {high:6.1%}  wrong {one.wrong}"
        )
        found.append(one)
    if target:
        listed = [{**asdict(one), "interval": one.interval} for one in found]
        told = {"dpi": DPI, "seed": seed, "rates": listed}
        target.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    if any(one.wear == "clean" and one.right != one.n for one in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
