import type { Experiment, ExperimentDefinition } from "./experiment.ts";

/** A headline claim, in our words. */
export interface Claim {
  readonly id: string;
  /** One sentence. */
  readonly statement: string;
  /** A few words for narrow places. */
  readonly short: string;
  /** Where the paper makes it, such as `abstract; Theorem 2; Figure 4`; what could not be read is "not read". */
  readonly source?: string;
  /** What the paper reports there, with its unit, "not stated", or "not read". */
  readonly reported: string;
}

/** The metadata of an experiment, known before its code is loaded. */
export interface ExperimentEntry {
  readonly id: string;
  readonly title: string;
  readonly claims: readonly string[];
  /** True when it needs the graph engine (a 14 MB download in a browser). */
  readonly graph?: boolean;
  /** Nothing is random: every seed gives the same findings except for measured times, so only one is measured. */
  readonly seedless?: true;
  load(): Promise<Experiment>;
}

/** An experiment of a paper, whose module `load` imports when it is needed. */
export function experiment({
  load,
  ...entry
}: Omit<ExperimentEntry, "load"> & {
  readonly load: () => Promise<{ readonly default: ExperimentDefinition }>;
}): ExperimentEntry {
  const { id, title, claims, seedless } = entry;
  const named = { id, title, claims, ...(seedless ? { seedless } : {}) };
  return { ...entry, load: async () => ({ ...(await load()).default, ...named }) };
}

/**
 * A runnable paper: metadata, claims, and experiments that are imported when they are run. Next to it is `use.ts`, the
 * program with which an engineer starts: it runs as is, and the paper's page shows it.
 */
export interface Paper {
  readonly slug: string;
  /** Its number among the seed papers. */
  readonly number: number;
  readonly arxivId: string;
  readonly title: string;
  /** What was found, in one sentence, for a reader who reads nothing else: the page opens with it. */
  readonly headline?: string;
  readonly claims: readonly Claim[];
  readonly experiments: readonly ExperimentEntry[];
  /** Paragraphs for the paper's page: why it works, when it does not, what a reader must know about the verdict. */
  readonly remarks: readonly { readonly title: string; readonly text: readonly string[] }[];
}
