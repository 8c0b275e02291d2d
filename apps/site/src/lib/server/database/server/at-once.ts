import type { ParameterOrJSON, Sql } from "postgres";

/** A statement with parameters `$1`, `$2`, ... */
interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** With a semicolon it is sent as it is: there is nothing to prepare. */
const COMMIT = "commit;";

function beginning(settings: Readonly<Record<string, number | string>>): string {
  const changes = Object.entries(settings).map(
    ([name, value]) => `set local ${name} = '${String(value).replaceAll("'", "''")}'`,
  );
  return ["begin", ...changes].join("; ");
}

/**
 * Runs a statement in a transaction of its own with some settings changed for it, all of it sent at once: beginning the
 * transaction, changing the settings, and ending it would each wait for the server. The names of the settings are sent
 * as they are.
 */
export async function executeAtOnce(
  client: Sql,
  settings: Readonly<Record<string, number | string>>,
  { text, parameters }: Statement,
): Promise<unknown> {
  const connection = await client.reserve();
  try {
    const [begun, answered, ended] = await Promise.allSettled([
      connection.unsafe(beginning(settings)),
      connection.unsafe(text, [...parameters] as ParameterOrJSON<never>[]),
      connection.unsafe(COMMIT),
    ]);
    for (const each of [begun, ended]) if (each.status === "rejected") throw each.reason;
    if (answered.status === "rejected") throw answered.reason;
    return answered.value;
  } finally {
    connection.release();
  }
}
