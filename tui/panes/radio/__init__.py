"""What plays, what comes next and why, the dials, and what was heard."""
