"""Searching products by what one sees. The database ranks; Python compares words and says why.

Which words are like the logo and which colours are near is found once for a search; the share of
every product is then one expression that the database orders by, so that nothing is left out of the
comparison however many products there are. `looks.likeness` says the same of one product in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, func, literal, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from lims.foundation.actors import Actor
from lims.foundation.database import SCALE
from lims.intake.logo_lists import same_words
from lims.intake.logo_words import fold_logo
from lims.library.queries import terms
from lims.network.rules import Permission
from lims.products import looks
from lims.products.colours import colour_fit
from lims.products.listing import SIZE, ProductRow, rows_of
from lims.products.looks import Likeness, Look, Meant, Tolerance
from lims.products.records import Product

MOST_WORDS = 400
"""Written logos that are compared letter by letter: those that share most threes of letters."""
MOST_SIMILAR = 60
"""Similar words that count; further ones are hardly like it."""
MOST_SHAPES = 500

Number = ColumnElement[float]


def find_by_look(
    session: Session,
    actor: Actor,
    form: str = "",
    colour: str = "",
    logo: str = "",
    shape: str = "",
    page: int = 1,
    size: int = SIZE,
) -> tuple[list[ProductRow], int]:
    """Return one page of the products that look like what is described, best first, and how many.

    The form must be equal; colour counts by distance, logo and shape by likeness of words. Words
    that the list of logos knows for the same mark are the same logo.
    """
    actor.must(Permission.CONSULT)
    return search(session, actor, Look(form, colour, logo, shape), Tolerance(), page, size)


def search(
    session: Session,
    actor: Actor,
    wanted: Look,
    within: Tolerance,
    page: int = 1,
    size: int = SIZE,
) -> tuple[list[ProductRow], int]:
    """Return one page of the products that fit a look, best first, and how many there are."""
    actor.must(Permission.CONSULT)
    if not wanted.form and not wanted.says_more_than_form():
        return [], 0
    meant = meaning(session, wanted)
    share = _share(wanted, meant, within)
    fitting = [Product.samples > 0]
    if wanted.form:
        fitting.append(Product.form == wanted.form)
    if wanted.says_more_than_form():
        fitting.append(share > looks.LEAST_SCORE)
    total = session.scalar(select(func.count(Product.id)).where(*fitting)) or 0
    found = session.scalars(
        select(Product)
        .where(*fitting)
        .order_by(share.desc(), Product.last_seen.desc(), Product.number.desc())
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    fits = {one.id: fit for one in found if (fit := fit_of(wanted, one, meant, within))}
    return rows_of(session, found, fits), total


def fit_of(wanted: Look, product: Product, meant: Meant, within: Tolerance) -> Likeness | None:
    """Return how one product fits, with the reasons in words."""
    seen = Look(
        form=product.form,
        colour=product.colour,
        logo=product.logo_folded,
        shape=product.shape,
        logo_back=product.logo_back_folded,
        score_line=product.score_line,
        **{name: getattr(product, name) for name in looks.MEASURES},
    )
    return looks.likeness(wanted, seen, meant, within)


def meaning(session: Session, wanted: Look) -> Meant:
    """Return what the words and the colour of a look stand for in this database."""
    hexes = colour_hexes(session) if wanted.colour or wanted.hex else {}
    return Meant(
        front=_similar_logos(session, wanted.logo),
        back=_similar_logos(session, wanted.logo_back),
        shapes=_similar_shapes(session, wanted),
        colours=looks.colours_from(wanted, hexes) if hexes else {},
    )


def colour_hexes(session: Session) -> dict[str, str]:
    """Return the sRGB value of every colour of the list."""
    return {one.code: str(one.extra.get("hex", "")) for one in terms(session, "colour")}


def _similar_logos(session: Session, logo: str) -> dict[str, float]:
    """Return written logos with how alike they are, the same mark (by the list of logos) as 1."""
    folded = fold_logo(logo)
    if not folded:
        return {}
    shares = {
        word: looks.likeness_of_words(folded, word)
        for side in (Product.logo_folded, Product.logo_back_folded)
        for word in session.scalars(_sharing_letters(side, folded))
    }
    similar = sorted((pair for pair in shares.items() if pair[1] > looks.SIMILAR), key=_best_first)
    return dict(similar[:MOST_SIMILAR]) | dict.fromkeys(same_words(session, logo), 1.0)


def _best_first(pair: tuple[str, float]) -> tuple[float, str]:
    return -pair[1], pair[0]


def _sharing_letters(side: InstrumentedAttribute[str], folded: str) -> Any:
    """Select the different words of one side that share threes of letters, the most first."""
    parts = [_holds(side, one) for one in sorted(looks.trigrams(folded))]
    shared: Any = sum((case((one, 1), else_=0) for one in parts), literal(0))
    return (
        select(side)
        .where(side != "", or_(*parts))
        .group_by(side)
        .order_by(shared.desc(), func.abs(func.length(side) - len(folded)), side)
        .limit(MOST_WORDS)
    )


def _holds(side: InstrumentedAttribute[str], three: str) -> ColumnElement[bool]:
    if three.startswith(" "):
        return side.startswith(three.strip(), autoescape=True)
    if three.endswith(" "):
        return side.endswith(three.strip(), autoescape=True)
    return side.contains(three, autoescape=True)


def _similar_shapes(session: Session, wanted: Look) -> dict[str, float]:
    folded = fold_logo(wanted.shape)
    if not wanted.shape:
        return {}
    query = select(Product.shape).where(Product.shape != "").group_by(Product.shape)
    if wanted.form:
        query = query.where(Product.form == wanted.form)
    often = query.order_by(func.count(Product.id).desc(), Product.shape).limit(MOST_SHAPES)
    shares = {
        word: 1.0 if word == wanted.shape else looks.likeness_of_words(folded, fold_logo(word))
        for word in session.scalars(often)
    }
    return {word: share for word, share in shares.items() if share > 0}


# ------------------------------------------------------------------ the share, as the database sees


def _share(wanted: Look, meant: Meant, within: Tolerance) -> Number:
    """Return the weighted share of what fits: `looks.likeness` as one expression."""
    parts: list[tuple[float, Number]] = []
    if wanted.colour or wanted.hex:
        near = {code: colour_fit(off, within.colour) for code, off in meant.colours.items()}
        parts.append((looks.COLOUR, _stated(Product.colour, near)))
    front, back = fold_logo(wanted.logo), fold_logo(wanted.logo_back)
    if front and back:
        parts.append((looks.LOGO + looks.BACK, _both_logos(meant)))
    elif front or back:
        asked = meant.front if front else meant.back
        sides = (_looked_up(Product.logo_folded, asked), _looked_up(_back_side(), asked))
        parts.append((looks.LOGO, _greater(*sides)))
    if wanted.shape:
        parts.append((looks.SHAPE, _stated(Product.shape, meant.shapes)))
    if wanted.score_line is not None:
        line = Product.score_line
        fit = case((line.is_(None), looks.NOT_STATED), (line == wanted.score_line, 1.0), else_=0.0)
        parts.append((looks.LINE, fit))
    for name, weight in looks.MEASURES.items():
        if (asked_for := getattr(wanted, name)) is not None:
            parts.append((weight, _measured(name, asked_for, within)))
    if not parts:
        return literal(1.0)
    whole: Any = sum((weight * fit for weight, fit in parts), literal(0.0))
    total: Number = whole / sum(weight for weight, _fit in parts)
    return total


def _looked_up(column: Any, values: Mapping[str, float], otherwise: float = 0.0) -> Number:
    """Return the value of each word, looked for among its words only where it is one of them."""
    told = {word: value for word, value in values.items() if value > 0}
    if not told:
        return literal(otherwise)
    return case((column.in_(list(told)), case(told, value=column, else_=0.0)), else_=otherwise)


def _stated(column: Any, values: Mapping[str, float]) -> Number:
    return case((column == "", looks.NOT_STATED), else_=_looked_up(column, values))


def _back_side() -> Any:
    return Product.logo_back_folded


def _both_logos(meant: Meant) -> Number:
    """Return the better of the two ways to hold a tablet whose two sides are known."""
    side, other = Product.logo_folded, _back_side()
    straight = looks.LOGO * _looked_up(side, meant.front) + looks.BACK * _stated(other, meant.back)
    turned = looks.LOGO * _looked_up(other, meant.front)
    turned = turned + looks.BACK * _looked_up(side, meant.back)
    return _greater(straight, turned) / (looks.LOGO + looks.BACK)


def _greater(one: Number, other: Number) -> Number:
    return case((one > other, one), else_=other)


def _measured(name: str, asked: Decimal, within: Tolerance) -> Number:
    """Return how a measure fits; the database holds millionths."""
    column = type_coerce(getattr(Product, name), BigInteger)
    limit = within.of(name, asked)
    off = func.abs(column - literal(int(asked * SCALE), BigInteger))
    fit = 1.0 - off * 1.0 / (2 * float(limit * SCALE))
    return case(
        (column.is_(None), looks.NOT_STATED),
        (off <= literal(int(limit * SCALE), BigInteger), fit),
        else_=0.0,
    )
