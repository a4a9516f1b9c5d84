"""Where the forum of the peer is."""

from django.urls import include, path

urlpatterns = [path("", include("machina.urls"))]
