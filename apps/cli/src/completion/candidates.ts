import type { Paper } from "@gradus/papers";
import { datasetNames } from "gradus/data";
import { attackNames, methodNames, transportNames } from "../collaborate/plan.ts";
import { storedTrainings } from "../collaborate/record.ts";
import type { CommandHelp } from "../command-line/help.ts";
import { profiles } from "../command-line/values.ts";
import { collaborateActions } from "../commands/collaborate.ts";
import { dataActions } from "../commands/data.ts";
import { dbActions } from "../commands/db.ts";
import { matrices } from "../commands/spectrum.ts";
import { sweepActions } from "../commands/sweep.ts";
import { downloadableNames } from "../data/catalogue.ts";
import { assignmentCandidates } from "../experiments/parameters.ts";
import { resolveSelection } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { LATEST } from "../runs/find.ts";
import { storedRuns } from "../runs/store.ts";
import { interruptedSessions } from "../session/interrupted.ts";
import { shells } from "./scripts.ts";

/** A word that could stand where the cursor is, and what it means. */
export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** What is known when a word is completed. */
interface Place {
  readonly host: Pick<Host, "papers" | "home">;
  /** The command's words before the one under the cursor that are no options and no values of options. */
  readonly positionals: readonly string[];
  readonly current: string;
}

type Complete = (place: Place) => Promise<readonly Candidate[]> | readonly Candidate[];

const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({ value }));

function paperNames(papers: readonly Paper[]): Candidate[] {
  return papers.map(({ slug, title }) => ({ value: slug, about: title }));
}

/** Papers; and experiments once there is something to tell them by. */
const paperOrExperiment: Complete = ({ host: { papers }, current, positionals }) => {
  if (positionals.length > 0) return [];
  const experiments = papers.flatMap(({ slug, experiments: entries }) =>
    entries.flatMap(({ id, title }) => [
      ...(current.startsWith(slug) ? [{ value: `${slug}/${id}`, about: title }] : []),
      ...(current !== "" ? [{ value: id, about: `${title} (${slug})` }] : []),
    ]),
  );
  return [...paperNames(papers), ...experiments];
};

const runNames: Complete = async (place) => {
  const { host, positionals } = place;
  if (positionals.length > 0) return [];
  const runs = (await storedRuns(host.home)).map(({ id }) => ({ value: id, about: "a run kept here" }));
  return [{ value: LATEST, about: "the latest run" }, ...runs, ...(await paperOrExperiment(place))];
};

const positionalCandidates: Readonly<Record<string, Complete>> = {
  list: paperOrExperiment,
  run: paperOrExperiment,
  verify: ({ host, positionals }) =>
    paperNames(host.papers).filter(({ value }) => !positionals.includes(value)),
  show: runNames,
  sweep: async (place) => {
    const [action, ...names] = place.positionals;
    if (action === undefined) return [...(await paperOrExperiment(place)), ...plain(sweepActions)];
    const takesSweep = action === "show" || action === "resume" || action === "remove";
    return takesSweep && names.length === 0 ? [{ value: LATEST, about: "the latest sweep" }] : [];
  },
  worker: () => [],
  collaborate: async ({ host, positionals: [action, ...names] }) => {
    if (action === undefined) return plain(collaborateActions);
    if (action === "peer" || names.length > 0) return [];
    const trainings = (await storedTrainings(host.home)).map(({ id }) => ({
      value: id,
      about: "a training",
    }));
    return [{ value: LATEST, about: "the latest training" }, ...trainings];
  },
  data: ({ positionals: [action, ...names] }) => {
    if (action === undefined) return plain(dataActions);
    const known = action === "pull" ? downloadableNames : [...datasetNames, ...downloadableNames];
    return plain(known.filter((name) => !names.includes(name)));
  },
  db: ({ positionals: [action] }) => (action === undefined ? plain(dbActions) : []),
  completion: ({ positionals }) => (positionals.length > 0 ? [] : plain(shells)),
};

