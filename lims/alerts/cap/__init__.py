"""CAP 1.2: alerts in the form that other people's alert software reads, and the check of any file.

Written from the published public message, signed, and never changed afterwards. Nothing here knows
the database: plain values in, bytes and remarks out.
"""
