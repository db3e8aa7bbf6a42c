from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from lims.analysis.measured import MeasuredSpectrum, Upload
from lims.findings import referable, references
from lims.findings.records import Detection
from lims.findings.references import AddConfirmedAsReference
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.library import collection, own_spectra
from lims.library.own_spectra import ReviewSpectrum
from tests.findings.makers import run, sample
from tests.makers import (
    Network,
    api_headers,
    log_in_client,
    make_released_finding,
    make_substance,
)


def measured(session: Session, on: Any, of_run: Any, kind: str = "ei", **given: Any) -> Any:
    """Return a synthetic spectrum of a run."""
    x, y = np.array([58.0, 77.0, 135.0]), np.array([999.0, 40.0, 120.0])
    told = {"sample_id": on.id, "name": "a.msp", "sha256": uuid.uuid4().hex * 2, "size": 1}
    upload = Upload(run_id=of_run.id, state="read", by="chemist", **(told | given))
    sticks = kind in ("ei", "msms")
    units = {"x_unit": "m/z", "y_unit": "relative"} if sticks else {"x_unit": "cm-1"}
    spectrum = MeasuredSpectrum(
        upload=upload,
        kind=kind,
        x=x.astype("<f8").tobytes(),
        y=y.astype("<f8").tobytes(),
        points=3,
        sticks=sticks,
        facts={"retention_index": "1490"},
        **{"y_unit": "absorbance", **units},
    )
    session.add_all([upload, spectrum])
    session.flush()
    return spectrum


def detection(substance: Any, kind: str = "measured", position: int = 1) -> Detection:
    named = {"substance_id": substance.id, "substance": substance, "position": position}
    return Detection(role="expected", abundance="major", kind=kind, **named)


@pytest.fixture
def mdma(session: Session, network: Network) -> Any:
    return make_substance(session, "mdma")


@pytest.fixture
def confirmed(session: Session, network: Network, mdma: Any) -> Any:
    """Give a confirmed finding on a sample in which one substance was found."""
    on = sample(session, network, mdma)
    finding = make_released_finding(session, network, on, confidence="confirmed")
    finding.detections.append(detection(mdma))
    session.flush()
    session.refresh(finding)
    return finding


@pytest.fixture
def spectrum(session: Session, network: Network, confirmed: Any) -> Any:
    return measured(session, confirmed.sample, run(session, network, confirmed.sample, "gcms", []))


def test_a_confirmed_sample_becomes_a_draft_reference_that_tells_where_it_comes_from(
    session: Session, network: Network, confirmed: Any, spectrum: Any, mdma: Any
) -> None:
    command = AddConfirmedAsReference(confirmed.id, spectrum.id)
    added = references.add_confirmed_as_reference(session, network.chemist, command)
    assert (added.state, added.library.own, added.substance_id) == ("draft", True, mdma.id)
    assert (added.sample_id, added.run_id) == (confirmed.sample_id, spectrum.upload.run_id)
    assert added.retention_index == 1490
    again = references.add_confirmed_as_reference(session, network.chemist, command)
    assert again.id == added.id
    offered = referable.referable(session, confirmed)
    assert [one.reference.id for one in offered if one.reference] == [added.id]
    assert list(collection.spectra_in_use(session, "ei")) == []
    own_spectra.review_spectrum(session, network.head, ReviewSpectrum(added.id))
    assert len(list(collection.spectra_in_use(session, "ei"))) == 1


@pytest.mark.parametrize("wrong", [{"confidence": "identified"}, {"state": "draft"}])
def test_what_is_not_confirmed_and_released_is_no_reference(
    session: Session, network: Network, confirmed: Any, spectrum: Any, wrong: dict[str, str]
) -> None:
    for name, value in wrong.items():
        setattr(confirmed, name, value)
    session.flush()
    assert referable.referable(session, confirmed) == []
    with pytest.raises(Refused, match="confirmed"):
        references.add_confirmed_as_reference(
            session, network.chemist, AddConfirmedAsReference(confirmed.id, spectrum.id)
        )


def test_the_infrared_spectrum_of_a_mixture_is_no_reference_of_one_substance(
    session: Session, network: Network, confirmed: Any
) -> None:
    other = make_substance(session, "caffeine")
    confirmed.detections.append(detection(other, "detected", 2))
    at_once = run(session, network, confirmed.sample, "ftir", [])
    spectrum = measured(session, confirmed.sample, at_once, "ir")
    command = AddConfirmedAsReference(confirmed.id, spectrum.id, other.id)
    with pytest.raises(Refused, match="mixture"):
        references.add_confirmed_as_reference(session, network.chemist, command)
    apart = measured(session, confirmed.sample, at_once, "ei")
    with pytest.raises(Invalid):
        references.add_confirmed_as_reference(
            session, network.chemist, AddConfirmedAsReference(confirmed.id, apart.id)
        )
    chosen = AddConfirmedAsReference(confirmed.id, apart.id, other.id)
    added = references.add_confirmed_as_reference(session, network.chemist, chosen)
    assert added.substance_id == other.id


def test_only_a_spectrum_of_this_sample_in_a_verified_run_can_be_taken(
    session: Session, network: Network, confirmed: Any
) -> None:
    on = confirmed.sample
    waiting = measured(session, on, run(session, network, on, "gcms", [], state="to verify"))
    verified = run(session, network, on, "gcms", [])
    blank = measured(session, on, verified, role="blank")
    another = sample(session, network)
    of_another = measured(session, another, run(session, network, another, "gcms", []))
    for one in (waiting, blank, of_another):
        with pytest.raises(NotFound):
            references.add_confirmed_as_reference(
                session, network.chemist, AddConfirmedAsReference(confirmed.id, one.id)
            )


def test_the_button_and_the_program_do_the_same(
    app: Any, session: Session, network: Network, confirmed: Any, spectrum: Any
) -> None:
    session.commit()
    finding_id, spectrum_id = confirmed.id, str(spectrum.id)
    chemist = log_in_client(app, session, "chemist")
    assert "Add as a reference" in chemist.get(f"/findings/{finding_id}").text
    address = f"/findings/{finding_id}/references"
    assert chemist.post(address, data={"spectrum_id": spectrum_id}).status_code == 303
    shown = chemist.get(f"/findings/{finding_id}").text
    assert "It is a reference" in shown and "draft reference" in shown
    told = {"finding_id": str(finding_id), "spectrum_id": spectrum_id}
    keys = api_headers(session, "chemist")
    answer = app.test_client().post("/api/findings/references", json=told, headers=keys)
    assert (answer.status_code, answer.json["state"]) == (201, "draft")


def test_those_without_the_duty_are_refused_through_every_door(
    app: Any, session: Session, network: Network, confirmed: Any, spectrum: Any
) -> None:
    session.commit()
    finding_id, spectrum_id = confirmed.id, str(spectrum.id)
    with pytest.raises(NotPermitted):
        references.add_confirmed_as_reference(
            session, network.worker, AddConfirmedAsReference(finding_id, spectrum.id)
        )
    session.rollback()
    worker = log_in_client(app, session, "worker")
    address = f"/findings/{finding_id}/references"
    assert worker.post(address, data={"spectrum_id": spectrum_id}).status_code == 403
    assert "Add as a reference" not in worker.get(f"/findings/{finding_id}").text
    told = {"finding_id": str(finding_id), "spectrum_id": spectrum_id}
    keys = api_headers(session, "worker")
    api = app.test_client()
    assert api.post("/api/findings/references", json=told, headers=keys).status_code == 403
