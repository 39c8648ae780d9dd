"""Causes in words, each as far as recorded evidence supports it; the registry is in `bot.verify.causes.all`."""
