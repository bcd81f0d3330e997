"""What the data card says: of the corpus that the book was run on, and of the recorded ones; all computed."""

from ytcat.corpus import Corpus
from ytcat.data import provenance
from ytcat.data.provenance import Provenance
from ytcat.reference_runs import read_all

SOURCES = 6  # that the table shows one by one; a chart a day soon makes hundreds

_STATES = {
    "ok": "Thumbnails that can be used",
    "missing": "Without a thumbnail file",
    "placeholder": "With YouTube's grey picture of a deleted video",
    "unreadable": "With a thumbnail that cannot be read",
    "too large": "With a thumbnail too large to be one",
    "link out of the folder": "With a link out of the folder for a thumbnail",
}
_OUTCOMES = {
    "ok": "Thumbnails fetched",
    "gone": "Thumbnails that YouTube no longer has",
    "failed": "Thumbnails that failed, and can be tried again",
    "not asked": "Thumbnails not asked for yet",
}
_OPTIONAL = {"channel_title": "channel", "publish_time": "time of publication", "tags": "tags"}


def contents_rows(corpus: Corpus) -> list[dict[str, str]]:
    """What ingesting kept and dropped, and what the kept videos lack."""
    report = corpus.report
    counts = {"Records read": report.read}
    counts |= {f"Records dropped: {reason}": count for reason, count in report.dropped.items()}
    counts["Videos kept"] = report.kept
    counts |= {f"Without {name}": report.without[column] for column, name in _OPTIONAL.items()}
    counts |= {_STATES[state]: count for state, count in report.thumbnails.items()}
    return [{"What": what, "Number": f"{count:,}"} for what, count in counts.items()]


def provenance_rows(corpus: Corpus) -> list[dict[str, str]]:
    """Where the corpus came from, of its `provenance.json`; none where it has none."""
    known = None if corpus.synthetic else provenance.read(corpus.source)
    if known is None:
        return []
    found = {
        "Source": known.source,
        "Region": known.region,
        "Licence, as the source states it": known.licence,
        "Published": _days(known.published),
        "On the trending list, last day of each video": _days(known.trended),
        "Categories that the region's file lacks": ", ".join(map(str, known.categories_absent)) or "none",
    }
    for source in known.sources[:SOURCES]:
        found[f"`{source.name}`"] = f"{source.origin}, {source.fetched}, SHA-256 `{source.sha256[:16]}`"
    if (more := len(known.sources) - SOURCES) > 0:
        found["Further sources"] = f"{more:,}, to {known.sources[-1].fetched}: see `provenance.json`"
    return [{"What": what, "Said": said} for what, said in (found | _thumbnails(known)).items()]


def _thumbnails(known: Provenance) -> dict[str, str]:
    if known.thumbnails is None:
        return {"Thumbnails": "none asked for"}
    got = known.thumbnails
    said = {_OUTCOMES[outcome]: f"{count:,}" for outcome, count in got.outcomes.items()}
    return said | {"Thumbnails from": f"{got.origin}, {got.finished}, SHA-256 `{got.sha256[:16]}`"}


def without_provenance(corpus: Corpus) -> str:
    """What is said in place of the table of provenance."""
    if corpus.synthetic:
        return (
            "It comes from no one: `ytcat` made it up, from a seed, out of word lists and shapes of its own."
        )
    return (
        f"The folder of `{corpus.name}` has no `provenance.json`, so where it came from is known to whoever "
        "made it, and not to this book."
    )


def recorded_rows() -> list[dict[str, str]]:
    """The videos of the recorded runs, by corpus, on the slides' split."""
    return [
        {
            "Corpus": f"`{recorded.name}`",
            "For training": f"{entry['n_train']:,}",
            "For testing": f"{entry['n_test']:,}",
            "Largest category, share of test": f"{entry['top1']:.1%}",
            "Thumbnails": "yes" if "image" in recorded.results else "none",
        }
        for recorded in read_all()
        if (entry := recorded.results.get("majority"))
    ]


def _days(days: tuple[str, str] | None) -> str:
    return f"{days[0]} to {days[1]}" if days else "not told"
