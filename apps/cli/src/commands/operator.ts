import { GradusError } from "gradus/check";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { overview, views } from "../operator/views.ts";
import { json } from "../results/json.ts";
import { accessSite, refusal, type SiteAccess } from "../site/site-access.ts";
import { writeLines } from "../terminal/output.ts";

/** What an operator decides. */
export interface OperatorDecision {
  readonly decision: string;
  readonly id: string;
}

export interface OperatorRequest {
  /** The section; all of them without it. */
  readonly section?: string;
  /** Parameters of its list. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What to decide in place of a list. */
  readonly decisions: readonly OperatorDecision[];
  readonly site?: string;
  readonly json?: boolean;
}

const ROOT = "/api/v1/operator";

/** The answer to a question. @throws GradusError with the site's sentence when it refuses */
async function read({ ask, origin }: SiteAccess, path: string): Promise<unknown> {
  const response = await ask(path);
  if (response.status === 404)
    throw new GradusError(
      `${origin} does not show this to the account of GRADUS_TOKEN, which needs to be a moderator's or an administrator's`,
    );
  if (!response.ok) throw new GradusError(await refusal(response));
  return response.json().catch((cause: unknown) => {
    throw new GradusError(`${origin} did not answer with JSON`, { cause });
  });
}

/** Carries out decisions, one request each. Returns the exit status. */
async function decide(
  host: Host,
  { ask }: SiteAccess,
  path: string,
  { decisions, json: asJson = false }: OperatorRequest,
): Promise<number> {
  const outcomes: (OperatorDecision & { readonly done: boolean; readonly message: string })[] = [];
  try {
    for (const { decision, id } of decisions) {
      const response = await ask(path, { decision, id });
      const done = response.ok;
      const message = done ? await sentence(response) : await refusal(response);
      outcomes.push({ decision, id, done, message });
      if (!asJson) writeLines(done ? host.out : host.err, [`${id}: ${message}`]);
    }
  } finally {
    if (asJson) host.out.write(json(outcomes));
  }
  return outcomes.every(({ done }) => done) ? exitStatus.success : exitStatus.failure;
}

async function sentence(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const said = typeof body === "object" && body !== null && "message" in body ? body.message : undefined;
  return typeof said === "string" ? said : "done";
}

/**
 * `gradus operator`: what waits, a section's list, or decisions. Returns the exit status.
 *
 * @throws UsageError when it lists and decides at once, or the site or its token is missing
 * @throws GradusError when the site cannot be reached, or does not answer
 */
export async function operate(host: Host, request: OperatorRequest): Promise<number> {
  const { section, parameters, decisions } = request;
  const [filter] = Object.keys(parameters);
  if (filter !== undefined && decisions.length > 0)
    throw new UsageError(
      `--${filter.replace("_", "-")} is for lists; leave it out where something is decided`,
    );
  const access = accessSite(host, "operator", request.site);
  const path = section === undefined ? ROOT : `${ROOT}/${section}`;
  if (decisions.length > 0) return decide(host, access, path, request);
  const query = new URLSearchParams(parameters);
  const answer = await read(access, query.size > 0 ? `${path}?${query}` : path);
  const view = (section === undefined ? undefined : views.get(section)) ?? overview;
  if (request.json) host.out.write(json(answer));
  else writeLines(host.out, view(answer, host.out));
  return exitStatus.success;
}
