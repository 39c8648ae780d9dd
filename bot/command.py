"""Commands people write in comments; a pure parser."""
