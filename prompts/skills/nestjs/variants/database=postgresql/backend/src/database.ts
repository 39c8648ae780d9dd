// PostgreSQL: a pool of connections, and every query the application asks.
import pg from "pg";

const pool = new pg.Pool({
  host: process.env.DATABASE_HOST,
  port: Number(process.env.DATABASE_PORT),
  database: process.env.DATABASE_NAME,
  user: process.env.DATABASE_USER,
  password: process.env.DATABASE_PASSWORD,
  max: 10,
  connectionTimeoutMillis: 2000,
});
// A connection that breaks while it is idle is replaced by the next query; unhandled, it would end the process.
pool.on("error", (error) => console.warn(`database connection lost: ${error.message}`));

export interface Note {
  id: number;
  text: string;
  createdAt: Date;
}

export interface Step {
  name: string;
  sql: string;
}

const NOTE = 'id, text, created_at AS "createdAt"';

export const database = {
  async ping(): Promise<void> {
    await pool.query("SELECT 1");
  },

  async latestNotes(): Promise<Note[]> {
    return (await pool.query<Note>(`SELECT ${NOTE} FROM notes ORDER BY id DESC LIMIT 50`)).rows;
  },

  async addNote(text: string): Promise<Note> {
    return (await pool.query<Note>(`INSERT INTO notes (text) VALUES ($1) RETURNING ${NOTE}`, [text])).rows[0]!;
  },

  // All or nothing, and one at a time: a second process waits for the lock, then finds the work done.
  async migrate(steps: Step[]): Promise<string[]> {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await client.query("SELECT pg_advisory_xact_lock(727274)");
      await client.query("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)");
      const known = new Set((await client.query<{ name: string }>("SELECT name FROM migrations")).rows.map((row) => row.name));
      const missing = steps.filter((step) => !known.has(step.name));
      for (const step of missing) {
        await client.query(step.sql);
        await client.query("INSERT INTO migrations (name) VALUES ($1)", [step.name]);
      }
      await client.query("COMMIT");
      return missing.map((step) => step.name);
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    } finally {
      client.release();
    }
  },

  async close(): Promise<void> {
    await pool.end();
  },
};
