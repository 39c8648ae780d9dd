"""Compose files, Dockerfiles and env files as located values; pure, read by check and verify."""
