"""The notes, through the real database and cache."""

from django.test import TestCase


class NotesTest(TestCase):
    def test_a_note_that_is_added_is_listed(self) -> None:
        added = self.client.post("/api/notes", {"text": "first"}, content_type="application/json")
        self.assertEqual(added.status_code, 201)
        listed = self.client.get("/api/notes").json()["notes"]
        self.assertEqual([note["text"] for note in listed], ["first"])

    def test_an_empty_note_is_refused(self) -> None:
        refused = self.client.post("/api/notes", {"text": " "}, content_type="application/json")
        self.assertEqual(refused.status_code, 400)
