"""GitHub as a forge: the App's tokens, requests with errors in words, and one of everything it writes."""
