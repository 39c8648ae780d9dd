"""Composition root: settings to adapters."""
