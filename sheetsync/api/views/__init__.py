"""One module for each thing that tenants have."""
