"""The metrics view."""
