"""A listener's playlists and those of others as one set of playlists, in which the same track has one id."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from segue.core.catalogue import Catalogue
from segue.core.corpus.playlists import Playlists, ReadReport
from segue.core.corpus.readers.batch import Entry
from segue.core.explore.matching import match_playlist
from segue.core.tracks import TrackInfo


def put_together(own: Playlists, others: Playlists, known: Mapping[str, TrackInfo]) -> tuple[Playlists, int]:
    """Add the others' playlists to one's own, whose tracks take the others' ids where they are the same.

    Parameters
    ----------
    own, others
        The playlists; those of one's own come first.
    known
        What else is known of the others' tracks, by track id.

    Returns
    -------
    playlists : Playlists
        All of them.
    matched : int
        How many of one's own tracks the others have.
    """
    numbers = {track_id: number for number, track_id in enumerate(others.track_ids)}
    described = [
        others.tracks.get(track_id) or known.get(track_id) or TrackInfo(track_id)
        for track_id in others.track_ids
    ]
    plays = np.bincount(others.codes, minlength=len(numbers))
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Catalogue.create(Path(folder) / "catalogue.sqlite", described, plays)
        try:
            matches = match_playlist(catalogue, (_entry(own, track_id) for track_id in own.track_ids))
        finally:
            catalogue.close()
    new = np.empty(len(own.track_ids), np.int32)
    ids, artists = list(others.track_ids), list(others.artist_ids)
    tracks = dict(others.tracks)
    for number, (track_id, match) in enumerate(zip(own.track_ids, matches, strict=True)):
        if match.row is None:
            new[number] = len(ids)
            ids.append(track_id)
            artists.append(own.artist_ids[number])
            if track_id in own.tracks:
                tracks[track_id] = own.tracks[track_id]
        else:
            new[number] = match.row
            found = described[match.row]
            if not found.title and track_id in own.tracks:
                tracks[found.track_id] = replace(own.tracks[track_id], track_id=found.track_id)
    codes = np.concatenate([new[own.codes], others.codes]).astype(np.int32)
    offsets = np.concatenate([own.offsets, own.offsets[-1] + others.offsets[1:]])
    skipped = dict(own.report.skipped)
    for reason, times in others.report.skipped.items():
        skipped[reason] = skipped.get(reason, 0) + times
    forms = dict.fromkeys([own.report.format, others.report.format])
    report = ReadReport(f"{own.report.source}, {others.report.source}", ", ".join(forms), skipped)
    return Playlists(ids, artists, codes, offsets, tracks, report), sum(
        one.row is not None for one in matches
    )


def _entry(own: Playlists, track_id: str) -> Entry:
    info = own.tracks.get(track_id)
    if info is None:
        return Entry(track_id)
    return Entry(track_id, info.title, info.artist, info.album, "", info.duration, info.isrc)
