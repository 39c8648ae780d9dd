// Memcached: what it forgets is read again from the source.
import memjs from "memjs";

const client = memjs.Client.create(process.env.CACHE_SERVER, { timeout: 1, conntimeout: 1, retries: 1 });

export const cache = {
  async ping() {
    await client.set("health", "ok", { expires: 10 });
    const { value } = await client.get("health");
    if (value?.toString() !== "ok") throw new Error("a value that was just written cannot be read");
  },

  async get(key) {
    return (await client.get(key)).value?.toString() ?? null;
  },

  async set(key, value, seconds) {
    await client.set(key, value, { expires: seconds });
  },

  async delete(key) {
    await client.delete(key);
  },

  async close() {
    client.quit();
  },
};
