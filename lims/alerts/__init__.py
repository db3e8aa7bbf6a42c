"""Events, alerts, one message per audience; four eyes; an issued version never changes."""
