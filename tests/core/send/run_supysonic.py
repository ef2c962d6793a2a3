"""Supysonic, a music server of others' making, with tagged files.

`PYTHON run_supysonic.py FOLDER < songs.json`, by a Python that has it; prints its port.
Songs are titles, artists and seconds.
"""

import json
import sys
import wave
from pathlib import Path

from supysonic.config import IniConfig  # type: ignore[import-not-found]
from supysonic.web import create_application  # type: ignore[import-not-found]
from werkzeug.serving import make_server  # type: ignore[import-not-found]


def main() -> None:
    folder = Path(sys.argv[1])
    music = folder / "music"
    music.mkdir(parents=True)
    (folder / "supysonic.conf").write_text(
        f"[base]\ndatabase_uri = sqlite:///{folder}/db.sqlite\n"
        f"[webapp]\ncache_dir = {folder}/cache\nmount_webui = off\n"
    )
    app = create_application(IniConfig(str(folder / "supysonic.conf")))

    from mediafile import MediaFile  # type: ignore[import-not-found]
    from supysonic.db import close_connection  # type: ignore[import-not-found]
    from supysonic.managers.folder import FolderManager  # type: ignore[import-not-found]
    from supysonic.managers.user import UserManager  # type: ignore[import-not-found]
    from supysonic.scanner import Scanner  # type: ignore[import-not-found]

    for number, (title, artist, seconds) in enumerate(json.load(sys.stdin)):
        path = music / f"{number}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 1, 100, 0, "NONE", ""))
            file.writeframes(bytes(round(100 * seconds)))
        tags = MediaFile(str(path))
        tags.title, tags.artist, tags.album = title, artist, "An Album"
        tags.save()
    UserManager.add("ann", "a pass:word")
    FolderManager.add("music", str(music))
    scanner = Scanner()
    scanner.queue_folder("music")
    scanner.run()
    close_connection()
    server = make_server("127.0.0.1", 0, app)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
