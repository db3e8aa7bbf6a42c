from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.analysis.bench import Bench
from tests.identification.spectra import make_spectral_bench, spectrum_of
from tests.makers import Network, api_headers, log_in_client

LANGUAGES = ("en", "fr", "nl")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_spectral_bench(session, network)


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


@pytest.fixture
def key(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "chemist")


@pytest.fixture
def folder(settings: Any) -> Path:
    found: Path = settings.data_dir
    return found


@pytest.fixture
def measured(bench: Bench, folder: Path) -> Any:
    made = spectrum_of(bench, folder)
    bench.session.commit()
    return made


def address(measured: Any, more: str = "") -> str:
    return f"/runs/{measured.upload.run_id}/spectra/{measured.id}{more}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", ["search", "mixture", "rest"])
def test_the_page_of_a_spectrum_opens_in_every_language(
    chemist: Any, measured: Any, language: str, view: str
) -> None:
    page = chemist.get(address(measured, f"?view={view}&lang={language}"))
    assert page.status_code == 200 and "<svg" in page.text
    assert "SYNTHETIC-A" in page.text or view == "rest"
