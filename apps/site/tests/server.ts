import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unfitForLog } from "./log-scan.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** The secret of every server that is started here. */
export const secret = randomBytes(32).toString("base64");

/** A production server on a free port, with a database of its own. */
export interface TestServer {
  readonly origin: string;
  /** Milliseconds from the start of the process to the line with its address. */
  readonly startMilliseconds: number;
  readonly folder: string;
  readonly log: () => string;
  /**
   * Ends the process, as an operator does or otherwise, and keeps its folder; resolves to its exit status.
   * @throws Error when its log holds what no log may hold
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  remove(): void;
}

export interface ServerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The folder of a server that was stopped. */
  readonly folder?: string;
  /** The checkout whose current build it runs. */
  readonly checkout?: string;
}

/** Builds the site when its sources changed. */
export async function build(): Promise<void> {
  const scripts: { ensureBuilt(): Promise<number> } = await import(
    /* @vite-ignore */ new URL("../../../scripts/site.mjs", import.meta.url).href
  );
  const status = await scripts.ensureBuilt();
  if (status !== 0) throw new Error(`the build of the site ended with status ${status}`);
}

/** Resolves to the address that the server writes once it listens. */
export function address(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = /gradus: (http:\S+)/.exec(log());
      if (match) resolve(match[1]);
    };
    child.stdout?.on("data", look);
    // Not "exit": what it wrote last may be on its way still.
    child.once("close", (code) => reject(new Error(`the server ended with ${code}:\n${log()}`)));
  });
}

/** Starts the production server. */
export async function startServer({
  environment = {},
  folder = mkdtempSync(join(tmpdir(), "gradus-site-")),
  checkout = root,
}: ServerOptions = {}): Promise<TestServer> {
  const begun = performance.now();
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(checkout, "apps", "site", "server", "main.ts")], {
    env: {
      ...inherited,
      NODE_ENV: "production",
      PORT: "0",
      GRADUS_SECRET: secret,
      GRADUS_DATABASE_DIR: join(folder, "database"),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const closed = once(child, "close");
  const origin = await address(child, () => output);
  return {
    origin,
    startMilliseconds: performance.now() - begun,
    folder,
    log: () => output,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const [code] = await closed;
      const unfit = unfitForLog(output, [secret]);
      if (unfit.length > 0)
        throw new Error(`the server's log holds what no log may hold:\n${unfit.join("\n")}`);
      return code;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
