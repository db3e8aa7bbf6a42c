"""Instruments and reagent lots: what may be used today. Control charts come with their issue."""
