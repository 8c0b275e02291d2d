import { LARGEST_INCOMING_BYTES, leaveIncomingMail } from "@gradus/database/incoming-mail";
import { GradusError } from "gradus/check";
import { exitStatus, UsageError } from "../errors.ts";
import { type SiteFolderOption, siteFolder, writeIntoSite } from "../files/site-folder.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";

/** The message that is piped in. @throws GradusError when it is too large, or no message */
async function pipedMessage({ input }: Host): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of input.read()) {
    length += part.length;
    if (length > LARGEST_INCOMING_BYTES)
      throw new GradusError(
        `the message is too large: it must have at most ${LARGEST_INCOMING_BYTES / 1024} KiB`,
      );
    parts.push(part);
  }
  const message = Buffer.concat(parts);
  // A header field, or the line of a mailbox before it.
  if (!/^(?:From |[\x21-\x39\x3b-\x7e]+[ \t]*:)/.test(message.toString("latin1", 0, 1000)))
    throw new GradusError("standard input is not a mail message: it must begin with a header field");
  return message;
}

/**
 * `gradus mail bounce`. Returns the exit status.
 *
 * @throws UsageError when nothing is piped in
 * @throws GradusError when that is too large, or no message
 */
export async function takeBounce(host: Host, options: SiteFolderOption): Promise<number> {
  if (host.input.interactive) throw new UsageError("mail bounce reads a message from standard input");
  const message = await pipedMessage(host);
  try {
    const folder = siteFolder(host, options);
    writeIntoSite(folder, () => leaveIncomingMail(folder, message, new Date()));
  } catch (error) {
    if (!(error instanceof GradusError)) throw error;
    // The message is good: a mail server keeps it until this is mended.
    writeLines(host.err, [`gradus: ${error.message}`]);
    return exitStatus.tryAgain;
  }
  return exitStatus.success;
}
