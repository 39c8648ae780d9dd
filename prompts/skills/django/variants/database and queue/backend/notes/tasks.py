"""What happens outside a request."""

import logging

from celery import shared_task

from notes.models import Note

logger = logging.getLogger(__name__)


@shared_task
def announce(note_id: int) -> None:
    """Tell of a new note; a note that is gone meanwhile is no error."""
    note = Note.objects.filter(pk=note_id).first()
    if note is not None:
        logger.info("a new note of %d characters: %d", len(note.text), note_id)


@shared_task
def count_notes() -> None:
    """Say how many notes there are; beat asks for it every five minutes."""
    logger.info("%d notes", Note.objects.count())
