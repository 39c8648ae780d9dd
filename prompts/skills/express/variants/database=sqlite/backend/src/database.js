// SQLite, as Node brings it: one file, and every query the application asks.
import { DatabaseSync } from "node:sqlite";

const file = new DatabaseSync(process.env.DATABASE_PATH);
// Readers do not wait for the writer, and writers wait for each other instead of failing.
file.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON");

const NOTE = "id, text, created_at AS createdAt";

export const database = {
  async ping() {
    file.prepare("SELECT 1").get();
  },

  async latestNotes() {
    return file.prepare(`SELECT ${NOTE} FROM notes ORDER BY id DESC LIMIT 50`).all();
  },

  async addNote(text) {
    return file.prepare(`INSERT INTO notes (text) VALUES (?) RETURNING ${NOTE}`).get(text);
  },

  // All or nothing, and one at a time: a second process waits for the lock, then finds the work done.
  async migrate(steps) {
    file.exec("BEGIN IMMEDIATE");
    try {
      file.exec("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)");
      const known = new Set(file.prepare("SELECT name FROM migrations").all().map((row) => row.name));
      const missing = steps.filter((step) => !known.has(step.name));
      for (const step of missing) {
        file.exec(step.sql);
        file.prepare("INSERT INTO migrations (name) VALUES (?)").run(step.name);
      }
      file.exec("COMMIT");
      return missing.map((step) => step.name);
    } catch (error) {
      file.exec("ROLLBACK");
      throw error;
    }
  },

  async close() {
    file.close();
  },
};
