// This container's own health check: the server runs and answers.
export const dynamic = "force-dynamic";

export function GET(): Response {
  return new Response("ok\n");
}
