"""Pages, API and static files, served by granian as WSGI."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
application = get_wsgi_application()

# A page makes some ten thousand objects and leaves none: looking through all of them every 700 takes a fifth of its time.
gc.freeze()
gc.set_threshold(50_000, 20, 50)
