"""The addresses of the bundled site."""

from django.contrib import admin
from django.urls import include, path

from project.home import home, icon

admin.site.site_header = admin.site.site_title = "sheetsync"

urlpatterns = [
    path("", home, name="home"),
    path("favicon.ico", icon),
    path("admin/", admin.site.urls),
    path("", include("sheetsync.urls")),
]
