"""A report as text: a table, Markdown, and bars."""

from collections.abc import Iterator, Sequence

from segue.core.evaluation.metrics import Measure, decision
from segue.core.evaluation.report import Difference, RankerScores, Report, Scores
from segue.core.text import counted

EIGHTHS = " ▏▎▍▌▋▊▉█"

Table = tuple[list[str], list[list[str]]]
"""Column names, and rows as long as them."""


def number(value: float) -> str:
    """A score between 0 and 1 in four decimals."""
    return f"{value:.4f}"


def with_interval(measure: Measure) -> str:
    """A mean with its 95 % interval: `0.1124 (0.106–0.119)`."""
    return f"{measure.mean:.4f} ({measure.low:.3f}–{measure.high:.3f})"


def with_margin(measure: Measure) -> str:
    """A mean with half the width of its 95 % interval: `0.1124 ±0.006`."""
    return f"{measure.mean:.4f} ±{(measure.high - measure.low) / 2:.3f}"


def share(value: float | None) -> str:
    """A share in percent; an unknown one is a dash."""
    return "–" if value is None else f"{100 * value:.1f} %"


def score_table(report: Report, *, paper: bool = False, wide: bool = False) -> Table:
    """The rankers, best first, with intervals.

    With `paper` the figures are as Caselles-Dupré et al. (2018) count them: a target that is the seed is a
    hit at rank 1, and HR@k is 100 times the hit rate. `wide` gives both bounds of each interval, else half
    its width, which fits 80 columns.
    """
    k = report.k
    if paper:
        columns = ["ranker", f"HR@{k}", "95 %", f"NDCG@{k}", "95 %"]
        return columns, [[scores.ranker, *_paper_cells(scores.paper)] for scores in best_first(report)]
    shown = with_interval if wide else with_margin
    columns = ["ranker", f"hit@{k}", f"NDCG@{k}", f"MRR@{k}", "covers", "hubs", "artist"]
    rows = [
        [
            scores.ranker,
            shown(scores.all.hit),
            shown(scores.all.ndcg),
            number(scores.all.mrr.mean),
            f"{100 * scores.coverage:.0f} %",
            f"{scores.hubness:.1f}",
            share(scores.same_artist),
        ]
        for scores in best_first(report)
    ]
    return columns, rows


def _paper_cells(scores: Scores) -> list[str]:
    hit, ndcg = scores.hit, scores.ndcg
    return [
        f"{100 * hit.mean:.2f}",
        f"{100 * hit.low:.2f}–{100 * hit.high:.2f}",
        number(ndcg.mean),
        f"{ndcg.low:.4f}–{ndcg.high:.4f}",
    ]


def completion_tables(report: Report, *, wide: bool = False) -> list[Table]:
    """How well playlists are continued, and how well what they miss is found; none where it wasn't scored."""
    found, k = report.completion, report.k
    if found is None:
        return []
    shown = with_interval if wide else with_margin
    return [
        (
            ["continue a playlist", f"hit@{k}", f"NDCG@{k}"],
            [[one.ranker, shown(one.hit), shown(one.ndcg)] for one in found.continued],
        ),
        (
            ["find what is missing", f"recall@{k}", "R-precision"],
            [[one.ranker, shown(one.recall), shown(one.r_precision)] for one in found.missing],
        ),
    ]


def bucket_table(report: Report) -> Table:
    """Hit rates by how often the target occurs in training: a row a ranker, a column a bucket."""
    rankers = best_first(report)
    buckets = rankers[0].buckets if rankers else ()
    columns = ["target occurs", *(bucket.label for bucket in buckets)]
    rows = [["pairs", *(f"{bucket.scores.pairs:,}" for bucket in buckets)]]
    rows += [
        [scores.ranker, *(f"{bucket.scores.hit.mean:.3f}" for bucket in scores.buckets)] for scores in rankers
    ]
    return columns, rows


def best_first(report: Report) -> list[RankerScores]:
    """The rankers of a report by falling hit rate."""
    return sorted(report.rankers, key=lambda scores: -scores.all.hit.mean)


def facts(report: Report) -> Iterator[str]:
    """What a reader must know to read the scores, a sentence a line."""
    yield (
        f"{counted(report.n_pairs, f'{report.pairs} pair')}, {counted(report.n_seeds, 'distinct seed')}, "
        f"each ranked against all {counted(report.n_tracks, 'track')}"
    )
    yield "± and bars show 95 % bootstrap intervals over the pairs"
    yield (
        f"in {share(report.target_is_seed)} of the pairs the target is the seed, a miss for every ranker; "
        f"in {share(report.target_unseen)} it does not occur in training"
    )
    if report.completion is not None:
        yield (
            f"{report.completion.playlists:,} {report.pairs} playlists are completed: the last track is to "
            "be found, or the last 20 to 50 %, which all leave out of what they count"
        )
    if report.lead is not None:
        yield lead_in_words(report.lead.all, report.k)
    if report.next_weight is not None and any(scores.ranker == "next" for scores in report.rankers):
        plays = f" + {report.next_popularity:g} log(1 + plays)" if report.next_popularity else ""
        pairs = (
            f"{report.n_choosing:,} pairs outside this report" if report.n_choosing else "validation pairs"
        )
        after = f" + {report.next_following:g} log(1 + followed)" if report.next_following else ""
        met = f" + {report.next_weight:g} log(1 + count)"
        yield f"next = cosine{met}{after}{plays}, weights chosen on {pairs}"


def lead_in_words(found: Difference, k: int) -> str:
    """How the model does against the best baseline, pair by pair."""
    ways = {1: "hits more often than", -1: "hits less often than", 0: "can't be distinguished from"}
    against = f"{found.one} {ways[decision(found.hit)]} {found.other}, the best baseline"
    return f"pair by pair, {against}: hit@{k} {signed(found.hit)}"


def signed(measure: Measure) -> str:
    """A difference with its 95 % interval: `+0.0149 (+0.0080 to +0.0220)`."""
    return f"{measure.mean:+.4f} ({measure.low:+.4f} to {measure.high:+.4f})"


def bars(report: Report, *, width: int = 40) -> Iterator[str]:
    """A line a ranker: a bar for its hit rate, the bounds of its interval marked, and the figure."""
    rankers = best_first(report)
    top = max((scores.all.hit.high for scores in rankers), default=0.0)
    indent = max((len(scores.ranker) for scores in rankers), default=0)
    for scores in rankers:
        hit = scores.all.hit
        yield f"{scores.ranker:<{indent}}  {interval_bar(hit, top, width)}  {number(hit.mean)}"


def bar(value: float, top: float, width: int) -> str:
    """A bar of `value` where `top` fills `width` cells, in eighths of a cell, padded to the width."""
    eighths = round(8 * width * min(max(value / top, 0.0), 1.0)) if top > 0 else 0
    full, rest = divmod(eighths, 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(width)


def interval_bar(measure: Measure, top: float, width: int) -> str:
    """A bar for the mean; behind it a line reaches to the upper bound of the interval."""
    drawn = bar(measure.mean, top, width).rstrip(" ")
    reach = round(width * min(measure.high / top, 1.0)) if top > 0 else 0
    return (drawn + "─" * (reach - len(drawn) - 1) + "┤" if reach > len(drawn) else drawn).ljust(width)


def markdown(table: Table) -> list[str]:
    """A table as lines of Markdown, numbers aligned right."""
    columns, rows = table
    return [_line(columns), _line(["---", *("---:" for _ in columns[1:])]), *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
