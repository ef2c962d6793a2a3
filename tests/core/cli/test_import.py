"""`segue import`: whatever services export becomes one corpus, crates, journal and titles, each once."""

import json
import shutil
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from segue.core.catalogue.overlay import title_overlay
from segue.core.cli.main import main
from segue.core.corpus.readers import read_playlists
from segue.core.explore.playlist_files import read_playlist
from segue.core.library import Library
from segue.core.places import user_folder
from segue.core.state import State
from tests.core.cli.killing import killed_and_run
from tests.core.corpus.exports import EXPORTS, uri
from tests.core.corpus.test_exports import invented

HISTORIES = {
    "deezer history",
    "spotify year",
    "spotify all",
    "youtube",
    "youtube page",
    "last.fm",
    "listenbrainz",
}


def imported(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """What the verb prints; the corpus is trained on nothing."""
    assert main(["import", *map(str, arguments), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def kept() -> dict[str, Any]:
    """Everything that an import leaves behind."""
    with closing(State.open()) as state:
        return {
            "crates": state.crates(),
            "journal": state.journal(100_000),
            "corpus": (user_folder("data") / "own" / "playlists.jsonl").read_bytes(),
            "titles": len(title_overlay()),
        }


@pytest.mark.parametrize("name", EXPORTS)
def test_twice_is_as_once_for_every_export(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playlists = invented(30)
    path = EXPORTS[name](tmp_path / "mine", playlists)
    first = imported(capsys, path)
    before = kept()
    again = imported(capsys, path)
    assert not any(again[key] for key in ("playlists", "changed", "sessions", "crates", "journal"))
    assert kept() == before
    if name in HISTORIES:
        listens = sum(map(len, playlists))
        assert (first["sessions"], first["journal"], first["crates"]) == (30, listens, 0)
        assert len(before["journal"]) == listens
    else:
        assert first["playlists"] == first["crates"] == (1 if name == "spotify library" else 30)
        assert before["journal"] == []
    assert read_playlists(Path(first["path"])).lists() == read_playlists(path).lists()


def test_crates_bear_the_names_of_the_playlists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playlists = invented(3)
    imported(capsys, EXPORTS["spotify account"](tmp_path / "spotify", playlists))
    imported(capsys, EXPORTS["exportify"](tmp_path / "exportify", playlists))
    assert kept()["crates"] == {
        f"list {number}": list(dict.fromkeys(uri(track[0]) for track in row))
        for number, row in enumerate(playlists)
    }, "the same playlist from another export makes no second crate"


def test_an_m3u_bears_the_name_that_it_gives_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "export (3).m3u8").write_text(
        "#EXTM3U\n#PLAYLIST: Evening, slow \n#EXTINF:148,Mara Quill - Intro\nx/y.mp3\n", encoding="utf-8"
    )
    (tmp_path / "plain.m3u").write_text("#EXTM3U\n#PLAYLIST:\nx/y.mp3\n")
    imported(capsys, tmp_path)
    assert kept()["crates"] == {"Evening, slow": ["x/y.mp3"], "plain": ["x/y.mp3"]}


def test_a_playlist_that_has_grown_takes_the_place_of_what_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playlists = invented(3)
    imported(capsys, EXPORTS["spotify account"](tmp_path / "then", playlists))
    with closing(State.open()) as state:
        state.set_crate("list 1", ["changed by hand"])
        state.remove_crate("list 2")
    grown = [[*row, (900 + n, "New song", "Mara Quill", "")] for n, row in enumerate(playlists)]
    found = imported(capsys, EXPORTS["spotify account"](tmp_path / "now", grown))
    assert (found["playlists"], found["changed"], found["crates"]) == (0, 3, 1)
    crates = kept()["crates"]
    assert crates["list 0"][-1] == uri(900)
    assert crates["list 1"] == ["changed by hand"], "what the listener changed stays"
    assert "list 2" not in crates, "what the listener removed stays away"
    assert len(read_playlists(Path(found["path"])).lists()) == 3


def test_a_listen_in_two_exports_is_one_listen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playlists = invented(20)
    imported(capsys, EXPORTS["spotify all"](tmp_path / "all", playlists))
    found = imported(capsys, EXPORTS["spotify year"](tmp_path / "year", playlists))
    assert (found["sessions"], found["listens"], found["journal"]) == (0, 0, 0)


def test_a_corpus_imported_into_itself_or_another_is_as_its_files_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(capsys, EXPORTS["exportify"](tmp_path / "lists", invented(5)))
    corpus = Path(imported(capsys, EXPORTS["spotify all"](tmp_path / "history", invented(5)))["path"])
    before = kept()
    for path in (corpus, corpus.parent):
        again = imported(capsys, path)
        assert not any(again[key] for key in ("playlists", "changed", "sessions", "crates", "journal"))
        assert kept() == before
    found = imported(capsys, corpus, "--to", tmp_path / "elsewhere")
    assert (found["playlists"], found["sessions"], found["listens"]) == (5, 5, sum(map(len, invented(5))))
    assert read_playlists(Path(found["path"])).lists() == read_playlists(corpus).lists()
    assert not imported(capsys, tmp_path / "lists", "--to", tmp_path / "elsewhere")["playlists"]


SAME = (
    "spotify year",
    "exportify",
    "listenbrainz",
    "youtube",
    "last.fm",
    "deezer playlists",
    "titles",
    "xspf",
)


def test_a_song_of_several_exports_is_one_track(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playlists = invented(30)
    songs = {track for row in playlists for track in row}
    (tmp_path / "mine").mkdir()
    for name in SAME:
        EXPORTS[name](tmp_path / "mine" / name, playlists)
    found = imported(capsys, tmp_path / "mine")
    assert found["joined"] == len(songs)
    lists = read_playlists(Path(found["path"])).lists()
    assert len({track for row in lists for track in row}) == len(songs)
    before = kept()
    again = imported(capsys, tmp_path / "mine")
    assert not any(again[key] for key in ("playlists", "changed", "sessions", "crates", "journal"))
    assert kept() == before, "twice is as once"
    for path in (user_folder("data"), user_folder("state")):
        shutil.rmtree(path)
    for name in reversed(SAME):
        imported(capsys, tmp_path / "mine" / name)
    assert {frozenset(row) for row in read_playlists(Path(found["path"])).lists()} == set(
        map(frozenset, lists)
    )
    assert {line.track_id for line in kept()["journal"]} == {line.track_id for line in before["journal"]}
    assert set(map(frozenset, kept()["crates"].values())) == set(map(frozenset, before["crates"].values()))


def test_a_song_is_found_in_a_library_by_any_id_that_an_export_has(
    tmp_path: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tiny_library.track_ids[5]
    number = known.removeprefix("track_")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "one.csv").write_text(f"Spotify - id\n{'a' * 22}\n")
    (tmp_path / "lists" / "two.csv").write_text(f"Spotify - id,Deezer - id\n{'a' * 22},{number}\n")
    found = imported(capsys, tmp_path / "lists", "--library", tiny_library.path)
    assert (found["tracks"], found["matched"]) == (1, 1)
    assert kept()["crates"] == {"one": [known], "two": [known]}
    entries = read_playlist(found["path"])
    assert [(entry.track_id, entry.ids) for entry in entries] == [(known, (f"spotify:track:{'a' * 22}",))] * 2


def test_tracks_of_a_library_are_kept_under_its_ids(
    tmp_path: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    infos = tiny_library.catalogue.infos(range(4))
    lines = [f"{info.artist} - {info.title}" for info in infos]
    path = tmp_path / "party.txt"
    path.write_text("\n".join([*lines, "Nobody at All - Never Heard of It"]), encoding="utf-8")
    found = imported(capsys, path, "--library", tiny_library.path)
    assert found["matched"] == 4
    crate = kept()["crates"]["party"]
    rows = tiny_library.catalogue.rows_of_ids(crate)
    assert [tiny_library.catalogue.info(row).label for row in rows] == [info.label for info in infos]
    assert crate[4] == "nobody at all - never heard of it"


def test_ids_of_a_library_stay_and_take_the_place_of_those_before(
    tmp_path: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    infos = tiny_library.catalogue.infos(range(20))
    tracks = [(number, info.title, info.artist, info.album) for number, info in enumerate(infos)]
    twins = [*tracks[10:], (20, f"{tracks[10][1]} - Remastered 2011", *tracks[10][2:])]
    lists = EXPORTS["exportify"](tmp_path / "lists", [tracks[:10], twins])
    history = EXPORTS["spotify all"](tmp_path / "history", [tracks])
    found = [imported(capsys, path) for path in (lists, history)]
    assert kept()["crates"]["list 0"] == [uri(number) for number in range(10)]
    imported(capsys, history, "--library", tiny_library.path)
    before = kept()
    assert before["crates"]["list 0"] == [info.track_id for info in infos[:10]]
    assert {listen.track_id for listen in before["journal"]} == {info.track_id for info in infos}
    assert len(before["journal"]) == found[1]["journal"] == 20
    assert imported(capsys, lists)["crates"] == imported(capsys, history)["journal"] == 0
    assert kept() == before, "an import that names no library changes no ids"


def test_loves_and_bans_follow_a_song_to_its_new_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tracks = invented(1)[0]
    imported(capsys, EXPORTS["titles"](tmp_path / "words", [tracks]))
    words = next(iter(kept()["crates"].values()))
    with closing(State.open()) as state:
        for track_id in (words[0], "of another library", words[2]):
            state.love(track_id)
        state.ban_track(words[1])
        state.love(uri(tracks[2][0]))
    lists = EXPORTS["exportify"](tmp_path / "lists", [tracks])
    for _ in range(2):
        imported(capsys, lists)
        with closing(State.open()) as state:
            assert state.loves() == [uri(tracks[2][0]), "of another library", uri(tracks[0][0])]
            assert state.bans().tracks == {uri(tracks[1][0])}


def test_marks_under_an_id_that_the_corpus_did_not_use_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = (f"spotify:track:{letter * 22}" for letter in "ab")
    (tmp_path / "one.csv").write_text(f"Spotify - id\n{'a' * 22}\n")
    (tmp_path / "two.csv").write_text(f"Spotify - id,Deezer - id\n{'a' * 22},5\n")
    imported(capsys, tmp_path)
    assert kept()["crates"] == {"one": ["track_5"], "two": ["track_5"]}
    with closing(State.open()) as state:
        state.love(a)  # in somebody else's library
        (tmp_path / "one.csv").write_text(f"Spotify - id\n{'a' * 22}\n{'b' * 22}\n")
        assert imported(capsys, tmp_path / "one.csv")["changed"] == 1
        assert state.loves() == [a]
    assert kept()["crates"]["one"] == ["track_5", b]


def test_titles_of_what_services_number_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(
        capsys, EXPORTS["spotify account"](tmp_path / "mine", [[(7, "A title", "An artist", "Album")] * 2])
    )
    info, _ = title_overlay().learned([uri(7)])[uri(7)]
    assert (info.title, info.artist, info.album) == ("A title", "An artist", "Album")


def test_a_file_that_is_none_of_these_leaves_everything_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><html><body>Hello</body></html>")
    assert main(["import", str(tmp_path / "page.html")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (user_folder("data") / "own").exists()


def test_a_column_that_is_named_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.csv").write_text("a,b\nIntro,Home\n")
    for verb in ("import", "complete"):
        assert main([verb, str(tmp_path / "mine.csv"), "--columns", "title=a,title=b"]) == 2
        assert "argument --columns: 'title=a,title=b': names title twice" in capsys.readouterr().err


def test_prose_does_not_become_a_playlist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "words.txt"
    path.write_text("Remember to buy milk and eggs\nCall the dentist on Monday\nMore words stand here\n")
    assert main(["import", str(path)]) == 1
    assert "words.txt: holds words, not track ids" in capsys.readouterr().err


@pytest.mark.slow
def test_an_import_that_is_killed_anywhere_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    grown = [[*row, (900 + n, "New song", "Mara Quill", "")] for n, row in enumerate(invented(150))]
    earlier = EXPORTS["spotify account"](tmp_path / "earlier", invented(100))
    path = EXPORTS["spotify account"](tmp_path / "now", grown).parent
    history = EXPORTS["spotify all"](tmp_path / "history", invented(100))
    for file in history.iterdir() if history.is_dir() else [history]:
        file.rename(path / file.name)

    def home(name: str) -> dict[str, str]:
        """The variables that lead to a home of that name, which holds the earlier import."""
        variables = {f"XDG_{kind}_HOME": str(tmp_path / name / kind) for kind in ("DATA", "STATE")}
        for variable, folder in variables.items():
            monkeypatch.setenv(variable, folder)
        imported(capsys, earlier)
        return variables

    whole = home("whole")
    home("killed")
    ended = killed_and_run(
        ["import", str(path)],
        modules=("segue.core.cli.import_", "segue.core.corpus.own", "segue.core.catalogue.overlay"),
        times=40,
        elsewhere=whole,
    )
    assert ended[-1] == 0
    assert -signal.SIGKILL in ended
    killed = kept()
    for variable, folder in whole.items():
        monkeypatch.setenv(variable, folder)
    assert killed == kept()


def test_a_library_that_cannot_be_made_or_used_is_refused_before_anything_is_read(
    tiny_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = EXPORTS["spotify account"](tmp_path / "mine", invented(3))
    assert main(["import", str(path), "--train", str(tiny_library.path)]) == 1
    assert "already exists; add --replace" in capsys.readouterr().err
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "library.json").write_text("{")
    assert main(["import", str(path), "--library", str(damaged)]) == 1
    assert not (user_folder("data") / "own").exists()


@pytest.mark.slow
def test_one_command_from_an_export_to_a_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = EXPORTS["spotify account"](tmp_path / "mine", invented(60))
    assert main(["import", str(path), "--train", str(tmp_path / "me"), "--json"]) == 0
    events = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert (events[0], events[-1]) == ("imported", "done")
    library = Library.open(tmp_path / "me")
    assert all(info.title for info in library.catalogue.infos(range(len(library))))
    (tmp_path / "party.txt").write_text("Luna - Someone\nSol - Another\n", encoding="utf-8")
    assert main(["import", str(tmp_path / "party.txt"), "--train", str(tmp_path / "me")]) == 1
    assert "add --replace" in capsys.readouterr().err


def test_what_a_library_lacks_is_folded_into_another_one(
    tiny_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tiny_library.track_ids[3:9]
    path = tmp_path / "mine.txt"
    path.write_text(" ".join([*known[:3], "track_1", *known[3:]]) + "\n")
    before = {file: file.read_bytes() for file in tiny_library.path.rglob("*") if file.is_file()}
    mine = tmp_path / "mine"
    found = imported(capsys, path, "--library", tiny_library.path, "--fold-in", mine)
    assert (found["matched"], found["folded"]) == (6, 1)
    assert {file: file.read_bytes() for file in tiny_library.path.rglob("*") if file.is_file()} == before
    assert main(["neighbours", known[0], "--library", str(mine), "-n", "300", "--no-guard", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["tracks"]
    assert [track["track_id"] for track in listed if track["thin"]] == ["track_1"]
    assert main(["import", str(path), "--fold-in", str(mine)]) == 2
    again = ["import", str(path), "--library", str(tiny_library.path), "--fold-in", str(mine)]
    assert main(again) == 2
    assert "already exists; add --replace" in capsys.readouterr().err
    assert main([*again, "--replace"]) == 0
    same = ["--library", str(tiny_library.path), "--fold-in", str(tiny_library.path)]
    assert main(["import", str(path), *same]) == 2
