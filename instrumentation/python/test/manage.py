"""The same with Django, in one file."""

import os
import sys

from django.http import HttpResponse
from django.urls import path

DEBUG = True
SECRET_KEY = "none"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "manage"
MIDDLEWARE = []


def item(request, number):
    return HttpResponse(request.headers.get("traceparent", "none"))


urlpatterns = [path("items/<int:number>", item)]

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manage")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
