import { Component, signal, type OnInit } from "@angular/core";

type Note = { id: number | string; text: string; createdAt: string };

@Component({
  selector: "app-notes",
  template: `
    <section>
      <h2>Notes</h2>
      <form (submit)="submit($event, field)">
        <input #field aria-label="A new note" maxlength="280" required />
        <button type="submit">Add</button>
      </form>
      @if (error()) {
        <p role="alert">{{ error() }}</p>
      }
      <ul>
        @for (note of notes(); track note.id) {
          <li>{{ note.text }}</li>
        }
      </ul>
    </section>
  `,
})
export class Notes implements OnInit {
  protected readonly notes = signal<Note[]>([]);
  protected readonly error = signal("");

  ngOnInit(): Promise<void> {
    return this.attempt(() => this.show());
  }

  protected submit(event: Event, field: HTMLInputElement): Promise<void> {
    event.preventDefault();
    return this.attempt(async () => {
      await this.ask({
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text: field.value }),
      });
      field.value = "";
      await this.show();
    });
  }

  private async show(): Promise<void> {
    this.notes.set(((await this.ask()) as { notes: Note[] }).notes);
  }

  private async ask(options?: RequestInit): Promise<unknown> {
    const response = await fetch("/api/notes", options);
    if (!response.ok) throw new Error(`the back end answered ${response.status}`);
    return response.json();
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error.set("");
    } catch (reason) {
      this.error.set(String(reason));
    }
  }
}
