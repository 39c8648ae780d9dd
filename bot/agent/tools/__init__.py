"""What the model can do: read and write files, run commands, use skills, and ask how its work stands."""
