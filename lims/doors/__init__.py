"""What every page, endpoint and command shares: opening a unit of work, answering a refusal."""
