// The public names of the command: its commands and their options, as scripts write them.
import { defineProgram } from "../../apps/cli/src/program/program.ts";
import { palette } from "../../apps/cli/src/terminal/color.ts";

const silent = {
  ...{ write: () => undefined, columns: 80, bounded: true, rows: 24, animated: false },
  palette: palette(1),
};

type Program = ReturnType<typeof defineProgram>;

/** Such as `gradus run` and `gradus run --profile`. */
export function commandNames(): string[] {
  const walk = (command: Program, path: string): string[] => [
    ...command.options.map(({ long, short }) => `${path} ${long ?? short}`),
    ...command.commands.flatMap((below) => {
      const name = `${path} ${below.name()}`;
      return [name, ...walk(below as Program, name)];
    }),
  ];
  const program = defineProgram(
    {
      loadPapers: async () => [],
      execute: () => {
        throw new Error("no command is executed");
      },
      sources: async () => "",
      input: { interactive: true, async *read() {} },
      signal: new AbortController().signal,
      home: "",
      invocation: "gradus",
      out: silent,
      err: silent,
    },
    async () => undefined,
  );
  return walk(program, "gradus");
}
