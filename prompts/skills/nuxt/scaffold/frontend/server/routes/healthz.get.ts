// This container's own health check: the server runs and answers.
export default defineEventHandler(() => "ok\n");
