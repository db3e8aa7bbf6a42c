"""Looking back and ahead, read only: the life of a sample, work lists, turn-around."""
