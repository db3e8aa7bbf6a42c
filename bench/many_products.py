"""A synthetic network of a million samples under many products, made inside PostgreSQL: for speed.

Every row is invented. Sizes of products are skewed as real ones are: most hold a few samples, the
largest more than a thousand. Identifiers are hashes of a number, so that rows find each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, text

from lims.findings.records import Detection, Finding
from lims.intake.records import Sample, Visit
from lims.products.records import LookAlike, Product, ProductSample, ProductSubstance

PRODUCTS = 20_000
SKEW = 1.5
WEEKS = 260
KEYS = ("mdma", "cocaine", "ketamine", "amphetamine", "2c-b", "heroin", "caffeine", "pmma")
COLOURS = ("white", "off-white", "yellow", "orange", "red", "pink", "purple", "blue", "green")
SHAPES = ("round", "hexagon", "heart", "square", "shield")
WORDS = ("buoy", "anchor", "kite", "moon", "wave", "rocket", "crown", "skull", "star", "owl")


def fill(connection: Connection, samples: int, sites: Mapping[str, Any], keys: list[Any]) -> None:
    """Fill an installed database whose sites and substances (KEYS, in this order) are given."""
    made = {"samples": samples, "products": PRODUCTS, "points": sites["points"], "keys": keys}
    made |= {"labs": sites["laboratories"], "colours": list(COLOURS), "shapes": list(SHAPES)}
    made |= {"words": list(WORDS), "skew": SKEW, "days": WEEKS * 7}
    connection.execute(text("SELECT setseed(0.20261122)"))
    connection.execute(text(_PLAN), {name: made[name] for name in _OF_THE_PLAN})
    for table, values, source in _TABLES:
        _insert(connection, table.__table__, values, source, made)
    for sentence in _DERIVED:
        connection.execute(text(sentence))
    connection.execute(text("DROP TABLE plan"))


_PLAN = """
CREATE TEMPORARY TABLE plan AS
SELECT n, floor(:products * power(random(), :skew))::int AS product,
       current_date - (floor(:days * power(random(), 1.2)))::int AS day,
       (CAST(:points AS uuid[]))[1 + (n % cardinality(CAST(:points AS uuid[])))] AS point,
       (CAST(:labs AS uuid[]))[1 + (n % cardinality(CAST(:labs AS uuid[])))] AS laboratory,
       random() AS chance, random() AS content
