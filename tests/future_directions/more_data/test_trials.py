"""The trials that a comparison with people needs, per model."""

from ytcat import reference_runs, slides
from ytcat.evaluation.sample_size import trials_needed
from ytcat.future_directions.more_data.trials import trials_by_model


def test_models_of_slides_reference_runs_and_this_run_are_compared_with_people():
    table = trials_by_model(0.54, {"title": 0.7, "thumbnail": 0.4, "both": 0.75}, n_test=500)
    recorded = [
        model for runs in reference_runs.read_all() for model in ("text", "fusion") if model in runs.results
    ]
    expected = {"slides": 2, "real videos": len(recorded), "this run": 2}
    assert table["source"].value_counts().to_dict() == expected
    assert table.loc[table["source"] == "slides", "accuracy"].tolist() == [
        slides.RESULTS["text"].top1,
        slides.RESULTS["fusion"].top1,
    ]
    last = table.iloc[-1]
    assert (last["name"], last["accuracy"], last["tested"]) == ("both", 0.75, 500)
    assert last["trials"] == trials_needed(0.54, 0.75, 500)


def test_a_run_without_thumbnails_compares_the_title_alone():
    table = trials_by_model(0.54, {"title": 0.7}, n_test=500)
    assert table.loc[table["source"] == "this run", "name"].tolist() == ["title"]
