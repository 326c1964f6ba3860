"""Where orders come from: one foreign system a file, all of one shape (`base.Source`)."""
