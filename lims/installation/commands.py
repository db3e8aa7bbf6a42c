"""The commands that start everything: make a database ready, show a demonstration, serve."""

from __future__ import annotations

import os
from pathlib import Path

import click
from sqlalchemy.orm import Session

from lims.alerts.cap import station
from lims.doors import terminal
from lims.foundation import sealing
from lims.foundation.database import open_session
from lims.foundation.errors import Refusal
from lims.foundation.settings import SAMPLE_SECRET, Settings, read_settings, refuse_sample_secret
from lims.foundation.words import say
from lims.installation import installing, servers
from lims.migrations import moves
from lims.network import queries as network
from lims.overview import queries

PART = ".part"
"""A demonstration that is not complete yet stands in a file with this at the end of its name."""


@click.command("init")
@click.option("--demo", "with_demonstration", is_flag=True, help="add the demonstration network")
def init(with_demonstration: bool) -> None:
    """Create or migrate the database, publish protocols and rules, load the library."""
    settings = terminal.settings()
    click.echo(_make_ready(settings, with_demonstration))
    if with_demonstration and not settings.demonstration:
        click.echo("Serve it with LIMS_DEMONSTRATION=1, so that every page says what it is.")


def _make_ready(settings: Settings, with_demonstration: bool) -> str:
    """Bring the configured database up to date, all in one transaction; return what was done."""
    engine = terminal.engine_of(settings)
    sealing.make_keys(settings.data_dir)
    station.connect(settings)
    station.in_force().seal()
    before = moves.present(engine)
    moves.upgrade(engine)
    with open_session(engine) as session:
        try:
            made = with_demonstration and _demonstrate(session, settings.data_dir)
            ready = installing.publish_and_load(session, network.OPERATOR)
            session.commit()
        except Refusal as refusal:
            session.rollback()
            terminal.say_refusal(refusal)
    engine.dispose()
    told = [
        f"Database: revision {moves.newest()}"
        + (" (new)" if before is None else "" if before == moves.newest() else f", was {before}"),
        f"Library: version {ready.library_version}, {ready.substances} substances",
        f"Published: {ready.protocols} protocol versions, {ready.rules} danger rule versions",
    ]
    if with_demonstration:
        told.append("Demonstration network: " + ("added" if made else "already there"))
    return "\n".join(told)


def _demonstrate(session: Session, folder: Path) -> bool:
    """Add the demonstration, whose stories need every feature, only where there is none."""
    if queries.demonstration_accounts(session):
        return False
    from lims.installation import demonstration

    return demonstration.fill(session, network.OPERATOR, folder)


@click.command("demo")
@click.option("--port", type=click.IntRange(1, 65534), default=8000, show_default=True)
@click.option(
    "--data-dir", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True
)
def demo(port: int, data_dir: Path) -> None:
    """Serve a demonstration network: the staff application here, the public one at port + 1."""
    wanted = _demonstration_environment(port, data_dir.resolve())
    settings = read_settings(wanted)
    _refuse_taken(settings)
    _make_demonstration(settings, wanted)
    _print_demonstration(settings)
    _serve(settings, servers.environment_with(wanted))


def _demonstration_environment(port: int, folder: Path) -> dict[str, str]:
    return {
        "LIMS_DEMONSTRATION": "1",
        "LIMS_DATA_DIR": str(folder),
        "LIMS_SECRET_KEY": SAMPLE_SECRET,
        "LIMS_SECURE_COOKIES": "no",
        "LIMS_DEFAULT_LANGUAGE": "fr",
        "LIMS_NETWORK_NAME": "Balise Demo",
        "LIMS_BIND": f"127.0.0.1:{port}",
        "LIMS_PUBLIC_BIND": f"127.0.0.1:{port + 1}",
        "LIMS_STAFF_URL": f"http://127.0.0.1:{port}",
        "LIMS_PUBLIC_URL": f"http://127.0.0.1:{port + 1}",
        "LIMS_WORKERS": "1",
        "LIMS_SESSION_IDLE_MINUTES": "480",
    }


def _make_demonstration(settings: Settings, wanted: dict[str, str]) -> None:
    """Fill a new file and give it its name when it is complete; bring an old one up to date."""
    complete = settings.data_dir / "balise.sqlite"
    if complete.exists():
        _make_ready(settings, True)
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    click.echo("Filling the demonstration network: invented samples of the past weeks ...")
    part = complete.with_name(complete.name + PART)
    for left in settings.data_dir.glob(part.name + "*"):
        left.unlink()
    _make_ready(read_settings({**wanted, "LIMS_DATABASE_URL": f"sqlite:///{part}"}), True)
    os.replace(part, complete)


def _print_demonstration(settings: Settings) -> None:
    engine = terminal.engine_of(settings)
    with open_session(engine, reading=True) as session:
        accounts = queries.demonstration_accounts(session)
    engine.dispose()
    click.echo(f"\nStaff application:  {settings.staff_url}\nPublic application: ", nl=False)
    click.echo(f"{settings.public_url}\n\nAccounts, all with password {accounts[0]['password']}:")
    for one in accounts:
        click.echo(f"  {one['account']:<22}{say(one['duty'], 'en'):<24}{one['site']}")
    click.echo("\nEverything in it is invented. Ctrl-C stops it.")


@click.command("serve")
def serve() -> None:
    """Serve the staff and the public application, and do the long work beside them."""
    settings = terminal.settings()
    try:
        refuse_sample_secret(settings)
    except ValueError as wrong:
        terminal.stop(str(wrong), 2)
    engine = terminal.engine_of(settings)
    if moves.present(engine) != moves.newest():
        terminal.stop("The database is not up to date. Run: lims init", 5)
    with open_session(engine, reading=True) as session:
        published_passwords = bool(queries.demonstration_accounts(session))
    engine.dispose()
    if published_passwords and not settings.demonstration:
        terminal.stop(
            "This database holds the demonstration network, whose passwords everybody may read. "
            "Set LIMS_DEMONSTRATION=1, or name another database in LIMS_DATABASE_URL.",
            5,
        )
    _refuse_unreadable_key(settings)
    _refuse_taken(settings)
    click.echo(f"Staff: http://{settings.bind}  Public: http://{settings.public_bind}")
    here = {"LIMS_DATA_DIR": str(settings.data_dir.resolve())}
    _serve(settings, {**os.environ, **here})


def _refuse_unreadable_key(settings: Settings) -> None:
    """Refuse to start without the key of the alerts, rather than refuse to publish one at night."""
    try:
        station.station_of(settings).seal()
    except (OSError, ValueError) as wrong:
        terminal.stop(
            f"The key that signs alerts cannot be read: {wrong}. "
            "See LIMS_CAP_KEY_FILE and LIMS_CAP_CERTIFICATE_FILE.",
            5,
        )


def _addresses(settings: Settings) -> list[servers.Server]:
    return [
        servers.Server("staff", settings.bind, settings.workers),
        servers.Server("public", settings.public_bind, settings.workers),
    ]


def _refuse_taken(settings: Settings) -> None:
    try:
        for server in _addresses(settings):
            servers.refuse_taken_address(server.address)
    except servers.NotServed as wrong:
        terminal.stop(str(wrong), 5)


def _serve(settings: Settings, environment: dict[str, str]) -> None:
    """Serve until somebody stops it, and end with the exit code of the servers."""
    try:
        code = servers.serve_together(_addresses(settings), environment)
    except servers.NotServed as wrong:
        terminal.stop(str(wrong), 5)
    raise SystemExit(code)
