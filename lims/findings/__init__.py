"""The signed conclusion on one sample: versioned, verified by another person, amended, not edited.

Danger rules are weighed here, because a signed finding states its danger and which rules said so.
"""
