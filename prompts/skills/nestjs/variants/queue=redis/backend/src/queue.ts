// The queue: BullMQ on Redis.
import { Queue, Worker } from "bullmq";

export interface Job {
  note: number;
}

const NAME = "notes";
const connection = { url: process.env.QUEUE_URL ?? "" };

// Without a connection, what a request sends fails at once instead of waiting for one.
const jobs = new Queue<Job>(NAME, { connection: { ...connection, enableOfflineQueue: false, maxRetriesPerRequest: 1 } });
jobs.on("error", (error) => console.warn(`queue: ${error.message || error.name}`));
await jobs.waitUntilReady();

export const queue = {
  async ping(): Promise<void> {
    await (await jobs.client).info();
  },

  async send(job: Job): Promise<void> {
    await jobs.add("note", job, { attempts: 3, backoff: { type: "exponential", delay: 1000 }, removeOnComplete: 100, removeOnFail: 1000 });
  },

  async close(): Promise<void> {
    await jobs.close();
  },
};

// Hands each job to `handle`; returns what stops it, after the job at hand.
export async function consume(handle: (job: Job) => Promise<void>): Promise<() => Promise<void>> {
  const worker = new Worker<Job>(NAME, (job) => handle(job.data), { connection: { ...connection, maxRetriesPerRequest: null } });
  worker.on("error", (error) => console.warn(`worker: ${error.message || error.name}`));
  worker.on("failed", (job, error) => console.error(`job ${job?.id} failed: ${error.message}`));
  await worker.waitUntilReady();
  return () => worker.close();
}
