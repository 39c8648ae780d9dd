"""Pure values that travel between rooms: frozen, JSON-serialisable, without I/O."""
