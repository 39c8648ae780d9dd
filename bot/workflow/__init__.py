"""The story of a run, in order, against ports."""
