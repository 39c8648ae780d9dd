"""A proposal as GitHub shows it: pull request, report comment and check run, as values of plain text."""

from __future__ import annotations
