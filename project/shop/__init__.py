"""A host site's own shop: its models know nothing of sheetsync, which reads them as the source `queryset`."""
