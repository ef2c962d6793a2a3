"""The keys of the metrics."""

from segue.tui.commands import Command, Context

CONTEXT = Context(
    "metrics",
    "Metrics",
    "How often the track that came next is among the first ten suggestions, against the baselines. Bars "
    "end in their 95 % interval. Enter on a ranker goes to its popularity buckets, enter on a bucket to "
    "its held-out playlists, enter on one shows what was played, what came, and what two rankers would "
    "have said.",
    (
        Command("metrics.open", "enter", "open", "Go into the line under the cursor.", 96),
        Command("metrics.up", "escape,h,backspace", "up", "Go back to where you came from.", 95),
        Command("metrics.evaluate", "e", "score now", "Score the library (segue evaluate).", 80),
        Command("metrics.stop", "E", "stop scoring", "Stop scoring; the scores of before stay.", 81),
        Command("metrics.pairs", "t", "other pairs", "Change between validation pairs and test pairs.", 70),
        Command(
            "metrics.counting",
            "c",
            "counting",
            "Count all pairs, leave out repeats, or count as the paper does.",
            69,
        ),
        Command(
            "metrics.filter",
            "i",
            "hits or misses",
            "List all playlists, the hits only, or the misses only.",
            79,
        ),
        Command("metrics.next_case", "n", "next playlist", "Go to the next held-out playlist.", 78),
        Command("metrics.previous_case", "N", "one before", "Go to the held-out playlist before.", 77),
        Command(
            "metrics.ranker", "K", "other ranker", "Let another ranker predict in the focused column.", 76
        ),
    ),
)
