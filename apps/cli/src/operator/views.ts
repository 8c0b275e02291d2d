import { GradusError } from "gradus/check";
import { z } from "zod";
import type { Output } from "../terminal/output.ts";
import { formatInstant } from "../terminal/record.ts";
import { type Cell, layoutTable, type TableColumn } from "../terminal/table.ts";
import { plural, stack, wrap } from "../terminal/text.ts";

/** Makes the lines that show the answer of a site. */
export type View = (answer: unknown, out: Output) => string[];

/** A view of answers of a schema. @throws GradusError for others */
function viewOf<Schema extends z.ZodType>(
  schema: Schema,
  show: (answer: z.output<Schema>, out: Output) => string[],
): View {
  return (answer, out) => {
    const read = schema.safeParse(answer);
    if (read.success) return show(read.data, out);
    const [{ path, message }] = read.error.issues;
    throw new GradusError(`the site's answer is not as expected at "${path.join(".")}": ${message}`);
  };
}

const instant = z.iso.datetime();
const short = (header: string): TableColumn => ({ header, wraps: false });
const long = (header: string): TableColumn => ({ header });
const right = (header: string): TableColumn => ({ header, wraps: false, align: "right" });

function table(
  { columns: width, palette }: Output,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  empty: string,
): string[] {
  if (rows.length === 0) return wrap(empty, width);
  const cells = rows.map((row) => row.map((text): Cell => ({ text })));
  return layoutTable(columns, cells, { width, header: palette.muted });
}

const heading = (text: string, { columns, palette }: Output) => wrap(text, columns).map(palette.strong);
const when = (value: string | null) => (value === null ? "" : formatInstant(value));

const attention = z.object({ attention: z.array(z.object({ text: z.string(), url: z.string() })) });

/** What waits, each with the page that has it. */
export const overview = viewOf(attention, (answer, out) =>
  table(
    out,
    [long("waiting for you"), short("page")],
    answer.attention.map(({ text, url }) => [text, url]),
    "Nothing needs your attention.",
  ),
);

const arrivals = z.object({
  ...{ day: z.string(), page: z.int(), pages: z.int(), total: z.int(), featured: z.int() },
  days: z.array(z.object({ day: z.string(), arrived: z.int(), featured: z.int() })),
  papers: z.array(
    z.object({
      ...{ id: z.string(), title: z.string(), categories: z.array(z.string()), state: z.string() },
      ...{ refusal: z.string().nullable(), suggested: z.boolean(), duplicates: z.array(z.string()) },
      near: z.array(z.object({ title: z.string(), cosine: z.number() })),
      note: z.string().nullish(),
    }),
  ),
});
type Arrival = z.output<typeof arrivals>["papers"][number];

function stateOf({ state, refusal, suggested, duplicates, note }: Arrival): string {
  const waiting = refusal ?? (suggested ? "suggested" : "waiting");
  const same = duplicates.length > 0 ? `; same work as ${duplicates.join(", ")}?` : "";
  return (state === "waiting" ? waiting : state) + same + (note ? `; submitter’s note: ${note}` : "");
}

const papers = viewOf(arrivals, ({ day, page, pages, total, featured, days, papers: rows }, out) =>
  stack([
    heading(`${day}: ${plural(total, "new paper")}, ${featured} featured`, out),
    table(
      out,
      [short("paper"), long("title"), long("categories"), long("closest paper here"), long("state")],
      rows.map((paper) => [
        ...[paper.id, paper.title, paper.categories.join(" ")],
        paper.near
          .slice(0, 1)
          .map(({ title, cosine }) => `${title} (${cosine.toFixed(2)})`)
          .join(),
        stateOf(paper),
      ]),
      page > pages ? "This page does not exist." : "No new papers on this day.",
    ),
    pages > 1 ? wrap(`Page ${page} of ${pages}; --page shows another.`, out.columns) : [],
    days.length === 0
      ? []
      : wrap(`Days: ${days.map((one) => `${one.day} (${one.arrived})`).join(", ")}`, out.columns),
  ]),
);

const flags = z.object({
  flags: z.array(
    z.object({
      ...{ id: z.string(), kind: z.string(), summary: z.string(), raised_at: instant },
      url: z.string().nullable(),
    }),
  ),
});

const moderation = viewOf(flags, (answer, out) =>
  table(
    out,
    [right("flag"), short("kind"), short("raised"), long("summary"), long("page")],
    answer.flags.map(({ id, kind, summary, url, raised_at }) => [
      id,
      kind,
      when(raised_at),
      summary,
      url ?? "",
    ]),
    "No open flags.",
  ),
);

const moderated = z.object({
  reports: z.array(
    z.object({
      ...{ id: z.string(), paper: z.string(), experiment: z.string(), profile: z.string(), seed: z.int() },
      ...{ checks: z.int(), held: z.int(), state: z.string(), sent_at: instant },
      ...{ note: z.string().nullable(), note_state: z.string().nullable() },
    }),
  ),
});

const reports = viewOf(moderated, (answer, out) =>
  table(
    out,
    [right("report"), long("run"), short("held"), short("sent"), long("state"), long("text")],
    answer.reports.map((one) => [
      ...[one.id, `${one.paper} ${one.experiment}, ${one.profile}, seed ${one.seed}`],
      ...[`${one.held} of ${one.checks}`, when(one.sent_at)],
      ...[one.state + (one.note_state ? `, text ${one.note_state}` : ""), one.note ?? ""],
    ]),
    "No reports yet.",
  ),
);

