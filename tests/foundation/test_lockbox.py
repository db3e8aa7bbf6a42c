from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lims.foundation import lockbox
from lims.foundation.errors import Refused


def test_a_secret_opens_for_its_purpose_and_for_no_other(tmp_path: Path) -> None:
    kept = lockbox.lock(tmp_path, "webhook 1", "the secret")
    assert "the secret" not in kept
    assert lockbox.unlock(tmp_path, "webhook 1", kept) == "the secret"
    with pytest.raises(Refused):
        lockbox.unlock(tmp_path, "webhook 2", kept)


def test_without_the_key_of_the_server_nothing_opens(tmp_path: Path) -> None:
    kept = lockbox.lock(tmp_path / "here", "webhook 1", "the secret")
    with pytest.raises(Refused):
        lockbox.unlock(tmp_path / "elsewhere", "webhook 1", kept)


@pytest.mark.parametrize("damaged", ["", "AAAA", "not base64 at all é"])
def test_what_is_damaged_is_refused_in_words(tmp_path: Path, damaged: str) -> None:
    with pytest.raises(Refused):
        lockbox.unlock(tmp_path, "webhook 1", damaged)


def test_the_key_is_read_by_the_account_of_the_server_alone(tmp_path: Path) -> None:
    lockbox.lock(tmp_path, "webhook 1", "the secret")
    place = tmp_path / "keys" / lockbox.KEY
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
