import { type Command, Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import type { OperatorRequest } from "../commands/operator.ts";
import { type OperatorSection, sections } from "../operator/sections.ts";
import { refuseOptionsBeforeAction, refuseUnknownAction } from "./actions.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { jsonOption, siteOption } from "./options.ts";

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

const siteOf = ({ site, json }: Values): Pick<OperatorRequest, "site" | "json"> => ({
  ...(typeof site === "string" ? { site } : {}),
  ...(json === true ? { json } : {}),
});

export function defineOperator(program: Command, { host, run }: ProgramContext): void {
  const operate = (request: OperatorRequest) =>
    run(async () => (await import("../commands/operator.ts")).operate(host, request));
  const command = program
    .command("operator")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("operate a running site: papers, moderation, reports, accounts, mail, jobs")
    .description(
      `Show what waits for the operator of a site, and carry out decisions: what the pages below /operator do. Without decisions, an action prints its list.

The site may be on any machine. The access token in GRADUS_TOKEN, made on the site's account page with "Operate the site", is that of a moderator or an administrator.`,
    )
    .allowExcessArguments()
    .addOption(siteOption())
    .addOption(jsonOption("print what waits"))
    .action((values: Values) => {
      refuseUnknownAction(command);
      return operate({ parameters: {}, decisions: [], ...siteOf(values) });
    });
  addExamples(command, host, [
    "operator --site https://papers.example.org",
    ...sections.map(({ name, example }) => `operator ${name} ${example}`),
  ]);
  for (const section of sections) defineSection(command, section, operate);
  refuseOptionsBeforeAction(command);
}

function defineSection(
  parent: Command,
  { name, description, filters, decisions }: OperatorSection,
  operate: (request: OperatorRequest) => Promise<void>,
): void {
  const command = parent.command(name).description(description);
  const filterOptions = filters.map(({ flags, description: about, parameter }) => ({
    ...{ parameter, option: new Option(flags, about) },
  }));
  const decisionOptions = decisions.map(({ decision, description: about }) => ({
    ...{ decision, option: new RepeatableOption(`--${decision} <id>`, about) },
  }));
  for (const { option } of [...filterOptions, ...decisionOptions]) command.addOption(option);
  command
    .addOption(siteOption())
    .addOption(jsonOption("print the list, or what became of the decisions,"))
    .action((values: Values) =>
      operate({
        section: name,
        parameters: Object.fromEntries(
          filterOptions.flatMap(({ parameter, option }) => {
            const value = values[option.attributeName()];
            return typeof value === "string" ? [[parameter, value]] : [];
          }),
        ),
        decisions: decisionOptions.flatMap(({ decision, option }) =>
          [values[option.attributeName()] ?? []]
            .flat()
            .flatMap((id) => (typeof id === "string" ? [{ decision, id }] : [])),
        ),
        ...siteOf(values),
      }),
    );
}
