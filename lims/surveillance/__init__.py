"""Signals: something a coordinator must look at. Detectors come with the early warning."""
