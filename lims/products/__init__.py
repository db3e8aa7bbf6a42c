"""The common product database: look-alike samples of one series, what was found, and the spread."""
