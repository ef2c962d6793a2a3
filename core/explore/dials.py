"""The words of the familiarity dial, for every place that takes or shows them."""

FAMILIARITY: dict[str, float | None] = {"any": None, "familiar": 1.0, "mixed": 0.5, "deep": 0.0}
"""What each word means to `Filters.familiarity`, in the order in which the dial turns.

`any` leaves nothing out; `familiar` keeps the more played half of what is near, `mixed` the half in the
middle, `deep` the less played half.
"""
