"""Who carries out the commands. A command `radio.start` is the method `start` of `desk.radio`."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segue.tui.app import SegueApp
    from segue.tui.controllers.basket import Baskets
    from segue.tui.controllers.dials import DialsDesk
    from segue.tui.controllers.explain import Explain
    from segue.tui.controllers.help import Help
    from segue.tui.controllers.path import Paths
    from segue.tui.controllers.places import Places
    from segue.tui.controllers.playlists import Playlists
    from segue.tui.controllers.radio import RadioDesk
    from segue.tui.controllers.search import Search
    from segue.tui.controllers.sound import Sound
    from segue.tui.controllers.surprise import Surprises
    from segue.tui.controllers.taste import TasteDesk
    from segue.tui.controllers.undo import Undo
    from segue.tui.controllers.views import Views
    from segue.tui.controllers.walks import Walks

CLASSES = {
    "walk": "walks.Walks",
    "search": "search.Search",
    "surprise": "surprise.Surprises",
    "views": "views.Views",
    "sound": "sound.Sound",
    "radio": "radio.RadioDesk",
    "taste": "taste.TasteDesk",
    "undo": "undo.Undo",
    "path": "path.Paths",
    "basket": "basket.Baskets",
    "explain": "explain.Explain",
    "dials": "dials.DialsDesk",
    "places": "places.Places",
    "playlists": "playlists.Playlists",
    "help": "help.Help",
}
"""The controllers' classes, by the name that their commands' ids begin with."""


class Desk:
    """All controllers. Each is imported and made when first asked for: 12 ms that no start waits for."""

    walk: "Walks"
    search: "Search"
    surprise: "Surprises"
    views: "Views"
    sound: "Sound"
    radio: "RadioDesk"
    taste: "TasteDesk"
    undo: "Undo"
    path: "Paths"
    basket: "Baskets"
    explain: "Explain"
    dials: "DialsDesk"
    places: "Places"
    playlists: "Playlists"
    help: "Help"

    def __init__(self, app: "SegueApp") -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the annotations above say what
        if name not in CLASSES:
            raise AttributeError(name)
        module, _, made = CLASSES[name].partition(".")
        controller = getattr(importlib.import_module(f"segue.tui.controllers.{module}"), made)(self._app)
        setattr(self, name, controller)
        return controller
