"""What the explorer knows and shows, without a screen: places, the walk, listings, dials and settings.

Nothing here imports Textual, so all of it runs in a thread and is tested without an app.
"""
