"""A person at the keyboard, as told or by lot."""
