"""Writers of the files that services and players export, which share no code with the readers.

A function for each form, and a table of them all at the end.
"""

import csv
import io
import json
import plistlib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

Track = tuple[int, str, str, str]
"""Number, title, artist, album."""
Playlists = Sequence[Sequence[Track]]
START = datetime(2024, 1, 1, tzinfo=UTC)
SECONDS = 200


def _table(rows: Iterable[Iterable[object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def uri(number: int) -> str:
    return f"spotify:track:{number:022d}"


def _a_file_each(
    folder: Path, suffix: str, playlists: Playlists, write: Callable[[Sequence[Track]], str]
) -> Path:
    folder.mkdir()
    for number, tracks in enumerate(playlists):
        (folder / f"list {number}{suffix}").write_text(write(tracks), encoding="utf-8")
    return folder


def _one(folder: Path, name: str, text: str | bytes) -> Path:
    folder.mkdir()
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def exportify(folder: Path, playlists: Playlists) -> Path:
    header = "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Added At"
    return _a_file_each(
        folder,
        ".csv",
        playlists,
        lambda tracks: _table(
            [
                header.split(","),
                *([uri(n), t, al, a, "2001", 200_000, 5, "2024-01-01T00:00:00Z"] for n, t, a, al in tracks),
            ]
        ),
    )


def exportify_old(folder: Path, playlists: Playlists) -> Path:
    header = "Spotify ID,Artist IDs,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms)"
    return _a_file_each(
        folder,
        ".csv",
        playlists,
        lambda tracks: _table(
            [header.split(","), *([f"{n:022d}", "x", t, al, a, "2001", 200_000] for n, t, a, al in tracks)]
        ),
    )


def tunemymusic(folder: Path, playlists: Playlists) -> Path:
    header = ["Track name", "Artist name", "Album", "Playlist name", "Type", "ISRC", "Spotify - id"]
    rows = [
        [t, a, al, f"list {p}", "Playlist", f"USXXX24{n:05d}", f"{n:022d}"]
        for p, tracks in enumerate(playlists)
        for n, t, a, al in tracks
    ]
    return _one(folder, "My Library.csv", _table([header, *rows]))


def soundiiz(folder: Path, playlists: Playlists) -> Path:
    return _a_file_each(
        folder,
        ".csv",
        playlists,
        lambda tracks: _table(
            [
                ["title", "artist", "album", "isrc"],
                *([t, a, al, f"USXXX24{n:05d}"] for n, t, a, al in tracks),
            ],
            ";",
        ),
    )


def spotify_account(folder: Path, playlists: Playlists) -> Path:
    found = [
        {
            "name": f"list {p}",
            "items": [
                {
                    "track": {"trackName": t, "artistName": a, "albumName": al, "trackUri": uri(n)},
                    "episode": None,
                    "localTrack": None,
                    "addedDate": "2024-01-01",
                }
                for n, t, a, al in tracks
            ],
        }
        for p, tracks in enumerate(playlists)
    ]
    return _one(folder, "Playlist1.json", json.dumps({"playlists": found}, indent=2, ensure_ascii=False))


def spotify_library(folder: Path, playlists: Playlists) -> Path:
    tracks = [
        {"artist": a, "album": al, "track": t, "uri": uri(n)}
        for tracks in playlists
        for n, t, a, al in tracks
    ]
    rest: dict[str, list[str]] = {"albums": [], "shows": [], "episodes": [], "artists": []}
    return _one(folder, "YourLibrary.json", json.dumps({"tracks": tracks, **rest}, indent=2))


def _listens(playlists: Playlists) -> list[tuple[datetime, Track]]:
    """When each track of each session began; an hour lies between sessions, no second between tracks."""
    at, found = START, []
    for tracks in playlists:
        for track in tracks:
            found.append((at, track))
            at += timedelta(seconds=SECONDS)
        at += timedelta(hours=1)
    return found


def spotify_year(folder: Path, playlists: Playlists) -> Path:
    records = [
        {
            "endTime": (at + timedelta(seconds=SECONDS)).strftime("%Y-%m-%d %H:%M"),
            "artistName": a,
            "trackName": t,
            "msPlayed": SECONDS * 1000,
        }
        for at, (_, t, a, _) in _listens(playlists)
    ]
    return _one(folder, "StreamingHistory_music_0.json", json.dumps(records, indent=2, ensure_ascii=False))


def spotify_all(folder: Path, playlists: Playlists) -> Path:
    records = [
        {
            "ts": (at + timedelta(seconds=SECONDS)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ms_played": SECONDS * 1000,
            "master_metadata_track_name": t,
            "master_metadata_album_artist_name": a,
            "master_metadata_album_album_name": al,
            "spotify_track_uri": uri(n),
            "episode_name": None,
            "skipped": False,
            "incognito_mode": False,
        }
        for at, (n, t, a, al) in _listens(playlists)
    ]
    return _one(folder, "Streaming_History_Audio_2024_0.json", json.dumps(records))


def apple(folder: Path, playlists: Playlists) -> Path:
    tracks = {
        str(n): {
            "Track ID": n,
            "Name": t,
            "Artist": a,
            "Album": al,
            "Total Time": 200_000,
            "Location": f"file:///m/{n}.mp3",
        }
        for row in playlists
        for n, t, a, al in row
    }
    lists = [{"Name": "Library", "Master": True, "Playlist Items": [{"Track ID": int(n)} for n in tracks]}]
    lists += [
        {"Name": f"list {p}", "Playlist Items": [{"Track ID": n} for n, *_ in row]}
        for p, row in enumerate(playlists)
    ]
    return _one(folder, "Library.xml", plistlib.dumps({"Tracks": tracks, "Playlists": lists}))


def youtube(folder: Path, playlists: Playlists) -> Path:
    records = [
        {
            "header": "YouTube Music",
            "title": f"Watched {t}",
            "titleUrl": f"https://music.youtube.com/watch?v={n:011d}",
            "subtitles": [{"name": f"{a} - Topic", "url": "https://www.youtube.com/channel/x"}],
            "time": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "products": ["YouTube"],
        }
        for at, (n, t, a, _) in _listens(playlists)
    ]
    return _one(folder, "watch-history.json", json.dumps(records[::-1], indent=2, ensure_ascii=False))


def youtube_page(folder: Path, playlists: Playlists) -> Path:
    """Newest first, after the style sheet that takes up most of the page's beginning."""
    cells = [
        '<div class="outer-cell mdl-cell"><div class="mdl-grid"><div class="header-cell">'
        '<p>YouTube Music<br></p></div><div class="content-cell mdl-cell">Watched '
        f'<a href="https://music.youtube.com/watch?v={n:011d}">{escape(t)}</a><br>'
        f'<a href="https://www.youtube.com/channel/UC1">{escape(a)} - Topic</a><br>'
        f"{at:%b} {at.day}, {at:%Y}, {at:%I:%M:%S}\u202f{at:%p} UTC</div></div></div>"
        for at, (n, t, a, _) in reversed(_listens(playlists))
    ]
    style = "<style>" + ".mdl-cell { box-sizing: border-box }\n" * 4_000 + "</style>"
    page = f"<html><head><title>My Activity History</title>{style}</head><body>{''.join(cells)}</body></html>"
    return _one(folder, "watch-history.html", page)


def youtube_playlists(folder: Path, playlists: Playlists) -> Path:
    return _a_file_each(
        folder,
        "-videos.csv",
        playlists,
        lambda tracks: _table(
            [
                ["Video ID", "Playlist Video Creation Timestamp"],
                *([f"{n:011d}", "2024-01-01T00:00:00+00:00"] for n, *_ in tracks),
            ]
        ),
    )


def lastfm(folder: Path, playlists: Playlists) -> Path:
    rows = [[a, al, t, at.strftime("%d %b %Y %H:%M")] for at, (_, t, a, al) in _listens(playlists)]
    return _one(folder, "scrobbles.csv", _table(rows[::-1]))


def listenbrainz(folder: Path, playlists: Playlists) -> Path:
    lines = [
        {
            "listened_at": int(at.timestamp()),
            "user_name": "me",
            "track_metadata": {
                "artist_name": a,
                "track_name": t,
                "release_name": al,
                "additional_info": {"recording_msid": "m", "duration_ms": SECONDS * 1000},
                "mbid_mapping": {"recording_mbid": mbid(n)},
            },
        }
        for at, (n, t, a, al) in _listens(playlists)
    ]
    return _one(folder, "1.jsonl", "".join(json.dumps(line) + "\n" for line in lines))


def mbid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def jspf(folder: Path, playlists: Playlists) -> Path:
    def write(tracks: Sequence[Track]) -> str:
        found = [
            {
                "title": t,
                "creator": a,
                "album": al,
                "identifier": [f"https://musicbrainz.org/recording/{mbid(n)}"],
            }
            for n, t, a, al in tracks
        ]
        return json.dumps({"playlist": {"title": "x", "track": found}})

    return _a_file_each(folder, ".jspf", playlists, write)


def xspf(folder: Path, playlists: Playlists) -> Path:
    def write(tracks: Sequence[Track]) -> str:
        inner = "".join(
            f"<track><location>file:///m/{n}.mp3</location><title>{escape(t)}</title>"
            f"<creator>{escape(a)}</creator><album>{escape(al)}</album><duration>200000</duration></track>"
            for n, t, a, al in tracks
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><playlist version="1" xmlns="http://xspf.org/ns/0/">'
            f"<trackList>{inner}</trackList></playlist>"
        )

    return _a_file_each(folder, ".xspf", playlists, write)


def pls(folder: Path, playlists: Playlists) -> Path:
    def write(tracks: Sequence[Track]) -> str:
        lines = [
            f"File{at}=m/{n}.mp3\nTitle{at}={a} - {t}\nLength{at}=200"
            for at, (n, t, a, _) in enumerate(tracks, 1)
        ]
        return "\n".join(["[playlist]", *lines, f"NumberOfEntries={len(tracks)}", "Version=2", ""])

    return _a_file_each(folder, ".pls", playlists, write)


def wpl(folder: Path, playlists: Playlists) -> Path:
    def write(tracks: Sequence[Track]) -> str:
        inner = "".join(
            f'<media src="m\\{n}.mp3" trackTitle={quoteattr(t)} trackArtist={quoteattr(a)} '
            f"albumTitle={quoteattr(al)}/>"
            for n, t, a, al in tracks
        )
        return (
            f'<?wpl version="1.0"?><smil><head><title>x</title></head><body><seq>{inner}</seq></body></smil>'
        )

    return _a_file_each(folder, ".wpl", playlists, write)


def m3u(folder: Path, playlists: Playlists) -> Path:
    def write(tracks: Sequence[Track]) -> str:
        return "#EXTM3U\n" + "".join(f"#EXTINF:200,{a} - {t}\nm/{n}.mp3\n" for n, t, a, _ in tracks)

    return _a_file_each(folder, ".m3u8", playlists, write)


def rekordbox(folder: Path, playlists: Playlists) -> Path:
    tracks = {track[0]: track for row in playlists for track in row}
    collection = "".join(
        f'<TRACK TrackID="{n}" Name={quoteattr(t)} Artist={quoteattr(a)} Album={quoteattr(al)} '
        f'TotalTime="200" Location="file://localhost/m/{n}.mp3"/>'
        for n, t, a, al in tracks.values()
    )
    lists = ""
    for number, row in enumerate(playlists):
        by_path = number % 2
        keys = "".join(f'<TRACK Key="{f"file://localhost/m/{n}.mp3" if by_path else n}"/>' for n, *_ in row)
        lists += f'<NODE Type="1" KeyType="{by_path}" Name="{number}">{keys}</NODE>'
    return _one(
        folder,
        "rekordbox.xml",
        '<?xml version="1.0" encoding="UTF-8"?><DJ_PLAYLISTS Version="1.0.0">'
        f'<COLLECTION Entries="{len(tracks)}">{collection}</COLLECTION>'
        f'<PLAYLISTS><NODE Type="0" Name="ROOT">{lists}</NODE></PLAYLISTS></DJ_PLAYLISTS>',
    )


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """A spreadsheet: texts of odd rows are shared, those of even ones stand in their cells, as some write."""
    shared: dict[str, int] = {}

    def cell(value: object, row: int, column: int) -> str:
        place = f"{chr(65 + column)}{row}"
        if not isinstance(value, str):
            return f'<c r="{place}"><v>{value}</v></c>'
        if row % 2:
            return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'

    main = "http://schemas.openxmlformats.org"
    files = {"[Content_Types].xml": f'<Types xmlns="{main}/package/2006/content-types"/>'}
    links = names = ""
    for number, (name, rows) in enumerate(sheets.items(), 1):
        lines = [
            "".join(cell(value, at, column) for column, value in enumerate(row) if value)
            for at, row in enumerate(rows, 1)
        ]
        inner = "".join(f'<row r="{at}">{line}</row>' for at, line in enumerate(lines, 1))
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{main}/spreadsheetml/2006/main"><sheetData>{inner}</sheetData></worksheet>'
        )
        links += f'<Relationship Id="r{number}" Target="worksheets/sheet{number}.xml"/>'
        names += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
    files["xl/workbook.xml"] = (
        f'<workbook xmlns="{main}/spreadsheetml/2006/main" '
        f'xmlns:r="{main}/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>'
    )
    files["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{main}/package/2006/relationships">{links}</Relationships>'
    )
    runs = [f"<r><t>{escape(text[:1])}</t></r><r><t>{escape(text[1:])}</t></r>" for text in shared]
    inner = "".join(f"<si>{each}</si>" for each in runs)
    files["xl/sharedStrings.xml"] = f'<sst xmlns="{main}/spreadsheetml/2006/main">{inner}</sst>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}')
    return out.getvalue()


_OTHER_SHEETS: dict[str, list[list[object]]] = {
    "1_account": [["Name", "Country"], ["Me", "France"]],
    "4_favoriteArtist": [["ID", "Artist"], [27, "Mara Quill"]],
    "5_favoriteAlbum": [["ID", "Title", "Artist"], [302127, "Album 1", "Mara Quill"]],
    "7_favoritePlaylist": [["ID", "Title"], [908622995, "Mine"]],
}
"""Of the data that Deezer gives, what holds no tracks."""


def deezer_history(folder: Path, playlists: Playlists) -> Path:
    head: list[object] = [
        "Song Title", "Artist", "ISRC", "Album Title", "IP Address", "Listening Time", "Platform Name",
        "Platform Model", "Date",
    ]  # fmt: skip
    rows: list[list[object]] = [
        [t, a, f"USXXX24{n:05d}", al, "192.0.2.1", SECONDS, "web", "", _written(at, as_number=n % 2 > 0)]
        for at, (n, t, a, al) in _listens(playlists)
    ]
    sheets = {**_OTHER_SHEETS, "10_listeningHistory": [head, *rows[::-1]]}
    return _one(folder, "deezer-data_1.xlsx", workbook(sheets))


def _written(at: datetime, *, as_number: bool) -> object:
    """A time as text, or in days since 1899-12-30."""
    if not as_number:
        return f"{at:%Y-%m-%d %H:%M:%S}"
    return (at - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)


def deezer_playlists(folder: Path, playlists: Playlists) -> Path:
    head: list[object] = ["Playlist Title", "Song Title", "Artist", "Album Title", "ISRC"]
    rows: list[list[object]] = [
        [f"list {p}", t, a, al, f"USXXX24{n:05d}"] for p, row in enumerate(playlists) for n, t, a, al in row
    ]
    return _one(folder, "deezer-data_1.xlsx", workbook({**_OTHER_SHEETS, "8_playlist": [head, *rows]}))


def titles(folder: Path, playlists: Playlists) -> Path:
    return _a_file_each(
        folder, ".txt", playlists, lambda tracks: "".join(f"{a} - {t}\n" for _, t, a, _ in tracks)
    )


def zipped(folder: Path) -> Path:
    """A zip archive of a folder, with other files beside its own."""
    path = folder.parent / f"{folder.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"export/{file.name}")
        archive.writestr("export/cover.jpg", bytes(500))
        archive.writestr("export/Userdata.json", '{"username": "x", "email": "y"}')
        archive.writestr("__MACOSX/export/._x", bytes(50))
    return path


EXPORTS = {
    "exportify": exportify,
    "exportify, old": exportify_old,
    "tunemymusic": tunemymusic,
    "soundiiz": soundiiz,
    "spotify account": spotify_account,
    "spotify library": spotify_library,
    "spotify year": spotify_year,
    "spotify all": spotify_all,
    "apple": apple,
    "youtube": youtube,
    "youtube page": youtube_page,
    "youtube playlists": youtube_playlists,
    "last.fm": lastfm,
    "listenbrainz": listenbrainz,
    "jspf": jspf,
    "xspf": xspf,
    "pls": pls,
    "wpl": wpl,
    "m3u": m3u,
    "rekordbox": rekordbox,
    "deezer history": deezer_history,
    "deezer playlists": deezer_playlists,
    "titles": titles,
}
