"""Who did what, when and why: append-only, hash-chained.

An entry's details stand apart from the chain, which holds only their salted hash, so that a detail
that must be erased can go without breaking the proof. Nothing here edits or removes an entry.
"""

from lims.journal.operations import record

__all__ = ["record"]
