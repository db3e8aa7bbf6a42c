"""What the bench records: plates, tests and measurements, and whether they may be concluded on."""
