import { spawn } from "node:child_process";
import { once } from "node:events";

/** A PostgreSQL client program is missing or failed; the message has its error output. */
export class PostgresToolError extends Error {
  override name = "PostgresToolError";
}

const LONGEST_COMPLAINT = 2000;

/** A server's URL as the environment variables of libpq: arguments are visible to all users of the machine. */
function connectionEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const fields = {
    PGHOST: decodeURIComponent(hostname),
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: searchParams.get("sslmode") ?? "",
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

/**
 * Runs a PostgreSQL client program against the server of `url`. Resolves to what it writes to its standard output.
 *
 * @throws PostgresToolError when it is not installed or exits with an error
 */
export async function runPostgresTool(
  name: "pg_dump" | "pg_restore",
  url: string,
  args: readonly string[],
): Promise<string> {
  const child = spawn(name, args, {
    env: { ...process.env, ...connectionEnvironment(url) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    output += chunk;
  });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint = `${complaint}${chunk}`.slice(0, LONGEST_COMPLAINT);
  });
  let status: unknown;
  try {
    [status] = await once(child, "close");
  } catch (cause) {
    throw new PostgresToolError(`cannot start ${name}; install the PostgreSQL client tools`, { cause });
  }
  if (status !== 0) throw new PostgresToolError(`${name} exited with status ${status}: ${complaint.trim()}`);
  return output;
}
