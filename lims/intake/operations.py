"""The acts of the intake, gathered: registering, correcting, giving codes, printing, tickets.

Each family of acts stands in a file of its own, named by what it does.
"""

from lims.intake.blocks import MakeCodeBlock, PrintBlock, make_code_block, print_blank_labels
from lims.intake.corrections import (
    CorrectSample,
    MarkNotAnalysed,
    MassCorrected,
    PrintLabels,
    WithdrawSample,
    correct_sample,
    mark_not_analysed,
    print_labels,
    withdraw_sample,
)
from lims.intake.declarations import RegisterSample, RegisterVisit, TicketVerifier
from lims.intake.registration import (
    Registration,
    SampleRegistered,
    register_visit,
)
from lims.intake.tickets import destroy_ticket, open_ticket, renew_ticket

__all__ = [
    "CorrectSample",
    "MakeCodeBlock",
    "MarkNotAnalysed",
    "MassCorrected",
    "PrintBlock",
    "PrintLabels",
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
    "print_blank_labels",
    "print_labels",
    "register_visit",
    "renew_ticket",
    "withdraw_sample",
]
