import type { CommandHelp } from "../command-line/help.ts";
import type { ParsedOptions } from "../command-line/values.ts";
import type { Host } from "../host.ts";
import { collaborate, collaborateOptions } from "./collaborate.ts";
import { completion, completionOptions } from "./completion.ts";
import { data, dataOptions } from "./data.ts";
import { db, dbOptions } from "./db.ts";
import { list, listOptions } from "./list.ts";
import { run, runOptions } from "./run.ts";
import { show, showOptions } from "./show.ts";
import { spectrum, spectrumOptions } from "./spectrum.ts";
import { sweep, sweepOptions } from "./sweep.ts";
import { verify, verifyOptions } from "./verify.ts";
import { worker, workerOptions } from "./worker.ts";

export interface Command extends CommandHelp {
  /** Returns the exit status. */
  readonly carryOut: (host: Host, options: ParsedOptions) => Promise<number>;
}

/** What this program does, in the order of its help. */
export const commands: readonly Command[] = [
  {
    name: "list",
    usage: "[paper | paper/experiment]",
    summary: "the papers; the claims and experiments of one; the parameters of an experiment",
    paragraphs: ["Papers go by name (anyloss), number (4, 04) or arXiv id (2405.14745)."],
    options: listOptions,
    examples: ["list", "list anyloss"],
    carryOut: list,
  },
  {
    name: "run",
    usage: "<paper | paper/experiment> [options]",
    summary: "run one experiment, or all of a paper, and show what it measured",
    paragraphs: [
      "Papers go by name (anyloss), number (4, 04) or arXiv id (2405.14745); an experiment by its id alone where only one paper has it.",
      'Ctrl-C leaves a checkpoint and prints the command that goes on from it; the report is then the same as that of a run without a break. Checkpoints are also kept while a run goes on: after a crash, "show" tells how to resume.',
      'What was measured is kept in .gradus/runs in this folder, and "show" shows it again.',
      "With --out, a paper's experiments each have a folder of their own, and report.json above them holds all reports. With --json, a paper gives an array of reports, an experiment one report.",
    ],
    options: runOptions,
    examples: [
      "run anyloss",
      "run 12 --profile full --out results",
      "run anyloss/mechanism --html report.html --svg figures",
    ],
    carryOut: run,
  },
  {
    name: "verify",
    usage: "[papers...] [options]",
    summary: "measure the claims of papers (of all when none is named) and print the verdicts",
    paragraphs: [
      "Prints a table of claims: what was measured, what it must be, and whether it held. ● held, ◆ did not hold, ○ not run.",
    ],
    options: verifyOptions,
    examples: ["verify 12", "verify anyloss 12 --profile full", "verify --html claims.html"],
    carryOut: verify,
  },
  {
    name: "show",
    usage: "[run] [options]",
    summary: "the runs kept here; one of them again, with plots, claims and parameters",
    paragraphs: [
      "A run goes by its id or the first four letters of it, as latest, by its paper or experiment (then the latest of these), or by the folder that --out named.",
      "With --html or --svg the files are written, and nothing else is shown.",
    ],
    options: showOptions,
    examples: ["show", "show latest", "show anyloss/mechanism --html report.html"],
    carryOut: show,
  },
  {
    name: "sweep",
    usage:
      "<experiment> --grid name=a,b,c ... [options] | list | show <sweep> | resume <sweep> | remove <sweep>",
    summary: "run an experiment over a grid of parameters and seeds; means with 95 % intervals",
    paragraphs: [
      "Every combination of the grid's values is run with the seeds 1 to N. Of each check the table shows the mean over the seeds with its 95 % interval by Student's t, and in how many runs it held.",
      "Runs are jobs in the project's database. With the embedded one, .gradus/database, this process carries them out itself, several at a time. On a Postgres server (--database postgres://... or DATABASE_URL), workers on any machines do: see worker.",
      "Ctrl-C, a crash or a power cut loses no finished run: the same command, or resume, goes on, and runs under way go on from their checkpoints. A sweep goes by its id or the beginning of it, or as latest.",
    ],
    options: sweepOptions,
    examples: [
      "sweep factor-n --grid largest=1000,10000 --seeds 5",
      "sweep list",
      "sweep show latest --html sweep.html --csv sweep.csv",
    ],
    carryOut: sweep,
  },
  {
    name: "worker",
    usage: "--database postgres://... [options]",
    summary: "carry out the runs of sweeps on a shared database, here or on any machine",
    paragraphs: [
      "Takes runs of all sweeps in the database, one after another, and waits for more. A run whose worker is killed or unreachable for ten seconds is given to another, which goes on from its checkpoint; should the first come back, what it brings is not counted.",
      "Every worker needs the same version of gradus, and the data sets that the experiments read.",
    ],
    options: workerOptions,
    examples: ["worker --database postgres://db.example/gradus"],
    carryOut: worker,
  },
  {
    name: "collaborate",
    usage: "[options] | peer <roster> --key FILE [options] | resume [training] | show [training]",
    summary: "train one network by many peers, some of which lie, here or over a NATS server",
    paragraphs: [
      "Honest peers hold uneven shares of the 8 × 8 digits, train a 64-32-10 network with momentum, and mix their models with those that they receive (arXiv 2209.10931, MoNNA); the last peers are Byzantine. Each peer is a process that loads and keeps only its own rows.",
      "What Byzantine peers do: ALIE and FOE move the mean of the honest models as far as harms most, SF sends minus the mean, LF learns as the honest do, on labels 9 - y, garbage sends what no receiver can use, and silent says nothing.",
      "Messages are signed (Ed25519), checked for size, shape and finite numbers, and counted when they are rejected. A round ends when enough models are there, or at its deadline; a peer whose process crashes is started again, up to five times, and joins the others where they are. A NATS server that goes is waited for.",
      "Ctrl-C ends all processes and keeps where they stand: resume goes on. Trainings are kept in .gradus/collaborate in this folder, with everybody's keys; they go by id, the beginning of it, or as latest.",
      "With --remote 6,7 these peers are started on other machines: bring each its key and roster.json, and start collaborate peer there.",
    ],
    options: collaborateOptions,
    examples: [
      "collaborate --peers 10 --byzantine 2 --attack ALIE",
      "collaborate --peers 8 --byzantine 1 --transport nats --server nats://localhost:4222",
      "collaborate resume latest --html training.html",
    ],
    carryOut: collaborate,
  },
  {
    name: "spectrum",
    usage: "<module.ts | curvature.onnx> [options]",
    summary: "eigenvalues, trace, density and stable learning rates of your own model",
    paragraphs: [
      "A module (.ts, .mts, .js, .mjs) exports, by name or as its default: loss(parameters, batch), a traced scalar of @gradus/graph, the mean over the batch's rows; parameters, trained arrays in plain objects; data, arrays with one row an example. parameters, data and the default export may also be functions, async or not, that return them. For --operator gauss-newton it also exports model(parameters, batch), the outputs, and curvature, such as gradus' softmaxCurvature.",
      "An ONNX file is one that gradus' exportCurvature wrote; its data come from files. One table deals its columns to the model's inputs in their order; NAME=FILE gives an input its own.",
      "Learning rates are predicted by the laws of arXiv 2006.09092, from the largest eigenvalue and from how much single rows change it.",
    ],
    options: spectrumOptions,
    examples: [
      "spectrum examples/spectrum/digits.ts",
      "spectrum model.ts --groups --batch 1,16,256,full --momentum 0.9",
      "spectrum digits.onnx --data x=images.npy --data y=labels.npy --html spectrum.html",
    ],
    carryOut: spectrum,
  },
  {
    name: "data",
    usage: "list | pull [names...]",
    summary: "the data sets and where they are; download some",
    paragraphs: [
      '"data list" tells of each set what it holds, its license and whether it is at hand; with names, also its source, files and checksums. "data pull" downloads sets into the folder GRADUS_DATA_DIR, else gradus in the user\'s cache; it goes on where an earlier download was cut short, and keeps no file that is not what was published.',
    ],
    options: dataOptions,
    examples: ["data list", "data list mnist", "data pull mnist a9a"],
    carryOut: data,
  },
  {
    name: "db",
    usage: "export | backup | restore <file> | migrate --plan",
    summary: "export, back up and restore the site's database; plan its migrations",
    paragraphs: [
      '"db export" writes the papers with their votes, without the persons, and their claims with what was measured, one JSON object a line.',
      '"db backup" writes the whole database to a file in --folder, and keeps the last of 7 days and of 4 weeks there; "db restore" makes it anew in an empty folder, or an empty database of a server. Backups of servers are made by pg_dump and pg_restore.',
      "The embedded database is one process' at a time: stop the site first. While it runs it makes a backup every night itself.",
    ],
    options: dbOptions,
    examples: [
      "db export --out papers.ndjson",
      "db backup",
      "db restore .gradus/backups/gradus-20251225T030000Z.tar.gz --database restored",
      "db migrate --plan",
    ],
    carryOut: db,
  },
  {
    name: "completion",
    usage: "bash | zsh | fish",
    summary: "print the script with which a shell completes commands, options and names",
    paragraphs: [
      'For Bash, in ~/.bashrc: eval "$(gradus completion bash)". For Zsh, in ~/.zshrc after compinit: source <(gradus completion zsh). For fish, once: gradus completion fish > ~/.config/fish/completions/gradus.fish',
    ],
    options: completionOptions,
    examples: ["completion bash"],
    carryOut: completion,
  },
];
