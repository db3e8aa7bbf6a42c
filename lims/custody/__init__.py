"""Sealed parcels, receipt by scan, and the mass ledger: every milligram is accounted for."""
