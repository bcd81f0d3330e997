"""Can a machine categorize YouTube trending videos from their thumbnails and titles?"""

from ytcat import environment as _environment

_environment.tell(_environment.settle())