FROM generate_series(1, :samples) AS n
"""
_OF_THE_PLAN = ("samples", "products", "points", "labs", "skew", "days")
_KEY = "(CAST(:keys AS uuid[]))[1 + ({} % 6)]"
_OTHER = "(CAST(:keys AS uuid[]))[7 + (n % 2)]"
_LOOK = {
    "form": "CASE WHEN {p} % 4 = 3 THEN 'powder' ELSE 'tablet' END",
    "colour": "(CAST(:colours AS text[]))[1 + ({p} % 9)]",
    "shape": "(CAST(:shapes AS text[]))[1 + ({p} / 9 % 5)]",
    "length_mm": "7000000 + {p} % 50 * 100000",
    "thickness_mm": "3000000 + {p} % 30 * 100000",
    "unit_mass_mg": "200000000 + {p} % 300 * 1000000",
}
_LOGO = "(CAST(:words AS text[]))[1 + ({p} % 10)] || ' ' || ({p} / 10)"


def _look(place: str) -> dict[str, str]:
    return {name: words.format(p=place) for name, words in _LOOK.items()}


def _id(kind: str, number: str) -> str:
    return f"md5('{kind}' || {number})::uuid"


_RELEASED = "WHERE chance < 0.92"
_TABLES: list[tuple[Any, dict[str, str], str]] = [
    (
        Product,
        {
            "id": _id("product", "p"),
            "number": "'P-' || lpad((p + 1)::text, greatest(4, length((p + 1)::text)), '0')",
            **_look("p"),
            "logo": _LOGO.format(p="p"),
            "logo_folded": f"replace({_LOGO.format(p='p')}, ' ', '')",
            "sold_as_id": _KEY.format("p"),
            "first_seen": "current_date",
            "last_seen": "current_date",
            "danger": "(ARRAY['neutral','neutral','information','caution','warning'])[1 + p % 5]",
        },
        "FROM generate_series(0, :products - 1) AS p",
    ),
    (
        Visit,
        {"id": _id("visit", "n"), "site_id": "point", "day": "day", "registered_by": "'bench'"},
        "FROM plan",
    ),
    (
        Sample,
        {
            "id": _id("sample", "n"),
            "visit_id": _id("visit", "n"),
            "code": "lpad(upper(to_hex(n)), 8, 'X')",
            "site_id": "point",
            "laboratory_id": "laboratory",
            "state": "CASE WHEN chance < 0.92 THEN 'released' ELSE 'received' END",
            **_look("product"),
            "logo": _LOGO.format(p="product"),
            "sold_as_id": _KEY.format("product"),
            "sold_as": "'synthetic'",
            "consent_data": "true",
            "recorded_at": "day",
        },
        "FROM plan",
    ),
    (
        Finding,
        {
            "id": _id("finding", "n"),
            "sample_id": _id("sample", "n"),
            "site_id": "laboratory",
            "version": "1",
            "state": "'released'",
            "match": "CASE WHEN chance < 0.7 THEN 'as-expected' WHEN chance < 0.8"
            " THEN 'expected-plus-other' WHEN chance < 0.88 THEN 'other-instead'"
            " ELSE 'no-active' END",
            "danger": "(ARRAY['neutral','neutral','information','caution','warning'])"
            "[1 + product % 5]",
            "confidence": "'identified'",
            "text_fr": "'Synthétique.'",
            "text_nl": "'Synthetisch.'",
            "text_en": "'Synthetic.'",
            "author": "'bench'",
            "released_at": "day + interval '5 days'",
        },
        f"FROM plan {_RELEASED}",
    ),
    (
        Detection,
        {
            "id": _id("main", "n"),
            "finding_id": _id("finding", "n"),
            "substance_id": _KEY.format("product"),
            "role": "'active-expected'",
            "abundance": "'major'",
            "kind": "CASE WHEN chance < 0.7 THEN 'measured' ELSE 'found' END",
            "value": "CASE WHEN chance < 0.7 THEN"
            " (60 + 150 * content + product % 40)::bigint * 1000000 END",
            "unit": "CASE WHEN chance < 0.7 THEN 'mg/unit' ELSE '' END",
            "expressed_as": "CASE WHEN chance < 0.7 THEN 'HCl' ELSE '' END",
            "uncertainty": "CASE WHEN chance < 0.7 THEN 6000000 END",
        },
        f"FROM plan {_RELEASED}",
    ),
    (
        Detection,
        {
            "id": _id("other", "n"),
            "finding_id": _id("finding", "n"),
            "substance_id": _OTHER,
            "position": "2",
            "role": "'adulterant'",
            "abundance": "'minor'",
            "kind": "'found'",
        },
        "FROM plan WHERE chance < 0.92 AND n % 5 = 0",
    ),
    (
        ProductSample,
        {
            "id": _id("filing", "n"),
            "product_id": _id("product", "product"),
            "sample_id": _id("sample", "n"),
            "current_sample_id": _id("sample", "n"),
            "by": "'program'",
        },
        f"FROM plan {_RELEASED}",
    ),
    (
        ProductSubstance,
        {
            "id": "gen_random_uuid()",
            "product_id": "product_id",
            "substance_id": "substance_id",
            "samples": "samples",
        },
        "FROM (SELECT filed.product_id, found.substance_id, count(*) AS samples"
        " FROM product_sample AS filed JOIN finding ON finding.sample_id = filed.sample_id"
        " JOIN detection AS found ON found.finding_id = finding.id"
        " GROUP BY filed.product_id, found.substance_id) AS counted",
    ),
    (
        LookAlike,
        {
            "id": _id("alike", "p"),
            "product_a_id": f"least({_id('product', 'p')}, {_id('product', '(p + 90)')})",
            "product_b_id": f"greatest({_id('product', 'p')}, {_id('product', '(p + 90)')})",
            "by": "'program'",
        },
        "FROM generate_series(0, :products - 91) AS p",
    ),
]
_DERIVED = (
    """UPDATE product SET samples = seen.samples, first_seen = seen.first, last_seen = seen.last
    FROM (SELECT product_id, count(*) AS samples, min(day) AS first, max(day) AS last
          FROM product_sample JOIN sample ON sample.id = sample_id
          JOIN visit ON visit.id = visit_id GROUP BY product_id) AS seen
    WHERE seen.product_id = product.id""",
)


def _insert(
    connection: Connection, table: Table, values: dict[str, str], source: str, made: dict[str, Any]
) -> None:
    """Insert what a query gives; columns that it does not name get what the records give them."""
    given = {**{one.name: told for one in table.columns if (told := _usual(one))}, **values}
    given["row_version"] = "1"
    columns = [one.name for one in table.columns if one.name in given]
    told = ", ".join(given[name] for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    sentence = f"INSERT INTO {table.name} ({names}) SELECT {told} {source}"
    asked = {name: value for name, value in made.items() if f":{name}" in sentence}
    connection.execute(text(sentence.replace("::", "\\:\\:")), asked)


def _usual(column: Any) -> str:
    """Return the SQL of a column's usual value, empty where the database may leave it out."""
    if column.nullable or column.default is None or column.server_default is not None:
        return ""
    usual = column.default.arg
    if column.default.is_callable:
        return "'[]'" if "JSON" in str(column.type) and "list" in str(usual) else _moment(column)
    if isinstance(usual, bool):
        return str(usual).lower()
    return f"'{usual}'" if isinstance(usual, str) else str(usual)


def _moment(column: Any) -> str:
    kind = str(column.type).upper()
    return "'{}'" if "JSON" in kind else "now()" if "DATE" in kind or "TIME" in kind else ""
