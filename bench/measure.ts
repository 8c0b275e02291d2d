import type { Case, Contender } from "./cases.ts";
import type { PeerId } from "./peers.ts";
import { type Command, PeerProcess } from "./process.ts";
import { disagreement, spread } from "./statistics.ts";
import type { Identity } from "./worker.ts";

export interface Plan {
  readonly cases: readonly Case[];
  readonly rounds: number;
  /** How long each contender runs each case in each round, in seconds. */
  readonly seconds: number;
}

/** One contender in one case, at the thread setting that served it best. */
export interface Timing {
  readonly label: string;
  readonly peer: PeerId;
  readonly settings: string;
  /** Seconds a unit, one entry a round. */
  readonly seconds: readonly number[];
  /** Median seconds a unit at each setting that stayed in. */
  readonly bySetting: Readonly<Record<string, number>>;
  /** Iterations a unit, where it says. */
  readonly iterations?: number;
}

/** A contender that is not in a case's table of times, and why. */
export interface Absence {
  readonly label: string;
  readonly reason: string;
}

export interface CaseResult {
  readonly id: string;
  readonly timings: readonly Timing[];
  readonly absences: readonly Absence[];
}

/** From a fresh process to the first Hessian-vector product, and the same again in that process; seconds, by round. */
export interface StartUp {
  readonly label: string;
  readonly first: readonly number[];
  readonly again: readonly number[];
}

export interface Results {
  readonly identities: ReadonlyMap<PeerId, Identity>;
  readonly cases: readonly CaseResult[];
  readonly startUps: readonly StartUp[];
}

/** A setting this many times slower than its contender's best in a trial is left out of the rounds. */
const HOPELESS = 4;

interface Running {
  readonly peer: PeerId;
  readonly process: PeerProcess;
  readonly identity: Identity;
}

/** A contender at one setting of its threads, over the rounds of a case. */
interface Series {
  readonly contender: Contender;
  readonly running: Running;
  readonly seconds: number[];
  readonly iterations?: number;
}

interface Prepared {
  readonly series: readonly Series[];
  readonly absences: readonly Absence[];
}

async function startAll(commands: ReadonlyMap<PeerId, readonly Command[]>) {
  const running: Running[] = [];
  const failures = new Map<PeerId, string>();
  for (const [peer, settings] of commands)
    for (const command of settings) {
      const process = new PeerProcess(command);
      const answer = await process.ask({ ask: "identity" });
      if ("version" in answer) running.push({ peer, process, identity: answer });
      else failures.set(peer, "failed" in answer ? answer.failed : "gave no identity");
    }
  return { running, failures };
}

async function timeOnce({ contender, running }: Series, seconds: number): Promise<number> {
  const answer = await running.process.ask({ ask: "time", program: contender.program, seconds });
  return "seconds" in answer ? answer.seconds : Number.NaN;
}

/** Builds a case everywhere, and leaves out who cannot run it, who computes something else and hopeless settings. */
async function prepare(
  { contenders, tolerance }: Case,
  all: readonly Running[],
  failures: ReadonlyMap<PeerId, string>,
  trialSeconds: number,
): Promise<Prepared> {
  const absences: Absence[] = [];
  const built: { series: Series; check: readonly number[] }[] = [];
  for (const contender of contenders) {
    const { label, peer, program } = contender;
    const processes = all.filter((running) => running.peer === peer);
    let reason = failures.get(peer);
    for (const running of processes) {
      const build = await running.process.ask({ ask: "build", program });
      const answer = "failed" in build ? build : await running.process.ask({ ask: "check", program });
      if ("check" in answer) {
        const { check, iterations } = answer;
        built.push({ series: { contender, running, seconds: [], iterations }, check });
      }
      if ("failed" in answer) reason = answer.failed;
    }
    if (reason !== undefined && !built.some(({ series }) => series.contender === contender))
      absences.push({ label, reason });
  }
  const differences = disagreement(built.map(({ check }) => check));
  const agreeing = built.filter((_, i) => differences[i] <= tolerance).map(({ series }) => series);
  built.forEach(({ series: { contender } }, i) => {
    if (differences[i] <= tolerance || absences.some(({ label }) => label === contender.label)) return;
    const off = Number.isNaN(differences[i]) ? "not a number" : `off by ${differences[i].toPrecision(2)}`;
    absences.push({ label: contender.label, reason: `computes something else (${off})` });
  });
  const trials = new Map<Series, number>();
  for (const series of agreeing) trials.set(series, await timeOnce(series, trialSeconds));
  const series = agreeing.filter((one) => {
    const siblings = agreeing.filter(({ contender }) => contender === one.contender);
    return trials.get(one)! <= HOPELESS * Math.min(...siblings.map((other) => trials.get(other)!));
  });
  return { series, absences };
}

