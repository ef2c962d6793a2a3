"""The keys of the comparison."""

from segue.tui.commands import Command, Context

CONTEXT = Context(
    "compare",
    "Compare",
    "The neighbours of one track in two libraries. Tracks that both list, in the same order, stand on "
    "one line with an = between them. An arrow gives the rank that the other library gives a track; + "
    "marks one that it lacks. Enter on a line compares from there.",
    (
        Command("compare.choose", "c", "other library", "Choose the library to compare with.", 97),
        Command("compare.next_difference", "n", "next change", "Go to the next line that differs.", 80),
        Command(
            "compare.previous_difference", "N", "change before", "Go to the line before that differs.", 79
        ),
        Command(
            "compare.measure",
            "d",
            "measure",
            "Compare both on the same held-out pairs, with an interval.",
            78,
        ),
        Command("compare.open", "o", "open the other", "Open the other library in place of this one.", 77),
    ),
)
