"""Fitting: infrastructure for an application that is there already, read from its manifests and its code."""
