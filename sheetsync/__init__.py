"""sheetsync keeps Google Sheets tabs equal to a shop's orders."""

__version__ = "0.1.0"
