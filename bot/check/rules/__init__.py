"""One small file per rule, its page beside it."""
