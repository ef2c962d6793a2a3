"""Who carries out the commands. A command `radio.start` is the method `start` of `desk.radio`."""

from typing import TYPE_CHECKING

from tui.controllers.basket import Baskets
from tui.controllers.dials import DialsDesk
from tui.controllers.explain import Explain
from tui.controllers.help import Help
from tui.controllers.path import Paths
from tui.controllers.places import Places
from tui.controllers.playlists import Playlists
from tui.controllers.radio import RadioDesk
from tui.controllers.search import Search
from tui.controllers.sound import Sound
from tui.controllers.surprise import Surprises
from tui.controllers.taste import TasteDesk
from tui.controllers.undo import Undo
from tui.controllers.views import Views
from tui.controllers.walks import Walks

if TYPE_CHECKING:
    from tui.app import SegueApp


class Desk:
    """All controllers, each under the name that its commands' ids begin with."""

    def __init__(self, app: "SegueApp") -> None:
        self.walk = Walks(app)
        self.search = Search(app)
        self.surprise = Surprises(app)
        self.views = Views(app)
        self.sound = Sound(app)
        self.radio = RadioDesk(app)
        self.taste = TasteDesk(app)
        self.undo = Undo(app)
        self.path = Paths(app)
        self.basket = Baskets(app)
        self.explain = Explain(app)
        self.dials = DialsDesk(app)
        self.places = Places(app)
        self.playlists = Playlists(app)
        self.help = Help(app)
