"""Deezer: who a track is and thirty seconds of it, asked for politely and never kept on disk."""
