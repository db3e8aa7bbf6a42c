"""Published protocols: checked, hashed and compared; a published version never changes."""
