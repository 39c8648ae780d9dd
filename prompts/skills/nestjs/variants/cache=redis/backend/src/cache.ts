// Redis, as a cache: what it forgets is read again from the source.
import { createClient } from "redis";

const client = createClient({
  url: process.env.CACHE_URL,
  // Without a connection a command fails at once instead of waiting for one.
  disableOfflineQueue: true,
  socket: { connectTimeout: 1000, reconnectStrategy: (retries: number) => Math.min(100 * 2 ** retries, 3000) },
});
client.on("error", (error: Error) => console.warn(`cache: ${error.message || error.name}`));
await client.connect();

export const cache = {
  async ping(): Promise<void> {
    await client.ping();
  },

  async get(key: string): Promise<string | null> {
    return client.get(key);
  },

  async set(key: string, value: string, seconds: number): Promise<void> {
    await client.set(key, value, { EX: seconds });
  },

  async delete(key: string): Promise<void> {
    await client.del(key);
  },

  async close(): Promise<void> {
    client.destroy();
  },
};
