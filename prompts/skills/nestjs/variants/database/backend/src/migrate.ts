// Brings the database up to date: runs each file of src/migrations once, in the order of their names.
import { readdir, readFile } from "node:fs/promises";

import { database } from "./database.js";

const folder = new URL("../src/migrations/", import.meta.url);

try {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const done = await database.migrate(
    await Promise.all(files.map(async (name) => ({ name, sql: await readFile(new URL(name, folder), "utf8") }))),
  );
  console.log(done.length ? `applied ${done.join(", ")}` : "the database is up to date");
} finally {
  await database.close();
}
