"""The `lims` command. Each subcommand is imported only when it is asked for."""

from __future__ import annotations

import click

from lims import __version__
from lims.doors.terminal import LazyGroup

COMMANDS = {
    "settings": ("lims.network.commands:settings_command", "print every setting with its meaning"),
    "init": ("lims.installation.commands:init", "create or migrate the database, publish, load"),
    "demo": ("lims.installation.commands:demo", "serve a demonstration network"),
    "serve": ("lims.installation.commands:serve", "serve the staff and the public application"),
    "worker": ("lims.worker:worker", "do the long work that waits"),
    "journal": ("lims.journal.commands:journal", "verify the journal, show its head"),
    "import": ("lims.exchange.commands:import_group", "bring in results of other services"),
    "export": ("lims.exchange.export_commands:export", "give out rows in a format, recorded"),
    "open-data": ("lims.exchange.open_commands:open_data", "prepare the open data of a quarter"),
    "devices": (
        "lims.intake.device_commands:devices_group",
        "withdraw devices, import queues, rotate the key",
    ),
    "intake": ("lims.intake.batch_commands:intake", "register samples from a batch sheet"),
    "labels": (
        "lims.intake.commands:labels",
        "write label sheets as PDF",
        "labels, blank sheets, papers, calibration",
    ),
    "accounts": ("lims.network.commands:accounts", "add accounts, duties and API keys"),
    "training": ("lims.quality.commands:training_group", "write down who is trained on what"),
    "protocols": ("lims.protocols.commands:protocols", "check and publish protocols"),
    "library": ("lims.library.commands:library", "load the reference library"),
    "surveillance": (
        "lims.surveillance.commands:surveillance",
        "watch weekly series, rebuild, compute signals again",
    ),
    "alerts": (
        "lims.alerts.commands:alerts",
        "list published alerts, send what waits, check CAP files",
    ),
    "purge": ("lims.counselling.commands:purge", "empty old notes and tickets; run daily"),
    "spectra": ("lims.spectra.commands:spectra", "say what a file of spectra holds"),
    "evaluate": ("lims.identification.commands:evaluate", "measure identification on known data"),
    "bench": ("lims.identification.commands:bench", "measure the speed of searching"),
    "custody": ("lims.custody.commands:custody", "alarms, and what a site held on a day"),
    "samples": ("lims.overview.commands:samples", "the life of a sample"),
    "indicators": (
        "lims.overview.indicator_commands:indicators_command",
        "the plan's own indicators",
    ),
    "report": ("lims.overview.report_commands:report", "write a half-yearly or yearly report"),
}


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lims")
def main() -> None:
    """Balise, a drug-checking laboratory information management system."""
    from lims import wiring

    wiring.connect()
