"""The terminal explorer: asks `core`, shows, plays.

It imports no tensorflow, keras, scikit-learn or pandas.
"""
