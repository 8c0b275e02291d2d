/** Values by key, within a bound on their total size. */
export interface LruCache<Value> {
  /** The value of `key`, which then counts as just used. */
  get(key: string): Value | undefined;
  /** Stores a value in place of the key's earlier one, and evicts the least recently used ones beyond the capacity. */
  set(key: string, value: Value): void;
}

export interface LruCacheOptions<Value> {
  /** The largest total size, in the unit of `sizeOf`. */
  readonly capacity: number;
  readonly sizeOf: (value: Value, key: string) => number;
}

/** A least-recently-used cache. A value larger than the capacity is not kept. */
export function lruCache<Value>({ capacity, sizeOf }: LruCacheOptions<Value>): LruCache<Value> {
  // A map iterates in the order of insertion: each use inserts the entry again, so that the first is the oldest.
  const entries = new Map<string, { readonly value: Value; readonly size: number }>();
  // Goes on where it has got to: what was before is gone, and a map skips the places of what is gone one by one.
  const oldest = entries.keys();
  let total = 0;

  function remove(key: string): void {
    total -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      remove(key);
      const size = sizeOf(value, key);
      entries.set(key, { value, size });
      total += size;
      while (total > capacity) {
        const { value: first, done } = oldest.next();
        if (done) break;
        remove(first);
      }
    },
  };
}
