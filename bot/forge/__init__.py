"""Where issues, branches and pull requests live."""
