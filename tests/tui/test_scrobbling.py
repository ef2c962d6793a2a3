"""Loves, bans and what plays, as the explorer tells ListenBrainz."""

from msgspec import structs

from segue.core.library import Library
from segue.core.listenbrainz import ListenBrainz
from segue.core.tracks import TrackInfo
from tests.tui.support import make_stage, press, until


class Recorder(ListenBrainz):
    """Sends nothing and remembers."""

    def __init__(self) -> None:
        self.reported: list[tuple[str, object]] = []

    def begun(self, track: TrackInfo) -> None:
        self.reported.append(("begun", track.track_id))

    def feedback(self, track: TrackInfo, score: int) -> None:
        self.reported.append((track.track_id, score))


async def test_what_plays_is_reported_like_loves_bans_and_their_undo(small_library: Library) -> None:
    stage, reported = make_stage(small_library), Recorder()
    stage.state.love(small_library.track_ids[7])
    stage.app.equipment = structs.replace(stage.app.equipment, scrobbler=reported)
    stage.app.controllers = type(stage.app.controllers)(stage.app)
    async with stage.on_screen() as pilot:
        row = stage.app.current_row()
        assert row is not None
        track_id = stage.app.tracks.info(row).track_id
        await press(pilot, "f", "u", "x")
        assert reported.reported == [(track_id, 1), (track_id, 0), (track_id, -1)]
        await press(pilot, "j", "r")
        await until(pilot, lambda: stage.playing is not None)
        assert reported.reported[3] == ("begun", stage.app.tracks.info(stage.playing or 0).track_id)
