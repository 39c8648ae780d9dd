// node -r ./shim.cjs serve.mjs <emulate's api.js> <seed.json> <port> <base url>: GitHub's API, in memory.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , api, seed, port, baseUrl] = process.argv;
const { createEmulator } = await import(pathToFileURL(api));
await createEmulator({ service: 'github', port: Number(port), baseUrl, seed: JSON.parse(readFileSync(seed, 'utf8')) });
console.log('up');
