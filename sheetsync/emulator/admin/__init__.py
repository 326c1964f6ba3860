"""`/_emulator/…`: everything that tests in other processes may ask of the emulator itself."""
