"""What a worker reads and records in the talk with the visitor. No free text outlives 30 days."""
