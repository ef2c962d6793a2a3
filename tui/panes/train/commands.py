"""The keys of the training view."""

from segue.tui.commands import Command, Context

CONTEXT = Context(
    "train",
    "Train",
    "Fill in the form and start: the training runs in another process, and you can explore meanwhile. "
    "Stopping keeps the best vectors so far, and resuming goes on from there. On a library of the list, "
    "enter opens it, T searches for better settings on its playlists, w watches such a search, wherever "
    "it was started.",
    (
        Command("train.start", "ctrl+s", "start", "Start the training that the form describes.", 99),
        Command("train.stop", "E", "stop", "Stop and keep the best; again stops at once.", 98),
        Command(
            "train.resume",
            "R",
            "resume",
            "Go on with a training that was stopped or killed.",
            80,
        ),
        Command("train.open_new", "o", "open new library", "Open the library that was trained.", 97),
        Command("train.open", "enter", "open library", "Open the library under the cursor.", 79),
        Command(
            "train.tune",
            "T",
            "search settings",
            "Search for better settings on this library's playlists.",
            78,
        ),
        Command("train.watch", "w", "watch search", "Watch its search, or the training again.", 77),
        Command("train.form", "i", "form", "Go to the form.", 76),
        Command("train.leave_form", "escape", "leave form", "Go from the form to the libraries.", 75),
    ),
)
