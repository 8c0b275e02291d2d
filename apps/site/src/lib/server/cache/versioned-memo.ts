/** Values that are remembered at most; then all are forgotten. */
const MOST_VALUES = 1000;

/**
 * Remembers what was made of one version of the data, by a key, until the version is another. Without a version nothing
 * is remembered.
 */
export function versionedMemo<Value>(): (
  version: string | undefined,
  key: string,
  make: () => Promise<Value>,
) => Promise<Value> {
  const values = new Map<string, Promise<Value>>();
  let current: string | undefined;
  return (version, key, make) => {
    if (version === undefined) return make();
    if (version !== current || values.size >= MOST_VALUES) {
      values.clear();
      current = version;
    }
    const known = values.get(key);
    if (known) return known;
    const made = make();
    values.set(key, made);
    // The next to ask tries again.
    made.catch(() => values.get(key) === made && values.delete(key));
    return made;
  };
}
