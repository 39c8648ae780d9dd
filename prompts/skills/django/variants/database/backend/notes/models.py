"""What the application keeps."""

from django.db import models


class Note(models.Model):
    """A line of text, as the front end's form sends it."""

    text = models.CharField(max_length=280)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.text

    def as_json(self) -> dict[str, object]:
        """Return the note as the API shows it."""
        return {"id": self.pk, "text": self.text, "createdAt": self.created_at.isoformat()}