const assignments: Complete = async ({ host: { papers }, positionals }) => {
  if (positionals.length === 0) return [];
  const { targets } = resolveSelection(papers, positionals[0]);
  const experiments = await Promise.all(targets.map(({ entry }) => entry.load()));
  return experiments.flatMap(assignmentCandidates);
};

/** Values of options; those of the others are files, which the shell completes itself. */
const valueCandidates: Readonly<Record<string, Complete>> = {
  profile: () => plain(profiles),
  set: assignments,
  grid: assignments,
  attack: () => plain(attackNames),
  method: () => plain(methodNames),
  transport: () => plain(transportNames),
  operator: () => plain(Object.keys(matrices)),
  resume: async ({ host }) => (await interruptedSessions(host.home)).map(({ file }) => ({ value: file })),
};

/** The option that takes the next word as its value, if the last word is one. */
function awaiting(words: readonly string[], { options }: CommandHelp): string | undefined {
  const last = words[words.length - 1] ?? "";
  const name = last.startsWith("--") ? last.slice(2) : "";
  return Object.hasOwn(options, name) && options[name].value !== undefined ? name : undefined;
}

function positionalsOf(words: readonly string[], command: CommandHelp): string[] {
  return words.filter(
    (word, i) => !word.startsWith("-") && awaiting(words.slice(0, i), command) === undefined,
  );
}

function optionNames(words: readonly string[], { options }: CommandHelp): Candidate[] {
  return Object.entries(options)
    .filter(([name, { repeated }]) => repeated || !words.includes(`--${name}`))
    .map(([name, { help }]) => ({ value: `--${name}`, about: help }));
}

async function candidatesAt(
  host: Pick<Host, "papers" | "home">,
  commands: readonly CommandHelp[],
  before: readonly string[],
  current: string,
): Promise<readonly Candidate[]> {
  const [first, ...words] = before;
  if (first === undefined || first === "help") {
    const names = commands.map(({ name, summary }) => ({ value: name, about: summary }));
    if (first === "help") return names;
    return current.startsWith("-") ? plain(["--help", "--version"]) : [...names, { value: "help" }];
  }
  const command = commands.find(({ name }) => name === first);
  if (!command) return [];
  const place = { host, positionals: positionalsOf(words, command), current };
  const option = awaiting(words, command);
  if (option !== undefined) return (await valueCandidates[option]?.(place)) ?? [];
  const assigned = /^--([\w-]+)=/.exec(current);
  if (assigned) {
    const values = (await valueCandidates[assigned[1]]?.(place)) ?? [];
    return values.map(({ value, about }) => ({ value: `${assigned[0]}${value}`, about }));
  }
  if (current.startsWith("-")) return optionNames(words, command);
  return (await positionalCandidates[command.name]?.(place)) ?? [];
}

/**
 * The words that could stand where the cursor is.
 *
 * @param words the command line after the program's name, up to the cursor; the last is the word to be completed
 */
export async function candidates(
  host: Pick<Host, "papers" | "home">,
  commands: readonly CommandHelp[],
  words: readonly string[],
): Promise<Candidate[]> {
  const current = words[words.length - 1] ?? "";
  try {
    const all = await candidatesAt(host, commands, words.slice(0, -1), current);
    const unique = new Map(all.map((candidate) => [candidate.value, candidate]));
    // Nothing is to be added to a name= that stands there already.
    return [...unique.values()].filter(
      ({ value }) => value.startsWith(current) && !(value === current && value.endsWith("=")),
    );
  } catch {
    // While a line is being typed, what is wrong in it is no matter.
    return [];
  }
}

/** The words of Bash, which takes `name=value` for three, as they were typed. */
export function joinAssignments(words: readonly string[]): string[] {
  const joined: string[] = [];
  let open = false;
  for (const word of words) {
    if (joined.length > 0 && (word === "=" || open)) joined[joined.length - 1] += word;
    else joined.push(word);
    open = word === "=";
  }
  return joined;
}