/** The series of each contender whose median is least. */
function best(prepared: Prepared, { contenders }: Case): Timing[] {
  return contenders.flatMap((contender) => {
    const own = prepared.series.filter((series) => series.contender === contender);
    if (own.length === 0) return [];
    const median = ({ seconds }: Series) => spread(seconds).median;
    const [first] = own.toSorted((a, b) => median(a) - median(b));
    const { label, peer } = contender;
    const bySetting = Object.fromEntries(own.map((s) => [s.running.identity.settings, median(s)]));
    const { seconds, iterations, running } = first;
    return [{ label, peer, settings: running.identity.settings, seconds, bySetting, iterations }];
  });
}

/** The case whose start-up is timed. */
export const START_UP = "hvp";
/** The contenders that compile for it. */
const COMPILERS: readonly PeerId[] = ["gradus", "gradus-wasm", "jax-js"];

async function startUp(command: Command): Promise<[number, number]> {
  const process = new PeerProcess(command);
  await process.ask({ ask: "identity" });
  const first = await process.ask({ ask: "build", program: START_UP });
  const again = await process.ask({ ask: "build", program: START_UP });
  await process.stop();
  return ["built" in first ? first.built : Number.NaN, "built" in again ? again.built : Number.NaN];
}

/**
 * Times every case with every peer in one run. All cases and peers take turns within each round, and the order turns
 * with the rounds, so that the machine's drift hits all alike.
 */
export async function measure(
  commands: ReadonlyMap<PeerId, readonly Command[]>,
  { cases, rounds, seconds }: Plan,
  say: (line: string) => void,
): Promise<Results> {
  const wanted = new Set(cases.flatMap(({ contenders }) => contenders.map(({ peer }) => peer)));
  const { running, failures } = await startAll(new Map([...commands].filter(([peer]) => wanted.has(peer))));
  for (const [peer, reason] of failures) say(`absent: ${peer}: ${reason}`);
  const prepared = new Map<Case, Prepared>();
  for (const one of cases) {
    say(`preparing: ${one.title}`);
    prepared.set(one, await prepare(one, running, failures, seconds));
  }
  const timesStartUp = cases.some(({ id }) => id === START_UP);
  const compilers = COMPILERS.filter((peer) => timesStartUp && running.some((r) => r.peer === peer));
  const startUps = new Map<PeerId, [number, number][]>(compilers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const { series } of prepared.values())
      for (let i = 0; i < series.length; i++) {
        const one = series[(i + round) % series.length];
        one.seconds.push(await timeOnce(one, seconds));
      }
    for (const peer of compilers) startUps.get(peer)!.push(await startUp(commands.get(peer)!.at(-1)!));
  }
  for (const { process } of running) await process.stop();
  const labels = new Map(
    cases.flatMap(({ contenders }) => contenders.map(({ peer, label }) => [peer, label])),
  );
  return {
    identities: new Map(
      [...commands.keys()].flatMap((peer) => {
        const first = running.find((one) => one.peer === peer);
        return first ? [[peer, first.identity]] : [];
      }),
    ),
    cases: cases.map((one) => ({
      id: one.id,
      timings: best(prepared.get(one)!, one),
      absences: prepared.get(one)!.absences,
    })),
    startUps: [...startUps].map(([peer, times]) => ({
      label: labels.get(peer)!,
      first: times.map(([first]) => first),
      again: times.map(([, again]) => again),
    })),
  };
}
