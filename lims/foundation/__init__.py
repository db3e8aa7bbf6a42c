"""What has no domain: words, refusals, the database, the clock, codes, measures, actors."""
