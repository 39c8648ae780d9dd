"""The Starlette edge."""
