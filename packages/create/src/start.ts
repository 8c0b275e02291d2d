import process from "node:process";
import { main } from "./main.ts";

/** Runs the command line of this process and sets its exit status. */
export async function start(): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  process.exitCode = await main(process.argv.slice(2), {
    out: stdout,
    err: stderr,
    terminal: stdin.isTTY && stdout.isTTY ? { input: stdin, output: stdout } : undefined,
    cwd: process.cwd(),
    userAgent: env.npm_config_user_agent,
  });
}
