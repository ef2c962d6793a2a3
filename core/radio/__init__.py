"""Radio: plan, fetch, play and report. It knows nothing of screens."""
