"""The acts of analysis, gathered: starting, recording, submitting, verifying, repeating."""

from lims.analysis.closing import (
    RunVerified,
    SendBackRun,
    SubmitRun,
    VerifyRun,
    WithdrawRun,
    send_back_run,
    submit_run,
    verify_run,
    withdraw_run,
)
from lims.analysis.recording import (
    RecordReagents,
    RecordStrips,
    RecordWeighings,
    record_reagents,
    record_strips,
    record_weighings,
)
from lims.analysis.results import RecordResults, record_results
from lims.analysis.running import Retest, StartRun, retest, start_run
from lims.analysis.spotting import RecordPlate, record_plate

__all__ = [
    "RecordPlate",
    "RecordReagents",
    "RecordResults",
    "RecordStrips",
    "RecordWeighings",
    "Retest",
    "RunVerified",
    "SendBackRun",
    "StartRun",
    "SubmitRun",
    "VerifyRun",
    "WithdrawRun",
    "record_plate",
    "record_reagents",
    "record_results",
    "record_strips",
    "record_weighings",
    "retest",
    "send_back_run",
    "start_run",
    "submit_run",
    "verify_run",
    "withdraw_run",
]
