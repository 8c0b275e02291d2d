import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { CheckState, Finding } from "../doctor/check.ts";
import type { Dns } from "../doctor/dns.ts";
import { checkMail } from "../doctor/mail.ts";
import { exitStatus, UsageError } from "../errors.ts";
import { unreadable } from "../files/unreadable.ts";
import type { Host } from "../host.ts";
import type { Palette } from "../terminal/color.ts";
import { writeLines } from "../terminal/output.ts";
import { layoutTable } from "../terminal/table.ts";

export interface DoctorOptions {
  readonly to?: string;
  readonly settings?: string;
  /** What answers for the DNS; the machine's own resolver by default. */
  readonly dns?: Dns;
}

/** How long the DNS may take, in milliseconds, and how often it is asked. */
const DNS_PATIENCE = { timeout: 5000, tries: 2 };

const WORDS: Readonly<Record<CheckState, string>> = {
  ok: "ok",
  note: "note",
  failed: "FAILED",
  unknown: "not checked",
};

function styleOf(palette: Palette, state: CheckState): (text: string) => string {
  const verdicts = { ok: "held", note: "mixed", failed: "did not hold", unknown: "inconclusive" } as const;
  return (text) => palette.verdict(verdicts[state], text);
}

/** The settings of a file, over those of the environment. @throws UsageError when it cannot be read */
function settingsOf(file: string | undefined): NodeJS.ProcessEnv {
  if (file === undefined) return process.env;
  try {
    return { ...process.env, ...parseEnv(readFileSync(file, "utf8")) };
  } catch (cause) {
    throw new UsageError(`--settings: ${unreadable(file, cause)}`, { cause });
  }
}

function summaryOf(findings: readonly Finding[]): { readonly text: string; readonly status: number } {
  const count = (state: CheckState) => findings.filter((one) => one.state === state).length;
  const [failed, unknown] = [count("failed"), count("unknown")];
  if (failed > 0)
    return { text: `${failed} of ${findings.length} checks failed`, status: exitStatus.checkFailed };
  if (unknown > 0)
    return { text: `${unknown} of ${findings.length} checks could not be done`, status: exitStatus.failure };
  return { text: "mail is in order", status: exitStatus.success };
}

/**
 * `gradus doctor mail`. Returns the exit status: 1 when a check failed, 3 when none did and some could not be done.
 *
 * @throws UsageError when `--to` is no address
 * @throws GradusError when the file of settings cannot be read
 */
export async function examineMail(
  { out, signal }: Host,
  { to, settings, dns = new Resolver(DNS_PATIENCE) }: DoctorOptions,
): Promise<number> {
  if (to !== undefined && !/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(to))
    throw new UsageError(`--to must be a mail address, got "${to}"`);
  const findings = await checkMail({ settings: settingsOf(settings), dns, to, signal });
  const rows = findings.map(({ subject, state, text }) => [
    { text: WORDS[state], style: styleOf(out.palette, state) },
    { text: subject },
    { text },
  ]);
  const columns = [{ header: "", wraps: false }, { header: "", wraps: false }, { header: "" }];
  const { text, status } = summaryOf(findings);
  writeLines(out, [...layoutTable(columns, rows, { width: out.columns }), "", text]);
  return status;
}
