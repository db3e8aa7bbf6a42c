"""How an entry is hashed: canonical JSON, SHA-256, chained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, text for other types."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def detail_hash(salt: str, body: Mapping[str, Any]) -> str:
    """Return the salted hash of an entry's details."""
    return hashlib.sha256(f"{salt}|{canonical(body)}".encode()).hexdigest()


def entry_hash(
    seq: int,
    at: str,
    actor: str,
    act: str,
    subjects: Sequence[tuple[str, str]],
    details: str,
    previous: str,
) -> str:
    """Return the hash of an entry, which holds the hash of the one before."""
    told = [seq, at, actor, act, sorted([list(pair) for pair in subjects]), details, previous]
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def written(moment: datetime) -> str:
    """Return a moment as it stands in the hash: UTC, microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
