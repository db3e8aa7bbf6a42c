"""The plan of the house: every folder and file that `lims` may hold, in one place.

A new file is added here first, under the words it will use; a file that is not here fails the
build. `.importlinter` holds the order of the features; this holds what is inside each.
"""

from __future__ import annotations

from pathlib import Path

from tests.architecture.plan import MORE_FILES

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LIMS = CHECKOUT / "lims"

# From the beginning of a sample's life to its end. Counselling and exchange know nothing of each
# other; the overview, which counts everything, knows both.
FEATURES = (
    "journal",
    "spectra",
    "network",
    "protocols",
    "library",
    "intake",
    "custody",
    "quality",
    "analysis",
    "identification",
    "findings",
    "products",
    "surveillance",
    "alerts",
    "counselling",
    "exchange",
    "overview",
    "installation",
)
OTHER_FOLDERS = ("foundation", "doors", "migrations", "translations")
FILES_WITHOUT_A_DOMAIN = {
    "foundation": {
        *(
            "actors",
            "clock",
            "codes",
            "database",
            "errors",
            "files",
            "happenings",
            "jobs",
            "lockbox",
            "measures",
            "numbers",
            "paper",
            "sealing",
            "shares",
        ),
        *("four_eyes", "register", "sentences", "settings", "shipped", "words", "workbooks"),
    },
    "doors": {"browser", "house", "machine", "schema", "shelter", "speech", "terminal"},
}
TOP_FILES = (
    "__init__",
    "__main__",
    "app",
    "public",
    "cli",
    "worker",
    "wiring",
    "navigation",
    "blueprints",
)

# What each file of a feature is. A file may import its own feature's files of a lower rank only.
RANKS = {
    "door": 6,
    "schemas": 5,
    "operations": 4,
    "queries": 3,
    "drawing": 2,
    "records": 1,
    "rules": 0,
}
COMMON_FILES = {
    "pages": "door",
    "api": "door",
    "commands": "door",
    "schemas": "schemas",
    "operations": "operations",
    "queries": "queries",
    "records": "records",
    "rules": "rules",
}
# Folders inside a feature whose files are one of a kind each, and all listed by their own door.
FOLDERS_OF_A_KIND = {
    "spectra": ("readers",),
    "alerts": ("channels", "cap"),
    "exchange": ("sources",),
    "surveillance": ("detectors",),
}

FORBIDDEN_WORDS = ("helper", "helpers", "util", "utils", "manager", "misc", "common", "base")

# Heavy or web libraries: which files may import them at all, even inside a function.
IMPORTERS: dict[str, tuple[str, ...]] = {
    "rdkit": ("lims.library.chemistry",),
    "reportlab": (
        "lims.foundation.paper",
        *("*.marks", "*.certificate", "*.flyers", "*.scale_card", "*.report_*"),
        "lims.alerts.typesetting",
        "lims.custody.paper*",
    ),
    "qrcode": ("*.marks", "*.certificate", "*.flyers", "lims.custody.paper"),
    "matplotlib": ("*.charts",),
    "flask": (
        "lims.app",
        "lims.public",
        "lims.doors.*",
        "*.pages",
        "*.api",
        "*_api",
        "*.public_pages",
        "*_pages",
        "*_api",
    ),
    "flask_smorest": ("lims.app", "lims.public", "lims.doors.*", "*.api", "*_api"),
    "flask_wtf": ("lims.app", "lims.public", "lims.doors.*"),
    "werkzeug": (
        "lims.app",
        "lims.public",
        "lims.doors.*",
        "*.pages",
        "*.api",
        "*_api",
        "*.public_pages",
        "*_pages",
        "*_api",
    ),
    "click": (
        "lims.cli",
        "lims.worker",
        "lims.doors.*",
        "*.commands",
        "*_commands",
        "*_trials",
        "*_bench",
    ),
    "openpyxl": (
        "lims.foundation.workbooks",
        *("lims.intake.batch_sheet", "lims.exchange.tables_out", "lims.overview.indicator_tables"),
    ),
    "gunicorn": ("lims.cli", "lims.doors.*", "*.commands"),
}
# What `lims --help` and every record, operation and query must do without when they are loaded.
HEAVY_AT_START = ("rdkit", "matplotlib", "reportlab", "flask", "gunicorn")

# What rules may know of the rest of the house.
RULES_MAY_IMPORT = (
    "scipy",
    "lims.foundation.measures",
    "lims.foundation.shares",
    "lims.foundation.errors",
    "lims.foundation.words",
    "lims.foundation.clock",
)

