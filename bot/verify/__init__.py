"""Builds, starts, watches, probes, judges and takes down a stack."""
