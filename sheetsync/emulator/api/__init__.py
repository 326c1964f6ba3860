"""The Sheets API: its paths, its messages, and what each method answers."""
