import { version } from "../../../../package.json" with { type: "json" };
import { isOn } from "../switch-setting.ts";
import type { ClientSettings } from "./arxiv/client.ts";
import type { DailyListSettings } from "./hugging-face/client.ts";

const QUERY_URL = "https://export.arxiv.org/api/query";
const DAILY_LIST_URL = "https://huggingface.co/api/daily_papers";
const OAI_URL = "https://oaipmh.arxiv.org/oai";

/** The environment variables of ingestion. */
export interface IngestEnvironment extends Readonly<Record<string, string | undefined>> {
  readonly GRADUS_INGEST?: string;
  readonly GRADUS_ARXIV_URL?: string;
  readonly GRADUS_OAI_URL?: string;
  readonly GRADUS_HUGGING_FACE?: string;
  readonly GRADUS_HUGGING_FACE_URL?: string;
  readonly GRADUS_CONTACT?: string;
  readonly ORIGIN?: string;
}

function address(name: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new Error(`${name} must be an http or https URL without user, query and fragment, got "${value}"`);
  return url;
}

/** Whether the site brings new papers by itself: only with `GRADUS_INGEST=1`. */
export const ingests = (environment: IngestEnvironment) => isOn("GRADUS_INGEST", environment);

/** Whether it imports Hugging Face's daily lists by itself: only with `GRADUS_HUGGING_FACE=1`. */
export const importsDailyLists = (environment: IngestEnvironment) => isOn("GRADUS_HUGGING_FACE", environment);

/**
 * Where arXiv is, and how the site introduces itself there.
 *
 * @throws Error when an address or the contact is malformed
 */
export function arxivSettings(environment: IngestEnvironment): ClientSettings {
  const {
    GRADUS_ARXIV_URL: query,
    GRADUS_OAI_URL: oai,
    GRADUS_CONTACT: contact,
    ORIGIN: origin,
  } = environment;
  if (contact && !/^[!-~]+@[!-~]+$/.test(contact))
    throw new Error(`GRADUS_CONTACT must be a mail address in ASCII, got "${contact}"`);
  const about = [origin && `+${address("ORIGIN", origin).origin}`, contact && `mailto:${contact}`].filter(
    Boolean,
  );
  return {
    queryUrl: address("GRADUS_ARXIV_URL", query || QUERY_URL),
    oaiUrl: address("GRADUS_OAI_URL", oai || OAI_URL),
    userAgent: [`gradus/${version}`, ...(about.length > 0 ? [`(${about.join("; ")})`] : [])].join(" "),
  };
}

/**
 * Where Hugging Face's daily lists are.
 *
 * @throws Error when the address is malformed
 */
export function dailyListSettings(environment: IngestEnvironment): DailyListSettings {
  const { GRADUS_HUGGING_FACE_URL: url } = environment;
  return {
    url: address("GRADUS_HUGGING_FACE_URL", url || DAILY_LIST_URL),
    userAgent: arxivSettings(environment).userAgent,
  };
}
