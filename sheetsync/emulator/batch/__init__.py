"""spreadsheets.batchUpdate: a module for each family of kinds, and what they share."""
