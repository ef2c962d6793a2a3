"""Other programs: `segue serve` and `segue send`."""

import argparse
import os
import socket
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from segue.core.cli import add
from segue.core.cli.output import note, print_json, say
from segue.core.cli.playing import add_starting_points, rows_of
from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.send.destinations import Destination


def configure_serve(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.library(parser)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)"
    )
    parser.add_argument(
        "--port", type=int, default=8423, help="port to listen on; 0 picks a free one (default: 8423)"
    )
    add.option(
        parser,
        "--subsonic",
        "URL",
        "answer with the songs of this Navidrome, Gonic or other Subsonic server; set the user in "
        "SEGUE_SUBSONIC_USER and the password in SEGUE_SUBSONIC_TOKEN or a file (docs/navidrome.md)",
    )
    add.flag(parser, "--check", "open the library, match the songs, report and exit")
    add.json(parser)


def run_serve(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if find_spec("uvicorn") is None:
        raise UsageError("segue serve needs the package uvicorn: pip install uvicorn")
    from segue.core.places import make_token, token_path, user_folder, variable
    from segue.core.serve.answers import Answers
    from segue.core.serve.app import App, run_server
    from segue.core.subsonic import server_at

    if args.subsonic and args.offline:
        raise UsageError("--subsonic needs the network; run without --offline")
    token, made = make_token("serve")
    library = Library.open(args.library)
    server = server_at(args.subsonic) if args.subsonic else None
    answers = Answers(library, server, folder=user_folder("cache") / "neighbours")
    owned = answers.owned
    if owned is not None and not args.json:
        how = ", ".join(f"{count:,} by {name}" for name, count in owned.how.items()) or "none"
        say(f"{len(owned.row_of):,} of {counted(owned.songs, 'song')} found in {library.name} ({how})")
    if made:
        note(f"created a token: {token_path('serve')}")
    with listening(args.host, args.port) as here:
        host, port = here.getsockname()[:2]
        place = variable("serve") if os.environ.get(variable("serve")) else token_path("serve")
        if args.json:
            songs = {} if owned is None else {"songs": owned.songs, "matched": len(owned.row_of)}
            print_json({"address": f"http://{host}:{port}", "tracks": len(library), **songs})
        elif args.check:
            say(f"{library.name} can be served at http://{host}:{port}")
        else:
            say(f"{library.name} ({len(library):,} tracks) at http://{host}:{port}; the token is in {place}")
        with suppress(KeyboardInterrupt):
            if args.check:
                return 0
            answers.lists.start()
            run_server(App(answers, token), here)
    return 0


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at an address."""
    if not 0 <= port < 65_536:
        raise UsageError(f"--port {port}: must be 0 to 65535")
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        here = socket.socket(family, kind, number)
        here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        here.bind(address)
        here.listen(128)
    except (OSError, OverflowError, UnicodeError) as error:
        raise SegueError(f"{host}:{port}: can't listen there ({error}); choose another --port") from None
    return here


TARGETS = ("subsonic", "listenbrainz", "mpd", "m3u8", "tunemymusic")


def configure_send(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "target", choices=TARGETS, help="where to send; subsonic covers Navidrome, Gonic, LMS and others"
    )
    add_starting_points(parser)
    add.library(parser)
    parser.add_argument(
        "--name", help="the name of the playlist there (default: a description of what is sent)"
    )
    add.flag(parser, "--dry-run", "show how each track is matched, without sending anything")
    add.option(parser, "--url", "URL", "subsonic: the server's address, such as http://localhost:4533")
    parser.add_argument("--host", default="localhost:6600", help="mpd: HOST[:PORT] (default: localhost:6600)")
    add.flag(parser, "--queue", "mpd: add to the queue instead of a playlist")
    parser.add_argument("--out", type=Path, metavar="FILE", help="m3u8, tunemymusic: the file to write")
    parser.add_argument("--base", type=Path, metavar="FOLDER", help="m3u8: paths relative to this folder")
    add.flag(parser, "--relative", "m3u8: paths relative to the file")
    add.flag(parser, "--replace", "m3u8, tunemymusic: let --out overwrite an existing file")
    add.seed(parser)
    add.json(parser)


def run_send(args: argparse.Namespace) -> int:
    """Match, show how, and send."""
    from segue.core.files import require_new

    if args.out is not None and args.target in {"m3u8", "tunemymusic"} and not args.dry_run:
        require_new(args.out, replace=args.replace)
    library = Library.open(args.library)
    rows, source = rows_of(args, library)
    rows = list(dict.fromkeys(rows))
    if args.offline and args.target in {"subsonic", "listenbrainz", "mpd"}:
        raise UsageError(f"{args.target} needs the network; run without --offline")
    from segue.core.send.destinations import send_to

    destination = _destination(args)
    sent = destination.match(library, rows)
    done = "nothing was sent" if args.dry_run else send_to(destination, args.name or source, sent)
    there = sum(1 for each in sent if each.where)
    if args.json:
        print_json(
            {
                "target": args.target,
                "sent": not args.dry_run,
                "matched": there,
                "done": done,
                "tracks": [
                    {"track_id": each.track.track_id, "where": each.where, "how": each.how} for each in sent
                ],
            }
        )
        return 0
    for each in sent:
        if not each.where:
            note(f"not there: {each.track.label}")
        elif args.dry_run:
            say(f"{each.track.label}: {each.where} (by {each.how})")
    say(f"{there} of {counted(len(sent), 'track')}; {done}")
    return 0


def _destination(args: argparse.Namespace) -> "Destination":
    from segue.core.send import destinations

    match args.target:
        case "subsonic":
            if not args.url:
                raise UsageError("pass the server's address: --url http://localhost:4533")
            return destinations.OnSubsonic(args.url)
        case "listenbrainz":
            return destinations.OnListenBrainz()
        case "mpd":
            return destinations.OnMPD(args.host, args.queue)
        case "m3u8":
            return destinations.AsM3U8(args.out, args.base, args.relative)
    return destinations.AsTuneMyMusic(args.out)
