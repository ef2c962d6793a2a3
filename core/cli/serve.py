"""`segue serve`: the learned space behind other players."""

import argparse
import os
import socket
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import note, print_json, say
from segue.core.errors import SegueError, UsageError

if TYPE_CHECKING:
    from segue.core.subsonic import Subsonic


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_library(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen at (default: 127.0.0.1, this machine alone)",
    )
    parser.add_argument("--port", type=int, default=8423, help="the port; 0 for a free one (default: 8423)")
    parser.add_argument(
        "--subsonic",
        metavar="URL",
        help="a Navidrome, Gonic or other Subsonic server whose songs are answered with; its user is in "
        "SEGUE_SUBSONIC_USER and its password in SEGUE_SUBSONIC_TOKEN or a file (docs/navidrome.md)",
    )
    parser.add_argument(
        "--check", action="store_true", help="open the library, match the songs, say so and end"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if find_spec("uvicorn") is None:
        raise UsageError("segue serve needs the package uvicorn; run: pip install 'segue[serve]'")
    from segue.core.library import Library
    from segue.core.serve.answers import Answers
    from segue.core.serve.app import App, run_server
    from segue.core.tokens import make_token, token_path, variable

    if args.subsonic and args.offline:
        raise UsageError("--subsonic needs the network; leave --offline out")
    token, made = make_token("serve")
    library = Library.open(args.library)
    answers = Answers(library, server_of(args.subsonic) if args.subsonic else None)
    owned = answers.owned
    if owned is not None and not args.json:
        how = ", ".join(f"{count:,} by {name}" for name, count in owned.how.items()) or "none"
        say(f"{len(owned.row_of):,} of {owned.songs:,} songs are in {library.name} ({how})")
    if made:
        note(f"a token was made: {token_path('serve')}")
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
            run_server(App(answers, token), here)
    return 0


def server_of(url: str) -> "Subsonic":
    """The Subsonic server at an address, with the user and password that are kept for it."""
    from segue.core.subsonic import Subsonic
    from segue.core.tokens import read_token

    user = os.environ.get("SEGUE_SUBSONIC_USER", "")
    password = read_token("subsonic")
    if not user and ":" in password:  # both in the file, as user:password
        user, _, password = password.partition(":")
    if not user:
        raise UsageError("set SEGUE_SUBSONIC_USER, or write user:password into the file")
    return Subsonic(url, user, password)


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
