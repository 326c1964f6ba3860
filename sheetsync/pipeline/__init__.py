"""What happens to orders between a source and a sheet: pure functions on frozen values, no Django, no IO, no clock."""
