from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.findings.operations import DraftFinding, EditFinding, draft_finding, edit_finding
from lims.findings.records import Finding
from lims.findings.statements import tell
from lims.foundation.errors import Invalid
from lims.identification.fusing import KeepFusion, keep_fusion
from tests.findings import makers
from tests.makers import log_in_client

pytestmark = pytest.mark.usefixtures("network")


@pytest.fixture(autouse=True)
def lists(session: Session, network: Any) -> None:
    makers.ready(session, network)
    session.commit()


def found_by(session: Session, network: Any, *techniques: str) -> Any:
    """Return a sample at the laboratory in which some techniques found MDMA."""
    mdma = makers.mdma(session)
    sample = makers.sample(session, network, mdma)
    sample.laboratory_id = network.laboratory.id
    for technique in techniques:
        makers.run(session, network, sample, technique, [{"substance": mdma}])
    return sample


def edited(session: Session, network: Any, found: Finding, list_id: uuid.UUID | None) -> Finding:
    command = EditFinding(found.id, match=found.match, evidence_list_id=list_id)
    return edit_finding(session, network.chemist, command)


def test_a_finding_cites_the_evidence_kept_of_its_sample(session: Session, network: Any) -> None:
    sample = found_by(session, network, "ftir")
    kept = keep_fusion(session, network.chemist, KeepFusion(sample.id))
    found = draft_finding(session, network.chemist, DraftFinding(sample.id))
    assert edited(session, network, found, kept.id).evidence_list_id == kept.id
    assert edited(session, network, found, None).evidence_list_id is None


def test_evidence_of_another_sample_cannot_be_cited(session: Session, network: Any) -> None:
    other = found_by(session, network, "ftir")
    kept = keep_fusion(session, network.chemist, KeepFusion(other.id))
    sample = found_by(session, network, "ftir")
    found = draft_finding(session, network.chemist, DraftFinding(sample.id))
    for wrong in (kept.id, uuid.uuid4()):
        with pytest.raises(Invalid):
            edited(session, network, found, wrong)


def test_the_reason_of_the_certainty_says_what_would_lift_it(
    session: Session, network: Any
) -> None:
    sample = found_by(session, network, "ftir")
    found = draft_finding(session, network.chemist, DraftFinding(sample.id))
    reason = tell(found.confidence_reason, "en")
    assert "SWGDRUG" in reason and "would make it confirmed" in reason and "%(" not in reason


def test_the_editor_offers_what_was_kept_and_the_page_links_it(
    app: Any, session: Session, network: Any
) -> None:
    sample = found_by(session, network, "ftir")
    kept = keep_fusion(session, network.chemist, KeepFusion(sample.id))
    found = draft_finding(session, network.chemist, DraftFinding(sample.id))
    address, list_id = f"/findings/{found.id}", str(kept.id)
    edited(session, network, found, kept.id)
    session.commit()
    client = log_in_client(app, session, "chemist")
    page = client.get(address).text
    assert f'value="{list_id}" selected' in page and f"/candidates/{list_id}" in page
    assert client.get(f"/candidates/{list_id}").status_code == 200
