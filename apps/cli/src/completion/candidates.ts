import type { Paper } from "@gradus/papers";
import type { Command, Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import { LATEST } from "../command-line/latest.ts";
import type { Host } from "../host.ts";

/** A completion at the cursor, and its description. */
export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** What could stand at the cursor. */
export interface Completions {
  readonly found: readonly Candidate[];
  /** Whether a file could. */
  readonly files: boolean;
}

/** What completion needs of the host. */
type CompletionHost = Pick<Host, "loadPapers" | "home">;

/** What is known when a word is completed. */
interface Place {
  readonly host: CompletionHost;
  /** The arguments before the word under the cursor. */
  readonly positionals: readonly string[];
  readonly current: string;
}

type Complete = (place: Place) => Promise<readonly Candidate[]> | readonly Candidate[];

const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({ value }));

function paperNames(papers: readonly Paper[]): Candidate[] {
  return papers.map(({ slug, title }) => ({ value: slug, about: title }));
}

/** Papers; and experiments once there is something to tell them by. */
const papersAndExperiments: Complete = async ({ host, current, positionals }) => {
  const papers = await host.loadPapers();
  const experiments = papers.flatMap(({ slug, experiments: entries }) =>
    entries.flatMap(({ id, title }) => [
      ...(current.startsWith(slug) ? [{ value: `${slug}/${id}`, about: title }] : []),
      ...(current !== "" ? [{ value: id, about: `${title} (${slug})` }] : []),
    ]),
  );
  return [...paperNames(papers), ...experiments].filter(({ value }) => !positionals.includes(value));
};

const paperOrExperiment: Complete = (place) =>
  place.positionals.length > 0 ? [] : papersAndExperiments(place);

const runNames: Complete = async (place) => {
  const { host, positionals } = place;
  if (positionals.length > 0) return [];
  const { storedRuns } = await import("../runs/store.ts");
  const runs = (await storedRuns(host.home)).map(({ id }) => ({ value: id, about: "an earlier run" }));
  return [{ value: LATEST, about: "the latest run" }, ...runs, ...(await paperOrExperiment(place))];
};

const latestSweep: Complete = ({ positionals }) =>
  positionals.length > 0 ? [] : [{ value: LATEST, about: "the latest sweep" }];

const trainingNames: Complete = async ({ host, positionals }) => {
  if (positionals.length > 0) return [];
  const { storedTrainings } = await import("../collaborate/record.ts");
  const trainings = (await storedTrainings(host.home)).map(({ id }) => ({ value: id, about: "a training" }));
  return [{ value: LATEST, about: "the latest training" }, ...trainings];
};

const dataSets =
  (bundled: boolean): Complete =>
  async ({ positionals }) => {
    const { datasetNames } = await import("gradus/data");
    const { downloadableNames } = await import("../data/catalogue.ts");
    const known = bundled ? [...datasetNames, ...downloadableNames] : downloadableNames;
    return plain(known.filter((name) => !positionals.includes(name)));
  };

/** Arguments by the command that takes them. Choices come from the command's own definition. */
const argumentCandidates: Readonly<Record<string, Complete>> = {
  list: paperOrExperiment,
  run: paperOrExperiment,
  verify: papersAndExperiments,
  show: runNames,
  sweep: paperOrExperiment,
  "sweep show": latestSweep,
  "sweep resume": latestSweep,
  "sweep remove": latestSweep,
  "collaborate resume": trainingNames,
  "collaborate show": trainingNames,
  "data list": dataSets(true),
  "data pull": dataSets(false),
};

const assignments: Complete = async ({ host, positionals }) => {
  if (positionals.length === 0) return [];
  const { resolveSelection } = await import("../experiments/select.ts");
  const { assignmentCandidates } = await import("../experiments/parameters.ts");
  const { targets } = resolveSelection(await host.loadPapers(), positionals[0]);
  const experiments = await Promise.all(targets.map(({ entry }) => entry.load()));
  return experiments.flatMap(assignmentCandidates);
};

