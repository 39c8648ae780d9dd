// node webhook_peer.mjs PROBOT-FOLDER FILE PORT SECRET: probot, storing labels durably in the cheapest way there is.
import { generateKeyPairSync } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [, , folder, path, port, secret] = process.argv;
const { createNodeMiddleware, Probot } = await import(pathToFileURL(`${folder}/node_modules/probot/lib/index.js`));
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const file = await open(path, 'a');
// One line a job, and nothing is answered before it is on the disk.
const app = (bot) => {
  bot.on('issues.labeled', async (context) => {
    if (context.payload.label.name !== 'infra') return;
    await file.appendFile(`${context.id} ${context.payload.repository.id} ${context.payload.issue.number}\n`);
    await file.datasync();
  });
};
const probot = new Probot({ appId: 1, privateKey, secret, logLevel: 'fatal' });
const middleware = await createNodeMiddleware(app, { probot, webhooksPath: '/webhooks/github' });
createServer(middleware).listen(Number(port), '127.0.0.1');
