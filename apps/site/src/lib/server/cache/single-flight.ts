/**
 * Shares calls by key: a call made while another with the same key is pending gets its result, or its failure. Results
 * are not kept.
 */
export function singleFlight<Value>(): (key: string, call: () => Promise<Value>) => Promise<Value> {
  const pending = new Map<string, Promise<Value>>();
  return (key, call) => {
    const known = pending.get(key);
    if (known) return known;
    const started = call().finally(() => pending.delete(key));
    pending.set(key, started);
    return started;
  };
}
