"""Where orders go: one tab of a Google spreadsheet, opened, read and written by the sheet contract."""
