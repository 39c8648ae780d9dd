// The queue: a Kafka topic.
import { Kafka, logLevel } from "kafkajs";

const TOPIC = "notes";

const kafka = new Kafka({
  clientId: "backend",
  brokers: process.env.KAFKA_BROKERS.split(","),
  connectionTimeout: 2000,
  logLevel: logLevel.WARN,
});
const admin = kafka.admin();
const producer = kafka.producer();
await admin.connect();
await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 3 }] });
await producer.connect();

export const queue = {
  async ping() {
    await admin.describeCluster();
  },

  async send(job) {
    await producer.send({ topic: TOPIC, messages: [{ value: JSON.stringify(job) }] });
  },

  async close() {
    await Promise.allSettled([producer.disconnect(), admin.disconnect()]);
  },
};

// Hands each message to `handle`; returns what stops it, after the message at hand.
export async function consume(handle) {
  const consumer = kafka.consumer({ groupId: "notes-worker" });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  await consumer.run({ eachMessage: ({ message }) => handle(JSON.parse(message.value.toString())) });
  return () => consumer.disconnect();
}
