"""The tunes of the invented world."""

import numpy as np
import pytest

from segue.core.audio.decode import decode_preview
from segue.core.audio.pcm import samples_of
from segue.core.deezer.previews import NoPreview, Preview
from segue.core.deezer.source import (
    DemoPreviews,
    Previews,
    is_invented,
    make_previews,
    style_of,
    tune,
)
from segue.core.synthetic.names import FIRST_ID
from segue.core.tracks import FIRST_INVENTED, TrackInfo

INVENTED = TrackInfo(f"track_{FIRST_INVENTED + 3}", "Töla Soshairi", "Koubai", genre="Jazz")


def test_a_track_always_has_the_same_tune_and_another_track_another() -> None:
    first, again = tune(INVENTED), tune(INVENTED)
    other = tune(TrackInfo(f"track_{FIRST_INVENTED + 4}", genre="Jazz"))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.01


def test_tracks_of_a_genre_share_scale_and_pace() -> None:
    assert style_of("Jazz") == style_of("Jazz")
    assert len({style_of(genre) for genre in ("Jazz", "Rock", "Techno", "Folk", "Dub", "")}) > 3


def test_a_tune_is_ten_seconds_of_clean_stereo() -> None:
    found = DemoPreviews().fetch(INVENTED)
    assert isinstance(found, Preview)
    samples = samples_of(decode_preview(found.audio))
    assert samples.shape == (441_000, 2)
    peak = np.abs(samples.astype(np.int32)).max()
    assert peak == pytest.approx(0.7 * 32767, abs=2)
    assert np.abs(samples[:100]).max() < 300, "it begins softly"
    assert np.abs(samples[-100:]).max() < 300, "it ends softly"
    loudness = np.sqrt((samples.astype(float) ** 2).reshape(10, -1).mean(axis=1))
    assert loudness[1:9].min() > 300, "it never falls silent"


def test_only_invented_tracks_get_a_made_up_tune() -> None:
    assert FIRST_INVENTED == FIRST_ID
    previews = make_previews(offline=True)
    assert isinstance(previews.fetch(INVENTED), Preview)
    real = previews.fetch(TrackInfo("track_3135556", "Harder, Better, Faster, Stronger", "Daft Punk"))
    assert isinstance(real, NoPreview)
    assert real.outage
    previews.close()


def test_closing_closes_both_sources() -> None:
    closed = []

    class Closing(DemoPreviews):
        def close(self) -> None:
            closed.append(self)

    Previews(Closing(), Closing()).close()
    assert len(closed) == 2
    assert not is_invented(TrackInfo("yes:5"))
