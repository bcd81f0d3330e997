"""How many trials of people would distinguish them from a model."""

from collections.abc import Mapping

import pandas as pd

from ytcat import reference_runs, slides
from ytcat.evaluation.sample_size import trials_needed
from ytcat.views import VIEWS


def trials_by_model(people: float, this_run: Mapping[str, float], n_test: int) -> pd.DataFrame:
    """Trials of people needed per model of the title, and of title and thumbnail: `name` (the view), `source`
    (see `ytcat.figures.SOURCES`), `accuracy`, `tested` (videos), `trials` (inf: no number is enough).

    The models are those of the slides, of the reference runs and of this run. `people` is the accuracy of
    people, `this_run` the accuracies of this run's models by view, on `n_test` videos; shares 0..1.
    """
    views = [VIEWS["title"], VIEWS["both"]]
    rows = [(view.key, "slides", slides.RESULTS[view.slides_model].top1, slides.N_TEST) for view in views]
    for runs in reference_runs.read_all():
        rows += [
            (f"{view.key}, {runs.name}", "real videos", model["top1"], model["n_videos"])
            for view in views
            if (model := runs.results.get(view.slides_model))
        ]
    rows += [(view.key, "this run", this_run[view.key], n_test) for view in views if view.key in this_run]
    table = pd.DataFrame(rows, columns=["name", "source", "accuracy", "tested"])
    trials = [trials_needed(people, row.accuracy, row.tested) for row in table.itertuples()]
    return table.assign(trials=trials)
