// The worker: does what the application hands to the queue. A file that it touches shows that it lives.
import { utimes, writeFile } from "node:fs/promises";

import { consume, queue, type Job } from "./queue.js";

const ALIVE = "/tmp/worker-alive";

async function alive(): Promise<void> {
  try {
    await queue.ping();
    await writeFile(ALIVE, "");
    await utimes(ALIVE, new Date(), new Date());
  } catch (error) {
    console.warn(`the queue does not answer: ${(error as Error).message}`);
  }
}

async function handle(job: Job): Promise<void> {
  console.log(`a new note: ${job.note}`);
}

const stopConsuming = await consume(handle);
await alive();
const timer = setInterval(() => void alive(), 5000);
console.log("waiting for work");

async function stop(signal: string): Promise<void> {
  console.log(`${signal}: finishing what was begun`);
  clearInterval(timer);
  setTimeout(() => process.exit(1), 8000).unref();
  await stopConsuming();
  await queue.close();
  process.exit(0);
}

process.once("SIGTERM", (signal) => void stop(signal));
process.once("SIGINT", (signal) => void stop(signal));
