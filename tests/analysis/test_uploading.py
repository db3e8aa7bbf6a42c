from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given as each_example
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import holdings
from lims.analysis.instruments import Told
from lims.analysis.measured import MeasuredSpectrum, Upload
from lims.analysis.operations import SubmitRun, submit_run
from lims.analysis.records import Answer
from lims.analysis.uploading import (
    ReadAgain,
    RemoveFile,
    TakeScans,
    read_file_again,
    remove_file,
    take_scans,
)
from lims.foundation import files
from lims.foundation.errors import Invalid, Refused
from lims.foundation.sentences import restore
from lims.journal.records import JournalDetail, JournalEntry
from tests.analysis.bench import Bench, fields, make_bench
from tests.analysis.instrument import IONS, csv_file, curve, give, infrared, mass_file, several
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


@pytest.fixture
def run(bench: Bench) -> Any:
    return bench.start("ftir")


def why(upload: Upload) -> str:
    return str(restore(upload.refusal))


def test_a_file_is_kept_byte_for_byte_and_read(bench: Bench, run: Any, tmp_path: Path) -> None:
    data = infrared()
    made = give(bench, run, data, tmp_path)
    assert (made.state, made.refusal, made.size) == ("read", {}, len(data))
    assert files.fetch(tmp_path, made.sha256) == data
    (spectrum,) = made.spectra
    assert (spectrum.kind, spectrum.x_unit, spectrum.y_unit) == ("ir", "cm-1", "absorbance")
    read = holdings.spectrum_of(spectrum)
    assert np.allclose(read.x, curve()[0]) and np.allclose(read.y, curve()[1], atol=1e-6)


@pytest.mark.parametrize("data", [b"", b"\x00\x01rubbish", infrared()[:40]], ids=len)
def test_a_file_that_cannot_be_read_is_kept_with_one_sentence(
    bench: Bench, run: Any, tmp_path: Path, data: bytes
) -> None:
    made = give(bench, run, data, tmp_path)
    assert made.state == "refused" and made.spectra == []
    assert why(made).endswith((".", "?")) and "Traceback" not in why(made)
    assert files.fetch(tmp_path, made.sha256) == data


def test_a_file_of_another_technique_is_refused_in_words_and_kept(
    bench: Bench, tmp_path: Path
) -> None:
    gas, infra = bench.start("gc-ms"), bench.start("ftir")
    curve_on_gas = give(bench, gas, infrared(), tmp_path)
    assert curve_on_gas.state == "refused"
    assert "infrared spectrum" in why(curve_on_gas) and "electron ionisation" in why(curve_on_gas)
    ions_on_infra = give(bench, infra, mass_file(), tmp_path, name="a.msp")
    assert ions_on_infra.state == "refused" and "mass spectrum" in why(ions_on_infra)


def test_a_curve_along_another_axis_is_no_infrared_spectrum(
    bench: Bench, run: Any, tmp_path: Path
) -> None:
    head = "##TITLE=x\n##JCAMP-DX=5.00\n##DATA TYPE={}\n##XUNITS={}\n##YUNITS=ARBITRARY UNITS\n"
    points = "##XYPOINTS=(XY..XY)\n" + "".join(f"{n}, {n % 7}\n" for n in range(700, 1700, 10))
    for technique, unit in (("NMR SPECTRUM", "HZ"), ("NEAR INFRARED", "NANOMETERS")):
        made = give(
            bench, run, (head.format(technique, unit) + points + "##END=\n").encode(), tmp_path
        )
        assert made.state == "refused" and "infrared spectrum" in why(made), technique


def test_columns_without_a_head_are_asked_for_and_read_again(
    bench: Bench, run: Any, session: Session, tmp_path: Path
) -> None:
    made = give(bench, run, infrared(head=""), tmp_path)
    assert made.state == "refused" and "absorbance or transmittance" in why(made)
    again = ReadAgain(made.id, tmp_path, Told(y_unit="percent transmittance"))
    made = read_file_again(session, bench.network.chemist, again)
    assert made.state == "read" and made.spectra[0].y_unit == "percent transmittance"
    assert made.told == {"y_unit": "percent transmittance"}


def test_what_a_person_says_of_the_units_is_read_at_once(
    bench: Bench, run: Any, tmp_path: Path
) -> None:
    made = give(bench, run, infrared(head=""), tmp_path, told={"y_unit": "absorbance"})
    assert made.state == "read" and made.spectra[0].y_unit == "absorbance"


def test_the_same_bytes_twice_are_recognised(bench: Bench, run: Any, tmp_path: Path) -> None:
    give(bench, run, infrared(), tmp_path, name="first.csv")
    with pytest.raises(Invalid) as refusal:
        give(bench, run, infrared(), tmp_path, name="second.csv")
    assert fields(refusal) == {"file"} and "first.csv" in str(refusal.value.problems[0].message)
    background = give(bench, run, infrared(), tmp_path, role="background", sample_id=None)
    assert background.state == "read"


def test_bytes_of_another_run_are_pointed_out(
    bench: Bench, run: Any, session: Session, tmp_path: Path
) -> None:
    other = bench.start("ftir")
    give(bench, other, infrared(), tmp_path)
    made = give(bench, run, infrared(), tmp_path)
    assert holdings.same_files(session, [made])[made.id] == [other.number]


