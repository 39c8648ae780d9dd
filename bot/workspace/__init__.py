"""Trees to work in: rebuilt from git and a patch, never durable state."""
