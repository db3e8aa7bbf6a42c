"""The acts of the intake, gathered: registering, correcting, giving codes, printing, tickets.

Each family of acts stands in a file of its own, named by what it does.
"""

from lims.intake.blocks import MakeCodeBlock, make_code_block
from lims.intake.corrections import (
    CorrectSample,
    MarkNotAnalysed,
    MassCorrected,
    WithdrawSample,
    correct_sample,
    mark_not_analysed,
    withdraw_sample,
)
from lims.intake.declarations import RegisterSample, RegisterVisit, TicketVerifier
from lims.intake.printing import (
    Blanks,
    PlaceSheet,
    PrintBlock,
    PrintLabels,
    PrintSheetAgain,
    place_sheet,
    print_blank_labels,
    print_labels,
    print_sheet_again,
)
from lims.intake.registration import (
    Registration,
    SampleRegistered,
    register_visit,
)
from lims.intake.tickets import destroy_ticket, open_ticket, renew_ticket

__all__ = [
    "Blanks",
    "CorrectSample",
    "MakeCodeBlock",
    "MarkNotAnalysed",
    "MassCorrected",
    "PlaceSheet",
    "PrintBlock",
    "PrintLabels",
    "PrintSheetAgain",
    "RegisterSample",
    "RegisterVisit",
    "Registration",
    "SampleRegistered",
    "TicketVerifier",
    "WithdrawSample",
    "correct_sample",
    "destroy_ticket",
    "make_code_block",
    "mark_not_analysed",
    "open_ticket",
    "place_sheet",
    "print_blank_labels",
    "print_labels",
    "print_sheet_again",
    "register_visit",
    "renew_ticket",
    "withdraw_sample",
]
