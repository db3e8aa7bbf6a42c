"""Alerts at the command line: what is published now, and CAP files."""

from __future__ import annotations

import json
from typing import Any

import click

from lims.alerts import published
from lims.doors.terminal import LazyGroup, unit_of_work

ELSEWHERE = {
    "check": ("lims.alerts.cap_commands:check_files", "say whether CAP 1.2 files are in order"),
    "certificate": ("lims.alerts.cap_commands:certificate", "show by what others know our alerts"),
}


@click.group(cls=LazyGroup, lazy=ELSEWHERE)
def alerts() -> None:
    """Read published alerts, check CAP files."""


@alerts.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per alert.")
@click.option("--language", type=click.Choice(["fr", "nl", "en"]), default="en")
def list_alerts(as_json: bool, language: str) -> None:
    """List the public messages, the newest first."""
    with unit_of_work(reading=True) as session:
        for one in published.public_alerts(session, language):
            click.echo(json.dumps(_plain(one)) if as_json else _line(one))


def _plain(one: published.PublicAlert) -> dict[str, Any]:
    return {
        "number": one.number,
        "version": one.version,
        "kind": one.kind,
        "state": one.state,
        "level": one.level,
        "headline": one.headline,
        "published_at": one.published_at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }


def _line(one: published.PublicAlert) -> str:
    state = "current" if one.is_current else one.kind if one.ended_at is None else one.state
    return f"{one.number}  {one.published_at:%Y-%m-%d}  {one.level:<11} {state:<10} {one.headline}"
