"use client";

import { useEffect, useState, type FormEvent } from "react";

type Note = { id: number | string; text: string; createdAt: string };

async function latest(): Promise<Note[]> {
  const response = await fetch("/api/notes");
  if (!response.ok) throw new Error(`the back end answered ${response.status}`);
  return ((await response.json()) as { notes: Note[] }).notes;
}

async function add(text: string): Promise<void> {
  const response = await fetch("/api/notes", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
  if (!response.ok) throw new Error(`the back end answered ${response.status}`);
}

export function Notes() {
  const [notes, setNotes] = useState<Note[]>([]);
  const [text, setText] = useState("");
  const [error, setError] = useState("");

  const show = () =>
    latest().then(
      (found) => {
        setNotes(found);
        setError("");
      },
      (reason: unknown) => setError(String(reason)),
    );

  useEffect(() => {
    void show();
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    add(text).then(
      () => {
        setText("");
        void show();
      },
      (reason: unknown) => setError(String(reason)),
    );
  };

  return (
    <section>
      <h2>Notes</h2>
      <form onSubmit={submit}>
        <input
          aria-label="A new note"
          value={text}
          maxLength={280}
          required
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit">Add</button>
      </form>
      {error && <p role="alert">{error}</p>}
      <ul>
        {notes.map((note) => (
          <li key={note.id}>{note.text}</li>
        ))}
      </ul>
    </section>
  );
}
