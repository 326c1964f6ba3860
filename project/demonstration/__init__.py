"""The pieces of `manage.py demo` and `manage.py serve`: real processes, a shop, people at a sheet, and what goes wrong.

The story runs in `tour.py` and `failures.py`, on the stage of `stage.py`; `check.py` judges it.
"""
