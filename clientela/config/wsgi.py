"""Pages, API and static files, served by granian as WSGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
application = get_wsgi_application()
