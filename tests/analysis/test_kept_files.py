"""Files that people give a laboratory: what of them is kept, who gets them back, and how."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lims.analysis.measured import PlatePhoto, Upload
from lims.foundation.database import Base
from lims.library.spectra import SpectrumImport
from tests.analysis.bench import Bench, make_bench
from tests.analysis.instrument import infrared
from tests.makers import Network, api_headers, log_in_client

CANARY = "SENTINEL-50.8466N-4.3528E"
SCRIPT = b"<html><script>alert(1)</script></html>"


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


@pytest.fixture
def key(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "chemist")


@pytest.fixture
def plate(bench: Bench) -> str:
    run = bench.start("tlc-ta", bench.sample())
    bench.session.commit()
    return f"/runs/{run.id}/plate/photograph"


@pytest.fixture
def infra(bench: Bench) -> Any:
    run = bench.start("ftir")
    bench.session.commit()
    return run


def give(client: Any, run: Any, data: bytes, name: str = "a.jdx") -> Any:
    sample_id = str(run.samples[0].sample_id)
    run.samples[0]._sa_instance_state.session.commit()
    typed = {"file": (io.BytesIO(data), name), "sample_id": sample_id, "role": "sample"}
    return client.post(f"/runs/{run.id}/files", data=typed)


def kept(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file() and "files" in one.parts]


def rows_with(session: Session, canary: str) -> list[str]:
    """Return the tables that hold a text in any column."""
    session.rollback()
    found = [
        table.name
        for table in Base.metadata.sorted_tables
        if any(canary in repr(tuple(row)) for row in session.execute(text(_all_of(table.name))))
    ]
    session.commit()
    return found


def _all_of(table: str) -> str:
    return f'SELECT * FROM "{table}"'


# ---------------------------------------------------------------------- what a camera wrote


def photographs() -> Iterator[tuple[str, bytes]]:
    """Give a photograph of each kind with a place and a serial number beside the picture."""
    picture = Image.new("RGB", (300, 300), (250, 250, 245))
    exif = Image.Exif()
    exif[0x010F] = exif[0xA431] = CANARY
    exif.get_ifd(0x8825).update({1: "N", 29: CANARY})
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", CANARY)
    told: dict[str, dict[str, Any]] = {
        "JPEG": {"exif": exif, "comment": CANARY.encode()},
        "PNG": {"exif": exif, "pnginfo": said},
        "WEBP": {"exif": exif, "xmp": CANARY.encode()},
    }
    for kind, facts in told.items():
        file = io.BytesIO()
        picture.save(file, kind, **facts)
        yield kind, file.getvalue() + CANARY.encode()


@pytest.mark.parametrize(("kind", "data"), list(photographs()), ids=["JPEG", "PNG", "WEBP"])
def test_what_a_camera_wrote_stands_nowhere_afterwards(
    chemist: Any, plate: str, session: Session, settings: Any, caplog: Any, kind: str, data: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    assert CANARY.encode() in data
    given = {"photo": (io.BytesIO(data), f"{CANARY}.{kind.lower()}")}
    assert chemist.post(plate, data=given).status_code == 303
    assert rows_with(session, CANARY) == []
    assert len(kept(settings.data_dir)) == 1
    assert CANARY.encode() not in kept(settings.data_dir)[0].read_bytes()
    assert CANARY not in caplog.text
    for address in (plate, f"{plate}/image"):
        assert CANARY.encode() not in chemist.get(address).data


# ---------------------------------------------------------- what an instrument wrote of people


def signed(data: bytes = b"") -> bytes:
    lines = ["##TITLE=synthetic", "##JCAMP-DX=4.24", "##DATA TYPE=INFRARED SPECTRUM"]
    lines += [f"##{label}={CANARY}" for label in ("OWNER", "$OPERATOR", "$USER", "CROSS REFERENCE")]
    lines += ["##XUNITS=1/CM", "##YUNITS=ABSORBANCE", "##XYPOINTS=(XY..XY)"]
    lines += [f"{place}, {place % 7}" for place in range(700, 1700, 10)]
    return "\n".join([*lines, "##END=", ""]).encode() + data


def test_who_measured_stays_in_the_file_alone(
    chemist: Any, key: Any, infra: Any, session: Session, settings: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    data = signed()
    assert give(chemist, infra, data).status_code == 303
    made = session.scalars(select(Upload)).one()
    assert made.state == "read"
    pages = [f"/runs/{infra.id}", f"/runs/{infra.id}/files", "/journal"]
    pages.append(f"/runs/{infra.id}/spectra/{made.spectra[0].id}")
    programs = [f"/api/analysis/files/{made.id}", f"/api/analysis/runs/{infra.id}/files"]
    programs.append(f"/api/analysis/spectra/{made.spectra[0].id}")
    here = f"/runs/{infra.id}/files/{made.id}/content"
    assert rows_with(session, CANARY) == []
    assert [one for one in pages if CANARY in chemist.get(one).text] == []
    assert [one for one in programs if CANARY in chemist.get(one, headers=key).text] == []
    assert CANARY not in caplog.text
    assert chemist.get(here).data == data


def test_a_file_that_is_refused_tells_nothing_of_it_either(
    chemist: Any, infra: Any, session: Session, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    data = signed().replace(b"700, 0", b"700, not a number")
    give(chemist, infra, data)
    assert session.scalars(select(Upload)).one().state == "refused"
    assert rows_with(session, CANARY) == []
    assert CANARY not in caplog.text
    assert CANARY not in chemist.get(f"/runs/{infra.id}/files").text


# ------------------------------------------------------------------------ giving them back


def test_a_file_is_given_back_to_be_kept_and_never_to_be_shown(
    chemist: Any, key: Any, infra: Any, session: Session
) -> None:
    give(chemist, infra, SCRIPT, "../../<b>report</b>.html")
    made = session.scalars(select(Upload)).one()
    for address, headers in (
        (f"/runs/{infra.id}/files/{made.id}/content", {}),
        (f"/api/analysis/files/{made.id}/content", key),
    ):
        answer = chemist.get(address, headers=headers)
        assert answer.data == SCRIPT
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        said = answer.headers["Content-Disposition"]
        assert said.startswith("attachment;") and "/" not in said.replace("UTF-8''", "")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<b>report" not in chemist.get(f"/runs/{infra.id}/files").text


def test_a_photograph_is_a_picture_that_this_house_wrote(
    chemist: Any, plate: str, settings: Any
) -> None:
    data = dict(photographs())["PNG"] + SCRIPT
    chemist.post(plate, data={"photo": (io.BytesIO(data), "a.html")})
    answer = chemist.get(f"{plate}/image")
    assert (answer.mimetype, answer.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"script" not in answer.data


@pytest.mark.parametrize(("account", "status"), [("other_chemist", 404), ("counsellor", 403)])
def test_files_are_for_the_laboratory_that_measured(
    app: Any, chemist: Any, bench: Bench, infra: Any, plate: str, account: str, status: int
) -> None:
    give(chemist, infra, infrared(), "a.csv")
    picture = dict(photographs())["JPEG"]
    chemist.post(plate, data={"photo": (io.BytesIO(picture), "a.jpg")})
    made = bench.session.scalars(select(Upload)).one()
    pages = [f"/runs/{infra.id}/files", f"/runs/{infra.id}/files/{made.id}/content", plate]
    pages += [f"{plate}/image", f"/runs/{infra.id}/spectra/{made.spectra[0].id}/numbers"]
    programs = [f"/api/analysis/files/{made.id}", f"/api/analysis/files/{made.id}/content"]
    programs += [f"/api/analysis{plate}/image", f"/api/analysis/runs/{infra.id}/files"]
    programs.append(f"/api/analysis/spectra/{made.spectra[0].id}")
    bench.session.commit()
    client = log_in_client(app, bench.session, account)
    headers = api_headers(bench.session, account)
    answers = {one: client.get(one).status_code for one in pages}
    answers |= {one: client.get(one, headers=headers).status_code for one in programs}
    assert set(answers.values()) == {status}, answers


# ----------------------------------------------------------------------------- too large


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Too large"), ("fr", "Trop grand"), ("nl", "Te groot")]
)
def test_a_file_over_the_limit_is_refused_in_words_and_nothing_is_lost(
    app: Any,
    chemist: Any,
    infra: Any,
    plate: str,
    session: Session,
    settings: Any,
    language: str,
    words: str,
) -> None:
    give(chemist, infra, infrared(), "first.csv")
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    large = b"1 2\n" * 50_000
    for address, field in (
        (f"/runs/{infra.id}/files", "file"),
        (plate, "photo"),
        ("/library/imports", "file"),
    ):
        given = {field: (io.BytesIO(large), "large.csv")}
        answer = chemist.post(f"{address}?lang={language}", data=given)
        assert answer.status_code == 413 and words in answer.text, address
    assert len(kept(settings.data_dir)) == 1
    assert len(session.scalars(select(Upload)).all()) == 1
    assert session.scalars(select(PlatePhoto)).all() == []
    assert session.scalars(select(SpectrumImport)).all() == []


def test_a_program_that_sends_too_much_gets_a_problem_in_words(
    app: Any, key: Any, infra: Any, plate: str, bench: Bench, settings: Any
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    large = b"1 2\n" * 50_000
    there = f"/api/analysis/runs/{infra.id}/files/{infra.id}?name=a.csv&role=blank"
    bench.session.commit()
    client = app.test_client()
    for address in (there, f"/api/analysis{plate}"):
        answer = client.put(address, data=large, headers=key)
        assert answer.status_code == 413, address
        assert answer.mimetype == "application/problem+json"
    given = {"file": (io.BytesIO(large), "large.msp")}
    answer = client.post("/api/library/spectra/imports", data=given, headers=key)
    assert answer.status_code == 413
    assert kept(settings.data_dir) == []


def test_a_picture_that_swells_is_refused_beside_its_field_and_not_kept(
    chemist: Any, plate: str, settings: Any
) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 200_000
    answer = chemist.post(plate, data={"photo": (io.BytesIO(bomb.getvalue()), "plate.png")})
    assert answer.status_code == 422 and 'id="f-photo-e"' in answer.text
    assert kept(settings.data_dir) == []
