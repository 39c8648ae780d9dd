"""What a compose file may hold, and how its parts must fit together."""
