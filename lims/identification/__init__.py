"""Ranked candidates with the evidence for and against, recomputable, and the decision."""
