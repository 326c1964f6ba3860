"""The pieces of `manage.py demo`: a shop's orders, the people who work in the sheet, and the final check."""