const people = z.object({
  accounts: z.array(
    z.object({
      ...{ id: z.string(), email: z.string(), role: z.string(), votes: z.int(), created_at: instant },
      suspended_at: instant.nullable(),
    }),
  ),
});

const accounts = viewOf(people, (answer, out) =>
  table(
    out,
    [short("account"), long("address"), short("role"), right("votes"), short("created"), short("suspended")],
    answer.accounts.map(({ id, email, role, votes, created_at, suspended_at }) => [
      ...[id, email, role, String(votes), when(created_at), when(suspended_at)],
    ]),
    "No accounts found.",
  ),
);

const mailAnswer = z.object({
  ...{ folder: z.boolean(), waiting: z.int(), sent_today: z.int(), digests_run_at: instant.nullable() },
  digests: z.record(z.string(), z.int()),
  undelivered: z.array(
    z.object({
      ...{
        id: z.string(),
        kind: z.string(),
        address: z.string(),
        reason: z.string(),
        may_retry: z.boolean(),
      },
      ...{ next_at: instant.nullable(), ended_at: instant.nullable() },
    }),
  ),
  suppressed: z.array(
    z.object({ id: z.string(), address: z.string().nullable(), reason: z.string(), at: instant }),
  ),
  bounces: z.array(z.object({ address: z.string().nullable(), reason: z.string(), at: instant })),
});
const UNKNOWN = "not stored";

const mail = viewOf(mailAnswer, (answer, out) => {
  const digests = Object.entries(answer.digests).filter(([, count]) => count > 0);
  const counts = digests.map(([what, count]) => `${count} ${what}`).join(", ") || "none due";
  const run = answer.digests_run_at === null ? "not run yet" : `last run ${when(answer.digests_run_at)}`;
  return stack([
    wrap(`${plural(answer.waiting, "message")} waiting, ${answer.sent_today} sent today (UTC).`, out.columns),
    answer.folder ? wrap("No mail server: messages are written to a folder.", out.columns) : [],
    wrap(`Digests of the last 24 hours: ${counts}; ${run}.`, out.columns),
    [
      ...heading("Not delivered", out),
      ...table(
        out,
        [right("message"), short("kind"), long("to"), long("reason"), long("state")],
        answer.undelivered.map(({ id, kind, address, reason, next_at, ended_at, may_retry }) => [
          ...[id, kind, address, reason],
          next_at === null
            ? `given up ${when(ended_at)}${may_retry ? ", can be retried" : ""}`
            : `next try ${when(next_at)}`,
        ]),
        "No message has failed since yesterday.",
      ),
    ],
    [
      ...heading("Suppressed addresses", out),
      ...table(
        out,
        [short("address"), long(""), short("after a"), short("since")],
        answer.suppressed.map(({ id, address, reason, at }) => [id, address ?? UNKNOWN, reason, when(at)]),
        "No address is suppressed.",
      ),
    ],
    [
      ...heading("Recent bounces", out),
      ...table(
        out,
        [long("address"), long("reason"), short("at")],
        answer.bounces.map(({ address, reason, at }) => [address ?? UNKNOWN, reason, when(at)]),
        "No bounce or complaint in the last 90 days.",
      ),
    ],
  ]);
});

const jobsAnswer = z.object({
  jobs: z.array(
    z.object({
      ...{ id: z.string(), label: z.string(), failing: z.boolean(), waiting_seconds: z.int() },
      ...{ succeeded_at: instant.nullable(), failed_at: instant.nullable() },
      ...{ next_at: instant.nullish(), running: z.boolean().optional() },
    }),
  ),
  outage: z.object({ failed_at: instant, reason: z.string(), next_at: instant }).nullish(),
  failures: z.array(
    z.object({
      ...{ job: z.string(), at: instant, attempts: z.int(), will_retry: z.boolean(), reason: z.string() },
      next_at: instant.nullish(),
    }),
  ),
});

type SiteJob = z.output<typeof jobsAnswer>["jobs"][number];

/** What a job is about to do. Sites of earlier versions do not say whether it runs, nor when it is tried again. */
function progressOf({ next_at, running = false, waiting_seconds }: SiteJob): string {
  if (next_at) return `next try ${when(next_at)}`;
  return waiting_seconds > 0 ? `${running ? "running" : "due"} for ${waiting_seconds} s` : "";
}

const jobs = viewOf(jobsAnswer, (answer, out) =>
  stack([
    answer.outage
      ? wrap(
          `A request to arXiv failed at ${when(answer.outage.failed_at)} (${answer.outage.reason}); next try ${when(answer.outage.next_at)}.`,
          out.columns,
        )
      : [],
    table(
      out,
      [short("job"), long(""), short("last success"), short("failed"), long("state")],
      answer.jobs.map((job) => [
        ...[job.id, job.label, when(job.succeeded_at), job.failing ? when(job.failed_at) : ""],
        progressOf(job),
      ]),
      "No jobs.",
    ),
    [
      ...heading("Failures", out),
      ...table(
        out,
        [short("job"), short("at"), long("reason"), long("attempts")],
        answer.failures.map(({ job, at, attempts, will_retry, next_at, reason }) => [
          ...[job, when(at), reason],
          `${attempts}${next_at ? `, next try ${when(next_at)}` : will_retry ? ", will be retried" : ""}`,
        ]),
        "No run has failed in the last 14 days.",
      ),
    ],
  ]),
);

/** The view of each section. */
export const views: ReadonlyMap<string, View> = new Map(
  Object.entries({ papers, moderation, reports, accounts, mail, jobs }),
);