def test_a_file_is_of_a_sample_of_its_run(bench: Bench, run: Any, tmp_path: Path) -> None:
    for sample_id in (None, uuid.uuid4(), bench.sample().id):
        with pytest.raises(Invalid) as refusal:
            give(bench, run, infrared(), tmp_path, sample_id=sample_id)
        assert fields(refusal) == {"sample_id"}


def test_a_technique_without_an_instrument_takes_no_file(bench: Bench, tmp_path: Path) -> None:
    run = bench.start("weighing")
    with pytest.raises(Refused):
        give(bench, run, infrared(), tmp_path)


def test_only_the_analyst_gives_files_and_only_while_the_run_is_open(
    bench: Bench, run: Any, session: Session, tmp_path: Path
) -> None:
    with pytest.raises(Refused):
        give(bench, run, infrared(), tmp_path, actor=bench.network.second_chemist)
    made = give(bench, run, infrared(), tmp_path)
    submit_run(session, bench.network.chemist, SubmitRun(run.id, run.row_version))
    session.flush()
    for late in (
        lambda: give(bench, run, infrared((800, 9, 1.0)), tmp_path),
        lambda: remove_file(session, bench.network.chemist, RemoveFile(made.id)),
        lambda: read_file_again(session, bench.network.chemist, ReadAgain(made.id, tmp_path)),
    ):
        with pytest.raises(Refused):
            late()


def test_giving_a_file_does_not_disturb_what_is_typed_in_the_run(
    bench: Bench, run: Any, tmp_path: Path
) -> None:
    before = run.row_version
    give(bench, run, infrared(), tmp_path)
    assert run.row_version == before


def test_a_file_is_taken_off_and_the_journal_tells(
    bench: Bench, run: Any, session: Session, tmp_path: Path
) -> None:
    made = give(bench, run, infrared(), tmp_path, name="wrong.csv")
    remove_file(session, bench.network.chemist, RemoveFile(made.id))
    assert session.scalars(select(Upload)).all() == []
    assert session.scalars(select(MeasuredSpectrum)).all() == []
    entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "remove file")).one()
    assert "wrong.csv" in str(session.get_one(JournalDetail, entry.seq).body)


def test_a_file_that_an_answer_stands_on_stays(
    bench: Bench, run: Any, session: Session, tmp_path: Path
) -> None:
    made = give(bench, run, infrared(), tmp_path)
    stands = {"spectrum_id": str(made.spectra[0].id)}
    run.answers.append(
        Answer(sample_id=made.sample_id, kind="found", evidence=stands, group="U-0001")
    )
    session.flush()
    for act in (
        lambda: remove_file(session, bench.network.chemist, RemoveFile(made.id)),
        lambda: read_file_again(session, bench.network.chemist, ReadAgain(made.id, tmp_path)),
    ):
        with pytest.raises(Refused):
            act()


def test_several_spectra_of_a_file_are_all_kept_and_can_be_averaged(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    run = bench.start("gc-ms")
    bleed = ((207, 40.0), (281, 20.0))
    data = several(bleed, (*IONS, *bleed), (*IONS, *bleed), bleed)
    made = give(bench, run, data, tmp_path, name="run.msp")
    assert len(made.spectra) == 4 and len(made.scans["sums"]) == 4
    wanted = TakeScans(made.id, tmp_path, 2, 3, 1, 1)
    mean = take_scans(session, bench.network.chemist, wanted)
    assert mean.facts["scans"] == "2–3" and mean.block == 4
    read = holdings.spectrum_of(mean)
    assert dict(zip(read.x, read.y, strict=True)) == pytest.approx(dict(IONS))


@pytest.mark.parametrize(
    ("first", "last", "field"), [(0, 1, "first"), (3, 2, "last"), (1, 9, "last")]
)
def test_scans_outside_the_file_are_refused(
    bench: Bench, session: Session, tmp_path: Path, first: int, last: int, field: str
) -> None:
    run = bench.start("gc-ms")
    made = give(bench, run, several(IONS, IONS, IONS), tmp_path, name="run.msp")
    with pytest.raises(Invalid) as refusal:
        take_scans(session, bench.network.chemist, TakeScans(made.id, tmp_path, first, last))
    assert fields(refusal) == {field}


def test_a_library_is_not_a_sample(bench: Bench, tmp_path: Path) -> None:
    run = bench.start("gc-ms")
    made = give(bench, run, several(*[IONS] * 61), tmp_path, name="library.msp")
    assert made.state == "refused" and "61" in why(made) and made.spectra == []


def test_a_name_never_becomes_a_path(bench: Bench, run: Any, tmp_path: Path) -> None:
    made = give(bench, run, infrared(), tmp_path, name="../../etc/\x00passwd\n.csv")
    assert made.name == "passwd.csv"
    assert files.fetch(tmp_path, made.sha256) == infrared()
    assert not list(tmp_path.rglob("passwd*"))


@each_example(
    st.binary(max_size=200),
    st.integers(0, 4000),
    st.sampled_from(["a.csv", "a.jdx", "a.msp", "a.spc", "a"]),
)
@settings(max_examples=40)
def test_no_mutilated_file_breaks_the_run(
    bench: Bench, tmp_path_factory: Any, piece: bytes, at: int, name: str
) -> None:
    whole = csv_file(*curve())
    run = bench.start("ftir")
    made = give(
        bench, run, whole[:at] + piece + whole[at:], tmp_path_factory.mktemp("f"), name=name
    )
    assert made.state == "read" or why(made)
