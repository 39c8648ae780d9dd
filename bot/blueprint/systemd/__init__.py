"""systemd: the stack on one machine without containers, as hardened units."""
