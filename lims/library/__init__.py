"""Substances and what is known of them: structures, references, sources."""
