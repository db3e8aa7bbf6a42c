"""Balise: a laboratory information management system for drug checking.

The life of a sample, told once, in the order of the features:

network       who works where, with which duties
protocols     what a laboratory has promised to do, step by step
library       which substances are known, and what is measured or cited of them
intake        a visitor hands in samples without any identity
custody       sealed parcels travel; every milligram is accounted for
quality       instruments and reagent lots that may be used
analysis      runs under a protocol: plates, colours, strips, peaks, quantities
identification  ranked candidates with the evidence for and against each
findings      the signed conclusion on one sample, and how dangerous it is
products      look-alike samples of one series, and their spread
surveillance  signals
alerts        events, alerts and the messages to each audience
counselling   the talk with the visitor
exchange      to and from partners
overview      looking back: the life of a sample, work lists, turn-around

A feature may know only what happened earlier in a sample's life.
"""

__version__ = "0.1.0"
