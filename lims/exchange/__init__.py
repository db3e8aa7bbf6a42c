"""To and from partners. Their results are shown apart from ours, with source and licence."""
