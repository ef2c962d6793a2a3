"""Who runs the commands of the app."""

from functools import partial

from segue.tui.commands import Command, commands_of
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller, Planning
from segue.tui.controllers.dials import DialsAndBasket
from segue.tui.controllers.history import History
from segue.tui.controllers.matches import Matches, Titles
from segue.tui.controllers.places import Places
from segue.tui.controllers.playback import Playback
from segue.tui.controllers.playlists import Playlists
from segue.tui.controllers.preferences import Preferences
from segue.tui.controllers.queue import Crates, QueueAndPlaying
from segue.tui.controllers.sound import Auditions, Sound
from segue.tui.controllers.steering import Starts, Steering, Tastes
from segue.tui.controllers.views import Views
from segue.tui.controllers.walks import Walks

CONTROLLERS: tuple[type[Controller], ...] = (
    Walks, Playback, Auditions, Sound, Steering, QueueAndPlaying, Crates,
    DialsAndBasket, Tastes, History, Places, Playlists, Matches, Preferences, Views,
)  # fmt: skip
"""Every controller, in the order in which the help lists their commands."""
APP_COMMANDS = tuple(each for controller in CONTROLLERS for each in commands_of(controller))


class Controllers:
    """All controllers, each handed those it needs."""

    def __init__(self, app: Explorer) -> None:
        self.views = Views(app)
        self.history = History(app)
        self.sound = Sound(app)
        self.auditions = Auditions(app, self.sound)
        self.planning = Planning(app)
        self.playback = Playback(app, self.history, self.sound, self.auditions, self.planning)
        self.steering = Steering(app, self.playback, self.planning)
        self.walks = Walks(app, self.views)
        self.dials = DialsAndBasket(app, self.history, self.steering, self.walks)
        self.tastes = Tastes(app, self.history, self.playback, self.steering)
        self.crates = Crates(app, self.history, self.walks)
        self.queue = QueueAndPlaying(app, self.playback, self.tastes, self.walks, self.crates, self.steering)
        self.places = Places(app, self.history, self.walks)
        self.starts = Starts(app, self.playback, self.steering, self.places)
        self.matches = Matches(app, self.history, self.walks, self.auditions)
        self.playlists = Playlists(app, self.walks, self.places, self.playback, self.matches)
        self.preferences = Preferences(app, self.walks)
        self.titles = Titles(app)

    def method(self, command: Command) -> "partial[object]":
        """Return the bound method that runs a command of the app."""
        for controller in vars(self).values():
            if command in commands_of(type(controller)):
                return partial(command.method, controller)
        raise KeyError(command.id)
