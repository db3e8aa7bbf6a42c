"""Which substances are known, what is measured or cited of them, and every controlled list.

No value here is invented: each row names the laboratory and run that measured it, or its source.
"""
