from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.cli import main
from lims.exchange import operations
from lims.exchange.operations import ImportResults, ResolveName
from lims.exchange.records import UnresolvedName
from lims.exchange.sources import read_files
from lims.exchange.sources.rows import QuantityKind
from lims.foundation.errors import Refused
from lims.library.records import Substance
from lims.surveillance.observations import RebuildObservations, rebuild_observations
from lims.surveillance.observed import Observation
from lims.wiring import connect
from tests.exchange.deliveries import ECSTASY
from tests.exchange.library import load_library
from tests.makers import make_network

HEADER = (
    "file_month,Health Authority,Sample ID,Visit Date,Collection Site,City/Town,Drug,Category,Quant"
)
QUANT = (
    HEADER + "\n"
    "Jan 2026,Synthetic North,S1,2026-01-05,A secret corner,Smalltown,Fentanyl,Opioid,9.5\n"
    "x,Synthetic North,S2,2026-01-06,A secret corner,Smalltown,Down (Unknown Opioid),Opioid,0\n"
    "Jan 2026,Synthetic South,S3,not a day,Another,Bigtown,Heroin,Opioid,much\n"
)
TODAY = date(2026, 2, 1)


def test_amounts_of_british_columbia_are_read_by_health_authority_and_no_finer() -> None:
    reading = read_files({"bc.csv": QUANT.encode()}, "bc_quant", TODAY)
    first, nothing, odd = reading.samples
    assert (first.region, first.sold_as, first.received) == (
        "Synthetic North",
        "Fentanyl",
        date(2026, 1, 5),
    )
    found = first.detections[0]
    assert (found.amount, found.quantity_kind) == (Decimal("9.5"), QuantityKind.PERCENT)
    assert nothing.detections == () and nothing.analysed
    assert odd.received is None and odd.detections[0].amount is None
    assert {(problem.row, problem.column) for problem in reading.problems} == {
        (4, "visit_date"),
        (4, "quant"),
    }
    kept = json.dumps([sample.raw for sample in reading.samples])
    assert "secret" not in kept and "town" not in kept


def test_a_table_of_amounts_that_was_cut_off_is_refused() -> None:
    with pytest.raises(Refused):
        read_files({"bc.csv": QUANT[:-12].encode()}, "bc_quant", TODAY)
    with pytest.raises(Refused):
        read_files({"bc.txt": QUANT.encode()}, "bc_quant", TODAY)


def test_an_import_is_counted_and_a_name_that_is_decided_counts_again(session: Session) -> None:
    network = make_network(session)
    load_library(session)
    connect()
    header = "sample_id,received,sold_as,form,region,analysed,substance,amount,unit"
    rows = "D1,2026-01-05,mdma,tablet,North,yes,mdma,100,mg\n"
    rows += "D1,,,,,,A name of nobody,,\nD2,,mdma,tablet,North,yes,mdma,,\n"
    files = {"samples.csv": f"{header}\n{rows}".encode()}
    operations.import_results(session, network.coordinator, ImportResults("csv", files))
    session.commit()

    def counted() -> list[str]:
        query = select(Substance.key).join(Observation, Observation.counted_as_id == Substance.id)
        return sorted(session.scalars(query.where(Observation.counts)))

    assert counted() == ["mdma"]  # a sample without a day has no week to be counted in
    waiting = session.scalars(select(UnresolvedName)).one()
    command = ResolveName(waiting.id, "caffeine")
    operations.resolve_name(session, network.coordinator, command)
    session.commit()
    assert counted() == ["caffeine", "mdma"]
    rebuild_observations(session, network.coordinator, RebuildObservations())
    session.commit()
    assert counted() == ["caffeine", "mdma"]


def delivery(folder: Path) -> None:
    """Write thirty quiet weeks and four with another amount; everything invented."""
    lines = [HEADER]
    for week in range(34):
        for place in range(6):
            day = date(2025, 3, 3) + timedelta(weeks=week, days=place % 5)
            amount = (20 if week >= 30 else 10) + place % 3
            sample = f"S{week}-{place}"
            lines.append(f"x,Synthetic North,{sample},{day},Corner,Town,Fentanyl,Opioid,{amount}")
    (folder / "bc_fentanyl_quant.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_replay_tells_what_fired_when_and_nothing_fires_at_once(tmp_path: Path) -> None:
    delivery(tmp_path)
    command = ["evaluate", "replay", "--data", str(tmp_path), "--source", "bc_quant", "--json"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["samples"], told["weeks"], told["at_once"]["signals"]) == (204, 34, 0)
    assert [(one["week"], one["algorithm"]) for one in told["fired"]] == [
        ("2025-W41", "dose-drift")
    ]


def test_one_product_of_one_service_day_and_place_is_one_lot(session: Session) -> None:
    network = make_network(session)
    load_library(session)
    connect()
    rows = [
        "1,1,Invented,2015-01-02,Town,,Nowhere,x,1,Blue Comet,,310.0",
        "2,1,Invented,2015-01-02,Town,,Nowhere,x,1,blue comet,,298.5",
        "3,1,Invented,2015-01-02,Elsewhere,,Nowhere,x,1,Blue Comet,,",
        "4,2,Another,2015-01-02,Town,,Nowhere,x,1,Blue Comet,,",
        "5,1,Invented,2015-01-02,Town,,Nowhere,x,1,[unspecified],,",
        "6,1,Invented,2015-01-02,Town,,Nowhere,x,1,[unspecified],,",
    ]
    header = ECSTASY["samples.csv"].splitlines()[0].decode()
    found = "sample_id,substance,parts,parts_unit,parts_is_mg,parts_ambiguous,fraction_of_parts\n"
    files = {
        "samples.csv": "\n".join((header, *rows, "")).encode(),
        "detections.csv": (
            found + "".join(f"{n},MDMA,1,ratio,0,0,1\n" for n in range(1, 7))
        ).encode(),
    }
    operations.import_results(session, network.coordinator, ImportResults("ecstasydata", files))
    session.commit()
    lots = session.scalars(select(Observation.lot).where(Observation.substance_id.is_(None)))
    assert sorted(Counter(lots).values()) == [1, 1, 1, 1, 2]
