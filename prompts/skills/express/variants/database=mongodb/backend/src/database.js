// MongoDB: a pool of connections, and every query the application asks.
import { MongoClient } from "mongodb";

const client = new MongoClient(`mongodb://${process.env.DATABASE_HOST}:${process.env.DATABASE_PORT}`, {
  auth: { username: process.env.DATABASE_USER, password: process.env.DATABASE_PASSWORD },
  serverSelectionTimeoutMS: 1500,
});
const collection = client.db(process.env.DATABASE_NAME).collection("notes");

const shown = ({ _id, text, createdAt }) => ({ id: _id.toString(), text, createdAt });

export const database = {
  async ping() {
    await client.db("admin").command({ ping: 1 });
  },

  async latestNotes() {
    return (await collection.find().sort({ createdAt: -1 }).limit(50).toArray()).map(shown);
  },

  async addNote(text) {
    const note = { text, createdAt: new Date() };
    const { insertedId } = await collection.insertOne(note);
    return shown({ ...note, _id: insertedId });
  },

  async migrate() {
    return collection.createIndexes([{ key: { createdAt: -1 }, name: "latest_first" }]);
  },

  async close() {
    await client.close();
  },
};
