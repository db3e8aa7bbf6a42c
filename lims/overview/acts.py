"""What each act of the journal is called when a life is told: one sentence per verb.

A test reads every operation and asks that its verb stands in `act_words` or `act_words_later`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lims.alerts.acts import ACTS as DELIVERY_ACTS
from lims.foundation.words import Message, _, number, say
from lims.overview.act_words import EARLY
from lims.overview.act_words_later import LATER

WORDS: Mapping[str, Message] = {**EARLY, **LATER, **DELIVERY_ACTS}
WORDS: Mapping[str, Message] = {
    # the network
    "set up": _("Balise was set up"),
    "add site": _("Site added"),
    "add account": _("Account added"),
    "give duty": _("Duty given"),
    "end duty": _("Duty ended"),
    "close account": _("Account closed"),
    "lock account": _("Account locked after too many wrong passwords"),
    "log in": _("Logged in"),
    "log out": _("Logged out"),
    "choose site": _("Went to work at another site"),
    "change password": _("Password changed"),
    "record competence": _("Training recorded"),
    "make API key": _("API key made"),
    "revoke API key": _("API key revoked"),
    # what is published
    "load library": _("Library loaded"),
    "add reference lot": _("Reference standard added"),
    "use reference": _("Reference standard used"),
    "correct reference lot": _("Reference standard counted again"),
    "add spectrum library": _("Library of spectra added"),
    "review spectrum library": _("Library of spectra put in use"),
    "retire spectrum library": _("Library of spectra retired"),
    "decide export of spectra": _("Export of spectra decided"),
    "export spectrum library": _("Library of spectra exported"),
    "load shipped spectra": _("Shipped spectra loaded"),
    "add own reference spectrum": _("Own spectrum added as a reference"),
    "add confirmed sample as reference": _("Confirmed sample added as a reference"),
    "review reference spectrum": _("Reference spectrum put in use"),
    "retire reference spectrum": _("Reference spectrum retired"),
    "look at file of spectra": _("File of spectra looked at"),
    "begin import of spectra": _("Import of spectra begun"),
    "stop import of spectra": _("Import of spectra stopped"),
    "resume import of spectra": _("Import of spectra resumed"),
    "end import of spectra": _("Import of spectra ended"),
    "link name of spectra": _("Name of spectra linked to a substance"),
    "leave name of spectra": _("Name of spectra left without a substance"),
    "learn from standards": _("Values of standards taken into the library"),
    "take back measurements": _("Values of a plate taken back"),
    "add substance": _("Substance added to the library"),
    "add synonym": _("Synonym added"),
    "remove synonym": _("Synonym removed"),
    "confirm structure": _("Structure confirmed by one person"),
    "withdraw confirmation": _("Confirmation of a structure taken back"),
    "publish protocol": _("Protocol published"),
    "publish danger rule": _("Danger rule published"),
    "publish shipped danger rules": _("Shipped danger rules published"),
    "choose jurisdictions of danger rules": _("Jurisdictions of danger rules chosen"),
    "add instrument": _("Instrument added"),
    "set instrument state": _("State of an instrument changed"),
    "add reagent lot": _("Reagent lot added"),
    "check reagent lot": _("Reagent lot checked"),
    # the sample
    "make code block": _("Block of codes made"),
    "print blank labels": _("Blank labels printed"),
    "enrol device": _("Device enrolled"),
    "reserve codes": _("Codes reserved for a device"),
    "return codes": _("Unused codes of a device given back"),
    "withdraw device": _("Device withdrawn"),
    "import records": _("Exported queue of a device brought in"),
    "settle conflict": _("Conflict settled: the device's answers stand"),
    "rotate key": _("Key of the outbox changed"),
    "print sheet again": _("Sheet of blank labels printed again"),
    "place label sheet": _("Place of a sheet of labels noted"),
    "make label template": _("Label template made"),
    "change label template": _("Label template changed"),
    "retire label template": _("Label template retired"),
    "choose label template": _("Usual label template chosen"),
    "register visit": _("Registered"),
    "make ticket": _("Ticket made"),
    "renew ticket": _("New ticket made"),
    "destroy ticket": _("Ticket destroyed by the visitor"),
    "print labels": _("Label printed"),
    "correct sample": _("Registration corrected"),
    "withdraw sample": _("Withdrawn by the person"),
    "mark not analysed": _("Not analysed"),
    "attach photo": _("Photo kept"),
    "remove photo": _("Photo taken off"),
    "remove photos": _("All photos taken off"),
    "withdraw consent": _("An agreement was taken back"),
    "note not accepted": _("Something was not accepted"),
    "propose logo": _("Logo proposed"),
    "name logo": _("Logo named"),
    "add word for logo": _("Another word for a logo added"),
    "remove word for logo": _("Word taken off a logo"),
    "merge logos": _("Two logos merged"),
    "undo merge of logos": _("Merge of two logos undone"),
    "enter mass": _("Mass entered in the ledger"),
    "use mass": _("Material used in analysis"),
    "weigh sample": _("Weighed again"),
    "destroy samples": _("Material destroyed before a witness"),
    "lose sample": _("Declared lost"),
    "find sample": _("Found again"),
    "put in place": _("Put in a storage place"),
    "take out of place": _("Taken out of its storage place"),
    "add place": _("Storage place added"),
    "close place": _("Storage place used no more"),
    "reopen place": _("Storage place used again"),
    "begin stocktaking": _("Stocktaking begun"),
    "scan stock": _("Scanned at stocktaking"),
    "miss at stocktaking": _("Missing at stocktaking"),
    "close stocktaking": _("Stocktaking closed"),
    "settle custody alarm": _("Alarm of custody answered"),
    "report holdings": _("Report of holdings made"),
    "add permit": _("Transport authorisation written down"),
    "withdraw permit": _("Transport authorisation withdrawn"),
    "return sample": _("Material given back"),
    # the parcel
    "draft parcel": _("Parcel begun"),
    "add to parcel": _("Put in a parcel"),
    "remove from parcel": _("Taken out of the parcel"),
    "seal parcel": _("Parcel sealed"),
    "send parcel": _("Parcel sent"),
    "cancel parcel": _("Parcel given up"),
    "mark parcel lost": _("Parcel declared lost"),
    "scan parcel": _("Scanned at the laboratory"),
    "undo scan": _("Scan taken back"),
    "weigh item": _("Tube weighed with its content"),
    "choose permit": _("Transport authorisation chosen"),
    "check seals": _("Seals compared: whole and the same"),
    "record damaged seal": _("Seal found damaged or another one"),
    "reconcile parcel": _("Receipt closed, masses taken over"),
    # the run
    "start run": _("Run started"),
    "record plate": _("Plate recorded"),
    "put photograph": _("Photograph put to a plate"),
    "place lines": _("Corners and lines of a photograph placed"),
    "confirm spots": _("Spots of a photograph confirmed"),
    "remove photograph": _("Photograph taken off a plate"),
    "record colour tests": _("Colour tests recorded"),
    "record strips": _("Test strips recorded"),
    "record weighings": _("Weighing recorded"),
    "record results": _("Results recorded"),
    "submit run": _("Run sent to verification"),
    "verify run": _("Run verified"),
    "send back run": _("Run sent back to its analyst"),
    "withdraw run": _("Run withdrawn by its analyst"),
    "retest": _("Analysis repeated as a new run"),
    # the identification
    "rank spot": _("Candidates of a spot ranked"),
    "rank sample colours": _("Candidates ranked by colour tests"),
    "keep all evidence": _("All evidence kept"),
    "record bench time": _("Bench time recorded"),
    "calibrate": _("Identification calibrated"),
    "decide on candidates": _("Decided on candidates"),
    "number unknown": _("Numbered as an unknown"),
    "solve unknown": _("Unknown solved"),
    "list for a new version": _("Listed for a new version: an unknown was solved"),
    "give file": _("File of the instrument kept"),
    "read file again": _("File read again"),
    "take scans": _("Mean of scans taken"),
    "remove file": _("File taken off the run"),
    "type spectrum": _("Spectrum typed by hand"),
    "search spectrum": _("Candidates of a spectrum kept"),
    # the finding
    "draft finding": _("Finding drafted"),
    "edit finding": _("Finding changed"),
    "submit finding": _("Finding signed, sent to verification"),
    "send back finding": _("Finding sent back to its author"),
    "release finding": _("Finding released"),
    "amend finding": _("Correction of the finding begun"),
    # the product
    "file under product": _("Filed under a product"),
    "confirm filing": _("Product confirmed"),
    "move sample": _("Moved to another product"),
    "undo move": _("Move between products undone"),
    "link look-alikes": _("Look-alike products linked"),
    "unlink look-alikes": _("Link between look-alike products taken away"),
    "merge products": _("Two products merged into one"),
    "split product": _("Samples split off as a product of their own"),
    "export products": _("Products in circulation exported"),
    "undo change of products": _("Merging or splitting of products undone"),
    # the signal
    "raise signal": _("Signal raised"),
    "report effect": _("Effect reported"),
    "look at signal": _("Signal looked at"),
    "merge signal": _("Signal merged with another"),
    "discard signal": _("Signal discarded"),
    "hand signal to event": _("Signal taken into an event"),
    # the event and the alert
    "open event": _("Event opened"),
    "add signal to event": _("Signal added to an event"),
    "absorb signal": _("Signal taken in by an open event"),
    "assess event": _("Event assessed"),
    "decide event": _("Event decided"),
    "draft alert": _("Alert drafted"),
    "add alert version": _("Messages of the alert written"),
    "edit alert": _("Alert changed"),
    "edit alert message": _("Message of an alert changed"),
    "submit alert": _("Alert sent to review"),
    "send back alert": _("Alert sent back to its author"),
    "approve and publish alert": _("Alert approved and published"),
    "draft update": _("Update of an alert drafted"),
    "draft withdrawal": _("Withdrawal of an alert drafted"),
    "let alert expire": _("Alert let go after its review date"),
    "register batch": _("Batch sheet registered"),
    # the talk
    "record talk": _("Talk recorded"),
    "open result shown by visitor": _("Result opened with a code that the visitor showed"),
    "count unused files": _("Files without a record counted"),
    "remove unused files": _("Files without a record removed"),
    "purge old notes": _("Old notes of talks emptied"),
    "count old notes": _("Old notes of talks counted"),
    # queues, the order of work, what points tell the public
    "state capacity": _("Capacity stated"),
    "take back capacity": _("Statement of capacity taken back"),
    "close days": _("Closed days stated"),
    "take back closed days": _("Closed days taken back"),
    "close intake": _("Intake closed for a kind of sample"),
    "reopen intake": _("Intake opened again"),
    "propose triage rule": _("Order of work proposed"),
    "approve triage rule": _("Order of work approved"),
    "refuse triage rule": _("Order of work refused"),
    "end triage rule": _("Order of work ended"),
    "put forward": _("Put forward in the work list"),
    "put back": _("Put back in the work list"),
    "put back in order": _("Placed by the rule again"),
    "describe point": _("Page of a testing point written"),
    "publish point": _("Page of a testing point published"),
    "unpublish point": _("Page of a testing point taken down"),
    # partners
    "import results": _("Partner results imported"),
    "resolve name": _("Name resolved to a substance"),
    "ignore name": _("Name put aside"),
    "mark reviewed": _("Partner sample reviewed"),
    # the demonstration
    "fill demonstration": _("Demonstration network filled"),
}
CHAIN_FAULTS: Mapping[str, Message] = {
    "the tail is missing": _("The end of the journal is missing."),
    "an entry is missing": _("An act is missing here."),
    "the entry does not follow the one before": _("It does not follow the act before it."),
    "the entry was changed": _("It was changed after it was written."),
    "the details were changed": _("Its details were changed after they were written."),
}
"""What journal.queries says of the first act that does not fit."""
DETAILS: Mapping[str, Message] = {
    "number": _("number"),
    "place": _("place"),
    "witness": _("witness"),
    "seal": _("seal"),
    "mg": _("mass in mg"),
    "version": _("version"),
    "level": _("level"),
    "danger": _("danger"),
    "reason": _("reason"),
}
"""Details that are shown with an act, with their names."""
LEVELS: Mapping[str, Message] = {
    "neutral": _("Neutral"),
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
    "red": _("Red alert"),
}
CODED_REASON = ("mark not analysed", "print labels", "print sheet again")
"""Acts whose reason is a code, which the page says with the vocabulary."""


def said(act: str, language: str) -> str:
    """Return an act in words; a verb of an older program is shown as it was written."""
    words = WORDS.get(act)
    return say(words, language) if words else act


def detail(act: str, body: Mapping[str, Any], language: str) -> str:
    """Return the details of an act that help a reader, in words."""
    shown = [
        f"{say(words, language)}{COLON[language]} {_value(name, str(body[name]), language)}"
        for name, words in DETAILS.items()
        if isinstance(body.get(name), str | int | float)
        and body[name] != ""
        and not (name == "reason" and act in CODED_REASON)
    ]
    return ", ".join(shown)


COLON = {"fr": "\u00a0:", "nl": ":", "en": ":"}
"""French puts a no-break space before a colon."""


def _value(name: str, value: str, language: str) -> str:
    if name in ("level", "danger") and value in LEVELS:
        return say(LEVELS[value], language)
    if name == "mg":
        try:
            return number(Decimal(value), language)
        except InvalidOperation:
            return value
    return value
