import type { Sql, TransactionSql } from "postgres";

/** Statements that are prepared at most: a connection keeps them as long as it lasts. */
const MOST_PREPARED = 200;
/** How often a statement comes before it is prepared: what runs at a start alone never is. */
const OFTEN = 10;
/** Statements that are counted, those that came last. */
const MOST_COUNTED = 1000;
/** Longer ones have their values in them, and do not come again. */
const LONGEST = 20_000;

/** Tells whether a statement, by its text, comes often. */
export function frequentStatements(): (text: string) => boolean {
  const counts = new Map<string, number>();
  // Goes on where it has got to: what was before is gone, and a map skips the places of what is gone one by one.
  const oldest = counts.keys();
  const frequent = new Set<string>();
  return (text) => {
    if (frequent.has(text)) return true;
    if (text.length > LONGEST || frequent.size >= MOST_PREPARED) return false;
    const count = (counts.get(text) ?? 0) + 1;
    // A map has its keys in the order of their setting.
    counts.delete(text);
    if (count >= OFTEN) {
      frequent.add(text);
      return true;
    }
    counts.set(text, count);
    while (counts.size > MOST_COUNTED) {
      const { value, done } = oldest.next();
      if (done) break;
      counts.delete(value);
    }
    return false;
  };
}

/**
 * The same client, which has the server parse a frequent statement once a connection, and asks it once in place of twice
 * for each run: the query builder asks for every statement as if it were new.
 */
export function preparing<Client extends Sql | TransactionSql>(
  client: Client,
  isFrequent: (text: string) => boolean = frequentStatements(),
): Client {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      if (key === "unsafe")
        return (text: string, parameters: readonly unknown[] = [], options: object = {}) =>
          Reflect.apply(value, target, [
            text,
            parameters,
            // Several statements in one text can only be sent as they are.
            !text.includes(";") && isFrequent(text) ? { ...options, prepare: true, simple: false } : options,
          ]);
      if (key === "reserve") return async () => preparing(await Reflect.apply(value, target, []), isFrequent);
      if (key === "begin" || key === "savepoint")
        return (...given: readonly unknown[]) =>
          Reflect.apply(
            value,
            target,
            given.map((part) =>
              typeof part === "function"
                ? (inner: TransactionSql) => Reflect.apply(part, undefined, [preparing(inner, isFrequent)])
                : part,
            ),
          );
      return value;
    },
  });
}
