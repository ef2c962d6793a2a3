"""Radio: plan, fetch, play and say so. It knows nothing of screens."""
