"""Addresses at the root: a worker serves what lies below its own address."""

from django.urls import path

from clientela.foundation.ui import install

urlpatterns = [
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("sw.js", install.service_worker, name="service_worker"),
    path("offline/", install.offline, name="offline"),
]
