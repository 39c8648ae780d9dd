"""Extending a stack that is there: what is missing is added to its file, and all that stands stays as it is."""
