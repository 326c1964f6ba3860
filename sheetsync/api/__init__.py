"""The tenants' front door: REST under `/api/v1/`. No setting of Django REST framework's is asked of the host."""
