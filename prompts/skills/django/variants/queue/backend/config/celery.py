"""Celery: what runs outside a request. Worker and beat show that they live by touching a file each."""

import os
from pathlib import Path

from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent

WORKER_ALIVE = Path("/tmp/worker-alive")
BEAT_ALIVE = Path("/tmp/beat-alive")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("backend")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@heartbeat_sent.connect
def worker_is_alive(**_: object) -> None:
    """The worker has just reached the broker."""
    WORKER_ALIVE.touch()


class WatchedScheduler(PersistentScheduler):
    """Beat's scheduler; each round shows that it goes on."""

    def tick(self, *arguments: object, **options: object) -> float:
        BEAT_ALIVE.touch()
        return super().tick(*arguments, **options)
