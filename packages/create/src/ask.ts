import { createInterface } from "node:readline";
import { type TemplateName, templateDescriptions, templateNames } from "./templates.ts";

/** The questions were interrupted, by Ctrl-C or the end of the input. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

export interface Answers {
  readonly folder: string;
  readonly template: TemplateName;
}

const FOLDER = "my-app";

/**
 * Asks for a folder, and for a template unless one is given. An empty answer takes the default.
 *
 * @throws Interrupted
 */
export async function ask(
  { input, output }: Terminal,
  given: { readonly template?: TemplateName },
): Promise<Answers> {
  const lines = createInterface({ input, output });
  let closed = false;
  lines.on("close", () => {
    closed = true;
  });
  // An iterator keeps lines that are typed ahead, which `question` would lose.
  const answers = lines[Symbol.asyncIterator]();
  const question = async (text: string, preset: string): Promise<string> => {
    lines.setPrompt(`${text} (${preset}): `);
    // Lines that were typed ahead are answers even when the input has ended.
    if (!closed) lines.prompt();
    const { value, done } = await answers.next();
    if (done) throw new Interrupted("interrupted");
    return value.trim() || preset;
  };
  try {
    const folder = await question("Folder", FOLDER);
    let { template } = given;
    if (template === undefined)
      for (const name of templateNames) output.write(`  ${name}: ${templateDescriptions[name]}\n`);
    while (template === undefined) {
      const answer = await question("Template", templateNames[0]);
      template = templateNames.find((name) => name === answer.toLowerCase());
      if (template === undefined) output.write(`The template must be ${templateNames.join(" or ")}.\n`);
    }
    return { folder, template };
  } catch (error) {
    if (error instanceof Interrupted) output.write("\n");
    throw error;
  } finally {
    lines.close();
  }
}
