// Brings the database up to date: the indexes that the application relies on. Making one twice changes nothing.
import { database } from "./database.js";

try {
  console.log(`indexes: ${(await database.migrate()).join(", ")}`);
} finally {
  await database.close();
}
