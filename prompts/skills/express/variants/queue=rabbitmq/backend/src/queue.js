// The queue: RabbitMQ. A lost connection ends the process, and Docker starts it again with a new one.
import { connect } from "amqplib";

const NAME = "notes";

const connection = await connect(process.env.QUEUE_URL, { timeout: 2000 });
let closing = false;
connection.on("error", (error) => console.error(`queue: ${error.message}`));
connection.on("close", () => {
  if (closing) return;
  console.error("the connection to RabbitMQ is lost");
  process.exit(1);
});
const channel = await connection.createConfirmChannel();
await channel.assertQueue(NAME, { durable: true });

export const queue = {
  async ping() {
    await channel.checkQueue(NAME);
  },

  async send(job) {
    channel.sendToQueue(NAME, Buffer.from(JSON.stringify(job)), { persistent: true, contentType: "application/json" });
    await channel.waitForConfirms();
  },

  async close() {
    closing = true;
    await connection.close();
  },
};

// Hands each message to `handle`; returns what stops it. A message that fails twice is dropped, not run in circles.
export async function consume(handle) {
  await channel.prefetch(10);
  const { consumerTag } = await channel.consume(NAME, async (message) => {
    if (!message) return;
    try {
      await handle(JSON.parse(message.content.toString()));
      channel.ack(message);
    } catch (error) {
      console.error(`a message failed: ${error.message}`);
      channel.nack(message, false, !message.fields.redelivered);
    }
  });
  return () => channel.cancel(consumerTag);
}
