import { type PGlite, parse, protocol, type Results } from "@electric-sql/pglite";
import { PLANNED_FOR_VALUES, type RowMode } from "./protocol.ts";

const { serialize } = protocol;
type Message = Parameters<typeof parse.parseResults>[0][number];

/** Statements that are kept prepared, those used last: each has its parsed form in the database's memory. */
const MOST_PREPARED = 150;
/** Statements of which it is remembered that they came once: most of the others never come again. */
const MOST_SEEN = 500;
/** Longer ones have their values in them, and do not come again. */
const LONGEST = 20_000;

/** Until the statements that are sent with it have ended: each is planned for its values. */
const FOR_VALUES = "select set_config('plan_cache_mode', 'force_custom_plan', true)";
/** The name under which the database has it. */
const FOR_VALUES_NAME = "for_values";

/** A statement that the database has parsed. */
interface Prepared {
  readonly name: string;
  /** Whether each run is planned for its values. */
  readonly forValues: boolean;
  readonly parameterTypes: readonly number[];
  /** What it says of its columns; nothing where it has none. */
  readonly columns: readonly Message[];
}

/** How the rows of a result are read. */
export interface Reading {
  readonly rowMode: RowMode;
  /** Of the values of each type: all of them, because those of a database are hundreds, and to join them takes long. */
  readonly parsers: PGlite["parsers"];
}

/** A statement with parameters `$1`, `$2`, ... */
export type Query = (text: string, parameters: readonly unknown[], reading: Reading) => Promise<Results>;

/** A cached plan whose columns are others since a table was changed. */
const isOutdated = (error: unknown) => error instanceof Error && "code" in error && error.code === "0A000";

/** What the database said after the first of two statements. */
const afterFirst = (said: readonly Message[]) =>
  said.slice(1 + said.findIndex(({ name }) => name === "commandComplete"));

/**
 * Runs statements of a database in this thread, which nobody else has. One that comes again is parsed no more, and takes
 * one call into the database in place of six: that is half of the time of a short statement. After a few runs Postgres
 * keeps its plan, too, where a plan for the values would save less than planning takes; one that is marked so is planned
 * each time for its values, as if it was new.
 */
export async function preparedStatements(client: PGlite): Promise<Query> {
  const prepared = new Map<string, Prepared>();
  const seen = new Set<string>();
  let last = 0;

  const send = (...messages: readonly Uint8Array[]) =>
    client.execProtocolStream(Buffer.concat([...messages, serialize.sync()]));
  await send(serialize.parse({ name: FOR_VALUES_NAME, text: FOR_VALUES }));
  const planForValues = [serialize.bind({ statement: FOR_VALUES_NAME }), serialize.execute({})];

  async function drop(text: string): Promise<void> {
    const name = prepared.get(text)?.name;
    prepared.delete(text);
    if (name !== undefined) await send(serialize.close({ type: "S", name }));
  }

  async function prepare(text: string, name: string): Promise<Prepared> {
    const said = await send(serialize.parse({ name, text }), serialize.describe({ type: "S", name }));
    return {
      name,
      forValues: text.startsWith(PLANNED_FOR_VALUES),
      parameterTypes: parse.parseDescribeStatementResults(said),
      columns: said.filter((message) => message.name === "rowDescription"),
    };
  }

  /** The statement as the database has parsed it; of those it has, the one used longest ago makes room. */
  async function preparedOf(text: string): Promise<Prepared> {
    const known = prepared.get(text) ?? (await prepare(text, `kept_${++last}`));
    // A map has its keys in the order of their setting.
    prepared.delete(text);
    prepared.set(text, known);
    for (const oldest of prepared.keys()) {
      if (prepared.size <= MOST_PREPARED) break;
      await drop(oldest);
    }
    return known;
  }

  /** Whether a statement has come before; those that came longest ago are forgotten. */
  function comesAgain(text: string): boolean {
    if (prepared.has(text) || seen.delete(text)) return true;
    if (text.length > LONGEST) return false;
    seen.add(text);
    for (const oldest of seen) {
      if (seen.size <= MOST_SEEN) break;
      seen.delete(oldest);
    }
    return false;
  }

  async function run(
    { name, forValues, parameterTypes, columns }: Prepared,
    parameters: readonly unknown[],
    { rowMode, parsers }: Reading,
  ): Promise<Results> {
    const values = parameters.map((value, i) => {
      if (value === null || value === undefined) return null;
      const serializer = client.serializers[parameterTypes[i]];
      return serializer ? serializer(value) : String(value);
    });
    const own = [serialize.bind({ statement: name, values }), serialize.execute({})];
    const said = forValues ? afterFirst(await send(...planForValues, ...own)) : await send(...own);
    return parse.parseResults([...columns, ...said], parsers, { rowMode })[0];
  }

  return (text, parameters, reading) =>
    client.runExclusive(async () => {
      if (!comesAgain(text)) return run(await prepare(text, ""), parameters, reading);
      try {
        return await run(await preparedOf(text), parameters, reading);
      } catch (error) {
        if (!isOutdated(error)) throw error;
        await drop(text);
        // Within a transaction all is lost that was done.
        if (client.isInTransaction()) throw error;
        return run(await prepare(text, ""), parameters, reading);
      }
    });
}
