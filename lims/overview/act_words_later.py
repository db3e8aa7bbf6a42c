"""What each act from the product on is called when a life is told: one sentence per verb."""

from __future__ import annotations

from collections.abc import Mapping

from lims.foundation.words import Message, _

LATER: Mapping[str, Message] = {
    # the product
    "file under product": _("Filed under a product"),
    "confirm filing": _("Product confirmed"),
    "move sample": _("Moved to another product"),
    "undo move": _("Move between products undone"),
    "link look-alikes": _("Look-alike products linked"),
    # the signal
    "raise signal": _("Signal raised"),
    "report effect": _("Effect reported"),
    "look at signal": _("Signal looked at"),
    "escalate signal": _("Signal escalated: nobody took it up in time"),
    "merge signal": _("Signal merged with another"),
    "discard signal": _("Signal discarded"),
    "hand signal to event": _("Signal taken into an event"),
    "ask watch": _("Run of the watch asked for"),
    "run watch": _("Watch run over all series"),
    "rebuild observations": _("Counted observations built anew"),
    # the event and the alert
    "open event": _("Event opened"),
    "add signal to event": _("Signal added to an event"),
    "absorb signal": _("Signal taken in by an open event"),
    "assess event": _("Event assessed"),
    "decide event": _("Event decided"),
    "tick verification step": _("Step of verification ticked"),
    "merge events": _("Event merged into another"),
    "move signal to event": _("Signal moved along with its event"),
    "reopen event": _("Decided event opened again"),
    "choose policy after closing": _("Chosen what follows a decided event"),
    "draft alert": _("Alert drafted"),
    "add alert version": _("Messages of the alert written"),
    "edit alert": _("Alert changed"),
    "edit alert message": _("Message of an alert changed"),
    "give alert a picture": _("Alert given a picture"),
    "take picture off alert": _("Picture taken off an alert"),
    "submit alert": _("Alert sent to review"),
    "send back alert": _("Alert sent back to its author"),
    "approve and publish alert": _("Alert approved and published"),
    "draft update": _("Update of an alert drafted"),
    "draft withdrawal": _("Withdrawal of an alert drafted"),
    "let alert expire": _("Alert let go after its review date"),
    "issue CAP message": _("Signed message of the alert issued"),
    "bring in foreign alert": _("Alert of another country brought in"),
    "make signal of foreign alert": _("Signal made of another country’s alert"),
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
    # what leaves the house
    "export rows": _("Rows exported"),
    "prepare open data": _("Open data of a quarter prepared"),
    "publish open data": _("Open data of a quarter published"),
    "discard open data": _("Prepared open data discarded"),
    "withdraw open data": _("Open data of a quarter taken down"),
    # the coordination's own reports
    "note meeting": _("Meeting with a focal point written down"),
    "correct meeting": _("Meeting with a focal point corrected"),
    "withdraw meeting": _("Meeting with a focal point withdrawn"),
    "draft report": _("Report drawn up"),
    "edit report": _("Draft of a report changed"),
    "approve report": _("Report approved and frozen"),
    # the demonstration
    "fill demonstration": _("Demonstration network filled"),
}
