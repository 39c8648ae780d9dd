"use client";

import { useEffect, useState } from "react";

type Checks = Record<string, string>;

export function Health() {
  const [checks, setChecks] = useState<Checks>();
  const [error, setError] = useState("");

  useEffect(() => {
    const stop = new AbortController();
    // 503 carries the same answer as 200: which dependency is down.
    fetch("/health", { signal: stop.signal })
      .then((response) => response.json())
      .then((body: { checks: Checks }) => setChecks(body.checks))
      .catch((reason: unknown) => {
        if (!stop.signal.aborted) setError(String(reason));
      });
    return () => stop.abort();
  }, []);

  if (error) return <p role="alert">The back end does not answer: {error}</p>;
  return checks ? <HealthList checks={checks} /> : <p>Asking the back end …</p>;
}

export function HealthList({ checks }: { checks: Checks }) {
  return (
    <ul>
      {Object.entries(checks).map(([name, outcome]) => (
        <li key={name} className={outcome === "ok" ? "ok" : "unavailable"}>
          {name}
        </li>
      ))}
    </ul>
  );
}
