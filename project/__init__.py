"""A small site around the app, to try it, test it and run it. The app needs nothing from here."""
