"""Tables computed from a corpus by networks; `ytcat record` writes them beside those of `reference_runs`."""

from ytcat.future_directions.better_models import heat_maps, zero_shot
from ytcat.reference_runs.extra_models import ENLARGED_PROBE, ZERO_SHOT

TABLES = {
    ZERO_SHOT: zero_shot.ranks,
    ENLARGED_PROBE: heat_maps.probe_ranks,
    "heat_maps": heat_maps.mean_maps,
}
