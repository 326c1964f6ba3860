"""The spreadsheet itself, pure: cells, tabs and what belongs to them."""
