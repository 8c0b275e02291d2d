import { spawn } from "node:child_process";
import { once } from "node:events";

/** A program of Postgres is missing, or failed; the message holds what it said. */
export class PostgresToolError extends Error {
  override name = "PostgresToolError";
}

const LONGEST_COMPLAINT = 2000;

/** A server's URL as the environment that Postgres' programs read: arguments can be seen by all users. */
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
 * Runs one of Postgres' programs against the server of `url`.
 *
 * @throws PostgresToolError when it is not installed or does not end well
 */
export async function runPostgresTool(
  name: "pg_dump" | "pg_restore",
  url: string,
  args: readonly string[],
): Promise<void> {
  const child = spawn(name, args, {
    env: { ...process.env, ...connectionEnvironment(url) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint = `${complaint}${chunk}`.slice(0, LONGEST_COMPLAINT);
  });
  let status: unknown;
  try {
    [status] = await once(child, "close");
  } catch (cause) {
    throw new PostgresToolError(`${name}, which comes with Postgres, cannot be started`, { cause });
  }
  if (status !== 0) throw new PostgresToolError(`${name} ended with status ${status}: ${complaint.trim()}`);
}
