"""Devices at the command line: list, withdraw, bring in an exported queue, change the key."""

from __future__ import annotations

import uuid
from pathlib import Path

import click

from lims.doors import terminal
from lims.intake import device_queries, devices, queue_import
from lims.intake.device_schemas import told_row
from lims.intake.queue_files import read_queue
from lims.network.queries import OPERATOR


@click.group("devices")
def devices_group() -> None:
    """List and withdraw devices, bring in an exported queue, change the key."""


@devices_group.command("list")
@click.option("--page", type=click.IntRange(1, 100_000), default=1, show_default=True)
def list_devices(page: int) -> None:
    """List the devices, those in use first, with what they still have in hand."""
    with terminal.unit_of_work(reading=True) as session:
        rows, total = device_queries.devices(session, OPERATOR, page)
        for one in rows:
            device = one.device
            state = "withdrawn" if device.withdrawn_at else f"{one.codes} codes left"
            seen = device.last_seen or "never"
            click.echo(f"{device.id}  {device.name}  {device.site.name}  seen {seen}  {state}")
    click.echo(f"{total} devices")


@devices_group.command("withdraw")
@click.argument("device_id", type=click.UUID)
@click.option("--reason", required=True, help="Such as: lost at the festival.")
def withdraw(device_id: uuid.UUID, reason: str) -> None:
    """Withdraw a device: nothing is taken from it any more."""
    with terminal.unit_of_work() as session:
        command = devices.WithdrawDevice(device_id, reason)
        device = devices.withdraw_device(session, OPERATOR, command)
    click.echo(f"{device.name} is withdrawn; its unused codes are void.")


@devices_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry", is_flag=True, help="Only tell what would become of each record.")
def import_file(file: Path, dry: bool) -> None:
    """Take the exported queue of a device, record by record."""
    folder = terminal.settings().data_dir
    with terminal.unit_of_work() as session:
        rows = read_queue(file.read_bytes())
        command = queue_import.ImportQueue(rows, folder)
        found = queue_import.import_queue(session, OPERATOR, command)
        if dry:
            session.rollback()
    for row in found:
        told = told_row(row, "en")
        wrong = "".join(f"\n    {one['field']}: {one['message']}" for one in told["errors"])
        why = f": {told['detail']}" if row.outcome == queue_import.Outcome.REFUSED else ""
        click.echo(f"{row.seq:>6}  {told['words']}{why}{wrong}")
    refused = sum(1 for row in found if row.outcome == queue_import.Outcome.REFUSED)
    click.echo(f"{len(found)} records, {refused} refused" + (" (nothing was kept)" if dry else ""))


@devices_group.command("rotate-key")
@click.option("--drop-old", is_flag=True, help="Destroy older keys to which no device seals.")
def rotate_key(drop_old: bool) -> None:
    """Make a new key to which devices seal; older keys still open what was sealed to them."""
    folder = terminal.settings().data_dir
    with terminal.unit_of_work() as session:
        rotated = devices.rotate_key(session, OPERATOR, devices.RotateKey(folder, drop_old))
    click.echo(f"Devices seal to {rotated.key} from their next contact.")
    for key, waiting in rotated.older:
        click.echo(f"{key} still opens: {waiting} devices have sent nothing under a newer key.")
    for key in rotated.dropped:
        click.echo(f"{key} is destroyed.")
