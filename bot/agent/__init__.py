"""The model engine: loop, tools, sandbox, budget, transcript."""
