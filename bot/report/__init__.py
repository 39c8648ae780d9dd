"""All text for people, rendered from values."""
