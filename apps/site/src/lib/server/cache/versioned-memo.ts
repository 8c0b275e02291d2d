/**
 * Remembers what was made of one version of the data, by a key, until the version is another, and no more than `most`
 * values, those asked for last. Without a version nothing is remembered.
 */
export function versionedMemo<Value>({
  most = 1000,
}: {
  readonly most?: number;
} = {}): (version: string | undefined, key: string, make: () => Promise<Value>) => Promise<Value> {
  const values = new Map<string, Promise<Value>>();
  // Goes on where it has got to: what was before is gone, and a map skips the places of what is gone one by one.
  const oldest = values.keys();
  let current: string | undefined;
  return (version, key, make) => {
    if (version === undefined) return make();
    if (version !== current) {
      values.clear();
      current = version;
    }
    const known = values.get(key);
    const made = known ?? make();
    // A map has its keys in the order of their setting.
    values.delete(key);
    values.set(key, made);
    if (known) return known;
    while (values.size > most) {
      const { value, done } = oldest.next();
      if (done) break;
      values.delete(value);
    }
    // The next to ask tries again.
    made.catch(() => values.get(key) === made && values.delete(key));
    return made;
  };
}

/** The same of many values at a time: `make` is asked once for those that are not remembered. */
export function versionedMemoOfMany<Key, Value>(options: {
  readonly most: number;
}): (
  version: string | undefined,
  keys: readonly Key[],
  make: (missing: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
) => Promise<readonly (Value | undefined)[]> {
  const memo = versionedMemo<Value | undefined>(options);
  return (version, keys, make) => {
    const missing: Key[] = [];
    let made: Promise<ReadonlyMap<Key, Value>> | undefined;
    const valueFor = async (key: Key) => {
      missing.push(key);
      // When all keys have been looked for.
      made ??= Promise.resolve().then(() => make(missing));
      return (await made).get(key);
    };
    return Promise.all(keys.map((key) => memo(version, String(key), () => valueFor(key))));
  };
}
