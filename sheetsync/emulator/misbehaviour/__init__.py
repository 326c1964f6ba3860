"""What goes wrong on request or by chance, and how long calls take."""
