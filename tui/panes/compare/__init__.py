"""Compare: two libraries side by side."""
