"""Anonymous registration: a visit, its samples, the code on the tube, the visitor's ticket.

No field can hold an identity, and no field here links a ticket to a sample code but the visit.
"""