# Operations without an actor, a permission or a journal line of their own, each with its reason.
OWN_ACCOUNT = "it is about the person's own login, which no duty grants"
NOTED = "every act on the library calls it, after its own permission and journal line"
WITHOUT_ACTOR: dict[str, str] = {
    "library.versions.note_library_change": NOTED,
    "surveillance.escalating.escalate_late_signals": "the clock acts for nobody",
    "network.logins.log_in": "it is how somebody becomes an actor",
    "network.logins.mark_seen": "it is the clock of a login that was already proved",
    "network.logins.proved_witness": "the witness of an act proves a password, not a login",
    "network.logins.count_wrong_password": "it is about an account, whoever tried it",
    "intake.tickets.open_ticket": "a visitor is nobody that we know",
    "intake.tickets.destroy_ticket": "a visitor is nobody that we know",
    "alerts.acknowledging.acknowledge": "whoever reads the mailbox of an office is not known",
}
WITHOUT_PERMISSION: dict[str, str] = {
    "alerts.acknowledging.acknowledge": "the link of the message itself is what permits",
    "alerts.deliveries.queue_deliveries": "a reaction: who published was permitted",
    "alerts.notices.tell_of_owed": "a reaction: who published was permitted",
    "alerts.notices.tell_of_signal": "a reaction: the clock escalated it",
    "alerts.notices.tell_of_trouble": "a reaction: who sent was permitted",
    "alerts.notices.queue_notices": "the acts that call it were permitted",
    "library.versions.note_library_change": NOTED,
    "alerts.merging.take_up_again": "after a permission, or by the policy that one chose",
    "surveillance.escalating.escalate_late_signals": "the clock acts, which has no duty",
    "alerts.events.absorb_signal": "a reaction: the act that raised the signal was permitted",
    "surveillance.operations.hand_to_event": "only events call it, after a permission of their own",
    "surveillance.raising.raise_noticed": "the act that brought what was noticed was permitted",
    "surveillance.noticing.notice": "the act that brought what is noticed was permitted",
    "surveillance.noticing.count_reports": "a reaction: the act that raised it was permitted",
    "network.logins.log_in": "it is about the person's own login, which no duty grants",
    "network.logins.mark_seen": "it is about the person's own login, which no duty grants",
    "network.logins.log_out": "it is about the person's own login, which no duty grants",
    "network.logins.choose_site": "it is about the person's own login, which no duty grants",
    "network.logins.change_password": "it is about the person's own login, which no duty grants",
    "network.logins.is_own_password": "it is about the person's own login, which no duty grants",
    "network.logins.proved_witness": "it proves another person's password to an act",
    "network.logins.count_wrong_password": "it is about an account, whoever tried it",
    "intake.tickets.open_ticket": "the ticket itself is what permits",
    "intake.tickets.destroy_ticket": "the ticket itself is what permits",
}
WITHOUT_JOURNAL: dict[str, str] = {
    "library.importing.take_in": "its import writes a line when it begins and when it ends",
    "library.versions.note_library_change": NOTED,
    "findings.judging.keep_judgements": "the release that it is part of writes its own",
    "overview.installing.publish_and_load": "each of the three acts that it calls writes its own",
    "network.logins.mark_seen": "every request would be a line, and tell when somebody works",
    "network.logins.is_own_password": "it answers a question and changes nothing",
    "network.logins.proved_witness": "it answers a question and changes nothing",
    "intake.tickets.open_ticket": "nothing is written of a visitor who looks",
    "intake.overruling.overrule_visit": "each correction writes its own, the settling one more",
    "intake.tickets.keep_ticket": "the registration that it is part of names it in its own line",
    "intake.outbox.receive_envelope": "the act that the record asks for writes its own",
    "installation.installing.publish_and_load": "the acts that it calls write their own",
    "surveillance.noticing.notice": "what it notices is raised, and that writes a line",
    "surveillance.noticing.count_reports": "what it notices is raised, and that writes a line",
    "surveillance.noticing.count_told_effects": "what it notices is raised, and that writes a line",
    "surveillance.observations.observe_finding": "the release that it counts writes a line",
    "surveillance.observations.observe_partner": "the import that it counts writes a line",
    "surveillance.observations.forget_withdrawn": "the withdrawal that it follows writes a line",
}
# Features whose operations serve operations, and act for nobody themselves.
SERVING_FEATURES = {"journal": "it is what the others write to"}

# Files that say a word chosen at run time; the words are the values of the enums named here.
SAYS_CHOSEN_WORDS: dict[str, str] = {
    "foundation/words.py": "it defines how a sentence is said",
    "foundation/actors.py": "names the permission that is missing",
}
SPOKEN_ENUMS: tuple[str, ...] = ("lims.network.rules.Permission", "lims.network.rules.Duty")


def features() -> list[Path]:
    """Return the folders of the features that exist."""
    return [LIMS / name for name in FEATURES if (LIMS / name).is_dir()]


def kind_of(feature: str, file: str) -> str | None:
    """Return what a file of a feature is (door, operations ...); None when not in the plan."""
    return COMMON_FILES.get(file) or MORE_FILES.get(feature, {}).get(file)


def python_files(*folders: str) -> list[Path]:
    """Return every Python file of these folders of the checkout."""
    return sorted(
        path
        for folder in folders
        for path in (CHECKOUT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def name_of(path: Path) -> str:
    """Return the dotted name of a module of the checkout."""
    return ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
