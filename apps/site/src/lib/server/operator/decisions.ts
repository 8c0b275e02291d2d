import { parseArxivId } from "#lib/arxiv-id.ts";
import { jobLabel } from "#lib/job-names.ts";
import { decidePaper, type PaperDecision } from "../curation/decide.ts";
import { lockAccount } from "../database/row-locks.ts";
import { Problem } from "../http/problem.ts";
import { noteDecision } from "../moderation/audit.ts";
import { closeFlag } from "../moderation/flags.ts";
import type { Operator } from "../people/operators.ts";
import { restoreAccount, suspendAccount } from "../people/suspensions.ts";
import { decideReport, type ReportDecision } from "../reports/moderate.ts";
import type { Site } from "../site.ts";
import { refusalMessages } from "../submissions/rules.ts";
import { allowMail, retryMail } from "./mail-overview.ts";

/** What of the site decisions change. */
export type DecisionSite = Pick<Site, "database" | "jobs" | "now">;

/**
 * Carries out what an operator decided of what has an id, which nobody has checked. Resolves to a sentence that says what
 * was done, or to why nothing was.
 */
export type Decide = (site: DecisionSite, by: Operator, id: string) => Promise<string | Problem>;

/** The job that sends mail. */
const MAIL = "mail";

const unchanged = () => new Problem("conflict", "Nothing to change: somebody may have decided already.");

/** A number by which a row is stored; undefined for what is none. */
const rowId = (id: string) => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined);

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ofPaper =
  (decision: PaperDecision, done: string): Decide =>
  async ({ database, now }, { id: actor }, id) => {
    const arxivId = parseArxivId(id)?.id;
    const outcome = arxivId
      ? await decidePaper(database.orm, { arxivId, decision, actor, now: now() })
      : "absent";
    if (outcome === "done") return done;
    if (outcome === "unchanged") return unchanged();
    if (outcome === "absent") return new Problem("not_found", "There is no such paper.", "id");
    return new Problem("submission_refused", refusalMessages[outcome], "id");
  };

const ofReport =
  (decision: ReportDecision, done: string): Decide =>
  async ({ database, now }, { id: actor }, id) => {
    const report = rowId(id);
    const changed =
      report !== undefined && (await decideReport(database.orm, { id: report, decision, actor }, now()));
    return changed ? done : unchanged();
  };

/** What operators can decide, by the section of their pages. */
export const decisions = {
  papers: {
    feature: ofPaper("feature", "Featured."),
    unfeature: ofPaper("unfeature", "No longer featured."),
    hide: ofPaper("hide", "Hidden."),
    restore: ofPaper("restore", "Restored."),
  },
  moderation: {
    async close({ database, now }, { id: by }, id) {
      const flag = rowId(id);
      const closed = flag !== undefined && (await closeFlag(database.orm, flag, { by, now: now() }));
      return closed ? "Closed." : new Problem("conflict", "This flag is closed already.");
    },
  },
  reports: {
    "publish-note": ofReport("publish-note", "Text published."),
    "hide-note": ofReport("hide-note", "Text hidden."),
    hide: ofReport("hide", "Report hidden."),
    restore: ofReport("restore", "Report restored."),
  },
  accounts: {
    async suspend({ database, now }, by, id) {
      const suspended = UUID.test(id) && (await suspendAccount(database.orm, { userId: id, by, now: now() }));
      return suspended ? "Suspended." : new Problem("conflict", "This account cannot be suspended.");
    },
    async restore({ database, now }, by, id) {
      const restored = UUID.test(id) && (await restoreAccount(database.orm, { userId: id, by, now: now() }));
      return restored ? "Restored." : new Problem("conflict", "This account is not suspended.");
    },
  },
  mail: {
    async retry({ database, now, jobs }, { id: actor }, id) {
      const message = rowId(id);
      if (message === undefined || !(await retryMail(database.orm, message, { actor, now: now() })))
        return new Problem("conflict", "This message cannot be sent any more.");
      await jobs.request(MAIL);
      return "The message will be sent in a moment.";
    },
    async allow({ database, now }, { id: actor }, id) {
      const allowed = /^[0-9a-f]{64}$/.test(id) && (await allowMail(database.orm, id, { actor, now: now() }));
      return allowed
        ? "Mail to this address is allowed again. Its subscriptions stay ended."
        : new Problem("conflict", "This address is not suppressed.");
    },
  },
  jobs: {
    async run({ database, now, jobs }, { id: actor }, id) {
      if (!jobs.names.includes(id)) return new Problem("not_found", "This site has no such job.", "id");
      const noted = await database.orm.transaction(async (tx) => {
        if (!(await lockAccount(tx, actor))) return false;
        await noteDecision(tx, { actor, action: "job.run", subject: `job ${id}` }, now());
        return true;
      });
      if (!noted) return new Problem("unauthorized", "This account was deleted.");
      await jobs.request(id);
      return `${jobLabel(id)} will run in a moment.`;
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Decide>>>>;
