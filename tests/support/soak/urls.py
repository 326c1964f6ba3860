"""The site's own addresses, and one for webhooks."""

from django.urls import path

from project.urls import urlpatterns as site
from tests.support.soak.receiver import receive

urlpatterns = [path("hooks/<int:automation_id>", receive), *site]
