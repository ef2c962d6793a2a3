"""The home view: search, the present place, and what is known of the track under the cursor."""
