"""Making an installation: a database made ready, a demonstration filled, everything served."""
