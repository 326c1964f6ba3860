"""The operator's pages: what ran, what failed and why, and the buttons that mend it. One file a noun."""

from sheetsync.admin import account, attempt, automation, column, quota, run, source, tenant

__all__ = ["account", "attempt", "automation", "column", "quota", "run", "source", "tenant"]
