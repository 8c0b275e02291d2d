import { readFileSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join, relative, sep } from "node:path";
import process from "node:process";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import type { Paper } from "@gradus/papers";
import manifest from "../package.json" with { type: "json" };
import { exitStatus, Interrupted, type StopSignal } from "./errors.ts";
import { executeInChildProcess } from "./execute/child-process.ts";
import { takeNotice } from "./execute/notices.ts";
import { findHome } from "./files/home-folder.ts";
import type { Host } from "./host.ts";
import { main } from "./main.ts";
import { sourcesDigest } from "./session/sources.ts";
import { streamOutput, writeLines } from "./terminal/output.ts";
import { wrap } from "./terminal/text.ts";

const stopSignals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
// npm and the launcher pass Ctrl-C on to a process that the terminal has told already: one key press, two signals.
const SAME_PRESS_MILLISECONDS = 300;

/** A signal aborted when the process is first asked to stop; asked again, the process ends at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let asked = 0;
  for (const name of stopSignals)
    process.on(name, () => {
      const now = performance.now();
      if (!controller.signal.aborted) {
        asked = now;
        controller.abort(new Interrupted(name));
      } else if (now - asked > SAME_PRESS_MILLISECONDS) process.exit(new Interrupted(name).status);
    });
  return controller.signal;
}

function samePath(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

/** True when a command of a shell starts this script: as a link to it, or as the small program that a package manager writes. */
function starts(command: string, script: string): boolean {
  if (samePath(command, script)) return true;
  try {
    return /@gradus[\\/]cli/.test(readFileSync(command, "utf8"));
  } catch {
    return false;
  }
}

/** The words with which a shell in this folder calls this program again. */
function invocation(script: string): string {
  const { npm_command: command, npm_lifecycle_event: event, PATH = "" } = process.env;
  if (command === "exec" && event === "npx")
    // npx keeps what it fetched for one command out of any project, where `npx gradus` would not find it.
    return script.includes(`${sep}_npx${sep}`) ? "npx @gradus/cli" : "npx gradus";
  if (PATH.split(delimiter).some((folder) => starts(join(folder, "gradus"), script))) return "gradus";
  return `${basename(process.argv0)} ${relative("", script)}`;
}

/** Identifies what experiments run: by its version where it is installed, in the repository by its sources too. */
async function sourcesOf(registry: URL): Promise<string> {
  if (import.meta.url.includes("/node_modules/")) return manifest.version;
  const modules = [
    registry.href,
    ...["gradus", "@gradus/graph", "@gradus/blas"].map((name) => import.meta.resolve(name)),
  ];
  const digest = await sourcesDigest(modules.map((url) => dirname(fileURLToPath(url))));
  return `${manifest.version} ${digest}`;
}

/**
 * Runs a command in this process and sets its exit status.
 *
 * @param registry URL of a module that exports `papers`; experiments run in processes that import it again
 * @param variant of the host, for a program that is not `gradus`
 */
export async function startCommand(
  registry: URL,
  command: (host: Host) => Promise<number>,
  { home, invocation: called }: Partial<Pick<Host, "home" | "invocation">> = {},
): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // The reader of a pipe has gone, as `head` does: nobody is left to write for.
      if (error.code === "EPIPE") process.exit();
      if (stream === process.stdout)
        process.stderr.write(`gradus: cannot write the output (${error.message})\n`);
      process.exit(exitStatus.failure);
    });
  const signal = stopSignal();
  const err = streamOutput(process.stderr, process.env);
  const notices = new Set<string>();
  const show = (notice: string) => writeLines(err, wrap(notice, err.columns));
  const noticed = (notice: string) => {
    // On a terminal at the end, because progress is drawn over what stands in its place.
    if (!notices.has(notice) && !err.animated) show(notice);
    notices.add(notice);
  };
  takeNotice(noticed);
  let sources: Promise<string> | undefined;
  process.exitCode = await command({
    async loadPapers() {
      const { papers }: { papers: readonly Paper[] } = await import(registry.href);
      return papers;
    },
    execute: executeInChildProcess(registry, noticed),
    sources: () => {
      sources ??= sourcesOf(registry);
      return sources;
    },
    input: { interactive: isatty(0), read: () => process.stdin },
    signal,
    home: home ?? (await findHome(process.cwd(), process.env.GRADUS_HOME)),
    invocation: called ?? invocation(process.argv[1]),
    out: streamOutput(process.stdout, process.env),
    err,
  });
  if (err.animated && notices.size > 0) {
    writeLines(err, [""]);
    notices.forEach(show);
  }
}

/** Runs the command line of this process with the papers of a registry, and sets its exit status. */
export function start(registry: URL): Promise<void> {
  return startCommand(registry, (host) => main(process.argv.slice(2), host));
}
