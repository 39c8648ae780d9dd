// The health of the application: whether what it depends on answers, asked anew each time.
const PATIENCE_MS = 1500;

export function health(dependencies) {
  return async (_request, response) => {
    const answers = await Promise.all(
      Object.entries(dependencies).map(async ([name, dependency]) => [name, await outcome(name, dependency)]),
    );
    const checks = Object.fromEntries(answers);
    const well = Object.values(checks).every((answer) => answer === "ok");
    // 503 when one does not answer, so that traffic goes elsewhere.
    response.status(well ? 200 : 503).json({ status: well ? "ok" : "unavailable", checks });
  };
}

async function outcome(name, dependency) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    await Promise.race([dependency.ping(), late]);
    return "ok";
  } catch (error) {
    console.warn(`${name} does not answer: ${error.message}`);
    return "unavailable";
  } finally {
    clearTimeout(timer);
  }
}
