interface Measuring {
  measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
}

const measures = (performance: object): performance is Measuring =>
  "measureUserAgentSpecificMemory" in performance;

/** Bytes that the page and its workers use; undefined where the browser does not tell. */
export async function usedMemory(): Promise<number | undefined> {
  if (!globalThis.crossOriginIsolated || !measures(performance)) return undefined;
  const measured = await performance.measureUserAgentSpecificMemory().catch(() => undefined);
  return measured?.bytes;
}