/** Values of options without choices; those of the others are files, which the shell completes itself. */
const valueCandidates: Readonly<Record<string, Complete>> = {
  set: assignments,
  grid: assignments,
  resume: async ({ host }) => {
    const { interruptedSessions } = await import("../session/interrupted.ts");
    return (await interruptedSessions(host.home)).map(({ file }) => ({ value: file }));
  },
};

const visibleOptions = (command: Command) => command.createHelp().visibleOptions(command);
const visibleCommands = (command: Command) => command.createHelp().visibleCommands(command);

/** The option that takes the next word as its value, if the word is one. */
function awaiting(word: string | undefined, command: Command): Option | undefined {
  return visibleOptions(command).find(({ long, required }) => required && long === word);
}

/** Which command the words are for, and which of them are its arguments. */
function locate(program: Command, words: readonly string[]) {
  let command = program;
  let path: string[] = [];
  let positionals: string[] = [];
  words.forEach((word, i) => {
    if (word.startsWith("-") || awaiting(words[i - 1], command)) return;
    const below = positionals.length === 0 && command.commands.find((each) => each.name() === word);
    if (!below) {
      positionals.push(word);
      return;
    }
    command = below;
    path = [...path, word];
    positionals = [];
  });
  return { command, path: path.join(" "), positionals };
}

async function valuesOf(option: Option, place: Place): Promise<readonly Candidate[]> {
  if (option.argChoices) return plain(option.argChoices);
  return (await valueCandidates[option.name()]?.(place)) ?? [];
}

const takesFile = (option: Option) => !option.argChoices && valueCandidates[option.name()] !== assignments;

function optionNames(command: Command, words: readonly string[]): Candidate[] {
  return visibleOptions(command).flatMap((option) => {
    const { long, description } = option;
    if (!long || (words.includes(long) && !(option instanceof RepeatableOption))) return [];
    return [{ value: long, about: description }];
  });
}

async function candidatesAt(
  host: CompletionHost,
  program: Command,
  words: readonly string[],
  current: string,
): Promise<Completions> {
  const { command, path, positionals } = locate(program, words);
  const place = { host, positionals, current };
  const option = awaiting(words.at(-1), command);
  if (option) return { found: await valuesOf(option, place), files: takesFile(option) };
  const [, long] = /^(--[\w-]+)=/.exec(current) ?? [];
  if (long) {
    const assigned = awaiting(long, command);
    const values = assigned ? await valuesOf(assigned, place) : [];
    const found = values.map(({ value, about }) => ({ value: `${long}=${value}`, about }));
    return { found, files: assigned !== undefined && takesFile(assigned) };
  }
  if (current.startsWith("-")) return { found: optionNames(command, words), files: false };
  const below = (of: Command) =>
    visibleCommands(of).map((each) => ({ value: each.name(), about: each.summary() || each.description() }));
  if (command === program && positionals[0] === "help")
    return {
      found: positionals.length > 1 ? [] : below(program).filter(({ value }) => value !== "help"),
      files: false,
    };
  const { registeredArguments: known } = command;
  const argument = known[positionals.length] ?? (known.at(-1)?.variadic ? known.at(-1) : undefined);
  const complete = argumentCandidates[path];
  return {
    found: [
      ...plain(argument?.argChoices ?? []),
      ...((await complete?.(place)) ?? []),
      ...(positionals.length === 0 ? below(command) : []),
    ],
    files: argument !== undefined && !argument.argChoices && (!complete || complete === runNames),
  };
}

/**
 * The words that could stand where the cursor is.
 *
 * @param words the command line after the program's name, up to the cursor; the last is the word to be completed
 */
export async function candidates(
  host: CompletionHost,
  program: Command,
  words: readonly string[],
): Promise<Completions> {
  const current = words[words.length - 1] ?? "";
  try {
    const all = await candidatesAt(host, program, words.slice(0, -1), current);
    const unique = new Map(all.found.map((candidate) => [candidate.value, candidate]));
    // Nothing is to be added to a name= that is complete already.
    const found = [...unique.values()].filter(
      ({ value }) => value.startsWith(current) && !(value === current && value.endsWith("=")),
    );
    return { ...all, found };
  } catch {
    // A line that is being typed may be wrong for now.
    return { found: [], files: false };
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
