"""The libraries that come with Segue."""
