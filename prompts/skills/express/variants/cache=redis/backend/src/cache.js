// Redis, as a cache: what it forgets is read again from the source.
import { createClient } from "redis";

const client = createClient({
  url: process.env.CACHE_URL,
  // Without a connection a command fails at once instead of waiting for one.
  disableOfflineQueue: true,
  socket: { connectTimeout: 1000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 3000) },
});
client.on("error", (error) => console.warn(`cache: ${error.message || error.code}`));
await client.connect();

export const cache = {
  async ping() {
    await client.ping();
  },

  async get(key) {
    return client.get(key);
  },

  async set(key, value, seconds) {
    await client.set(key, value, { EX: seconds });
  },

  async delete(key) {
    await client.del(key);
  },

  async close() {
    client.destroy();
  },
};
