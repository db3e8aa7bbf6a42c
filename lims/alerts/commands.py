"""Alerts at the command line: what is published now, what is queued, and CAP files."""

from __future__ import annotations

import json
import threading
from typing import Any

import click

from lims.alerts import published
from lims.doors import terminal
from lims.doors.terminal import LazyGroup, unit_of_work

ELSEWHERE = {
    "check": ("lims.alerts.cap_commands:check_files", "say whether CAP 1.2 files are in order"),
    "certificate": ("lims.alerts.cap_commands:certificate", "show by what others know our alerts"),
}


@click.group(cls=LazyGroup, lazy=ELSEWHERE)
def alerts() -> None:
    """Read published alerts, send what is queued, check CAP files."""


@alerts.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per alert.")
@click.option("--language", type=click.Choice(["fr", "nl", "en"]), default="en")
def list_alerts(as_json: bool, language: str) -> None:
    """List the public messages, the newest first."""
    with unit_of_work(reading=True) as session:
        for one in published.public_alerts(session, language):
            click.echo(json.dumps(_plain(one)) if as_json else _line(one))


@alerts.command("deliver")
@click.option("--once", is_flag=True, help="Send what is due now, then end.")
def deliver(once: bool) -> None:
    """Send the messages that are queued; `lims worker` and `lims serve` do it by themselves."""
    from lims.alerts.sending import Postman

    settings = terminal.settings()
    engine = terminal.engine_of(settings)
    post = Postman(engine, settings)
    post.look_around()
    if once:
        click.echo(f"taken up: {post.deliver_all()}")
    else:
        post.work_until(threading.Event())
    engine.dispose()


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
