"""Settings, from the environment or a `.env` file."""
