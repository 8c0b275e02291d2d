import { type Command, Option } from "commander";
import { attackNames, methodNames, transportNames } from "../collaborate/choices.ts";
import { choiceOption, positiveNumber, wholeNumber } from "../command-line/values.ts";
import type {
  CollaborateOptions,
  PeerOptions,
  ResumeOptions,
  ShowTrainingOptions,
} from "../commands/collaborate.ts";
import { homeFolder } from "../files/home-folder.ts";
import { refuseOptionsBeforeAction, refuseUnknownAction } from "./actions.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { htmlOption, jsonOption, seedOption } from "./options.ts";

const TRAINING = "a training's id or a prefix of it, or latest (default)";

const serverOption = () =>
  new Option("--server <url>", "NATS server, nats://host:port or tls://host:port (default: NATS_URL)");

const remoteOption = () =>
  new Option("--remote <i,j,...>", "peers that run on other machines, started with collaborate peer");

const addOutputs = (command: Command) =>
  command.addOption(htmlOption("write a report as one HTML file")).addOption(jsonOption("print the record"));

export function defineCollaborate(program: Command, { host, run }: ProgramContext): void {
  const implementation = () => import("../commands/collaborate.ts");
  const command = program
    .command("collaborate")
    .enablePositionalOptions()
    .summary("train a network with many peers, some of them Byzantine, locally or over NATS")
    .description(
      `Train a 64-32-10 network on the 8 × 8 digits. Honest peers hold uneven shares of the rows, take momentum steps, and combine their models with those they receive (MoNNA, arXiv 2209.10931); the last peers are Byzantine. Each peer is a process that loads only its own rows.

Attacks: ALIE and FOE shift the mean of the honest models by the most harmful distance, SF sends minus the mean, LF trains on flipped labels 9 - y, garbage sends unusable messages, silent sends nothing.

Messages are signed (Ed25519) and checked for size, shape and finite numbers; rejected messages are counted. A round ends when enough models have arrived, or at its deadline. A peer whose process crashes is restarted up to five times; the peers wait for a NATS server that is unreachable.

Ctrl-C stops all processes and keeps their state: resume continues. Trainings and their keys are kept in ${homeFolder(host.home, "collaborate")}. With --remote 6,7, these peers run on other machines: copy each its key and roster.json, and start collaborate peer there.`,
    )
    .allowExcessArguments()
    .addOption(new Option("--peers <n>", "number of peers (default 10)").argParser(wholeNumber(2, 200)))
    .addOption(
      new Option(
        "--byzantine <n>",
        "number of Byzantine peers (default 2; 1 of 5 to 8 peers, 0 of fewer)",
      ).argParser(wholeNumber(0, 200)),
    )
    .addOption(
      choiceOption(
        "--attack <name>",
        `what Byzantine peers send: ${attackNames.join(", ")} (default ALIE)`,
        attackNames,
      ),
    )
    .addOption(
      choiceOption(
        "--method <name>",
        `aggregation rule: ${methodNames.join(", ")} (default MoNNA)`,
        methodNames,
      ),
    )
    .addOption(
      choiceOption(
        "--transport <name>",
        "process (default): local processes; nats: processes that connect to a NATS server; in-process: a single process",
        transportNames,
      ),
    )
    .addOption(serverOption())
    .addOption(remoteOption())
    .addOption(new Option("--steps <n>", "training steps (default 300)").argParser(wholeNumber(1, 100_000)))
    .addOption(new Option("--batch <n>", "batch size (default 25)").argParser(wholeNumber(1, 10_000)))
    .addOption(
      new Option(
        "--concentration <a>",
        "Dirichlet concentration of classes over peers; smaller is more uneven (default 1)",
      ).argParser(positiveNumber),
    )
    .addOption(
      new Option("--deadline <ms>", "maximum duration of a round in milliseconds (default 5000)").argParser(
        wholeNumber(1, 3_600_000),
      ),
    )
    .addOption(seedOption("seed of data shares, weights, batches and attacks (default 1)"));
  addOutputs(command).action((options: CollaborateOptions) => {
    refuseUnknownAction(command);
    return run(async () => (await implementation()).collaborate(host, options));
  });
  addExamples(command, host, [
    "collaborate --peers 10 --byzantine 2 --attack ALIE",
    "collaborate --peers 8 --transport nats --server nats://localhost:4222",
    "collaborate resume latest --html training.html",
  ]);

  const peer = command
    .command("peer")
    .description("run a peer of a training started with --remote on another machine")
    .argument("<roster>", "the training's roster.json")
    .requiredOption("--key <file>", "key of this peer")
    .addOption(serverOption())
    .action((roster: string, options: PeerOptions) =>
      run(async () => (await implementation()).peer(host, roster, options)),
    );
  addExamples(peer, host, ["collaborate peer roster.json --key peer-3.key.json --server nats://host:4222"]);
  const resume = command
    .command("resume")
    .description("continue a training")
    .argument("[training]", TRAINING)
    .addOption(serverOption())
    .addOption(remoteOption());
  addOutputs(resume).action((name: string | undefined, options: ResumeOptions) =>
    run(async () => (await implementation()).resume(host, name, options)),
  );
  const show = command.command("show").description("show a training").argument("[training]", TRAINING);
  addOutputs(show).action((name: string | undefined, options: ShowTrainingOptions) =>
    run(async () => (await implementation()).show(host, name, options)),
  );
  refuseOptionsBeforeAction(command);
}
