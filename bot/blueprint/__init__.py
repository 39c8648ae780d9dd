"""The deterministic engine: a Brief becomes files, from scaffolds, without a model."""
