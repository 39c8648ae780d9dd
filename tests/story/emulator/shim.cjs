// Preloaded: what the emulator answers, where GitHub answers otherwise.
const { randomUUID } = require('node:crypto');
const toISOString = Date.prototype.toISOString;
const fetch = globalThis.fetch;

// GitHub's times have no fractions of a second.
Date.prototype.toISOString = function () {
  return toISOString.call(this).replace(/\.\d{3}Z$/, 'Z');
};
// GitHub's delivery ids are UUIDs; the emulator's are times, two of which can be equal.
globalThis.fetch = (url, options) => {
  if (options?.headers?.['X-GitHub-Delivery']) options.headers['X-GitHub-Delivery'] = randomUUID();
  return fetch(url, options);
};
