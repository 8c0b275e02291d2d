import { LARGEST_INCOMING_BYTES } from "@gradus/database/incoming-mail";
import { type Fields, readFields } from "./fields.ts";
import { IncomingMailError } from "./refusal.ts";

/** A part of a message that is no text for readers. */
export interface MessagePart {
  /** Such as `message/delivery-status`. */
  readonly type: string;
  readonly text: string;
}

/** A message to the site. */
export interface IncomingMessage {
  readonly fields: Fields;
  /** Its text for readers. */
  readonly text: string;
  readonly parts: readonly MessagePart[];
}

/** Characters of a text that are looked at: what a server has to say comes first. */
const LONGEST_TEXT = 100_000;

/**
 * Reads a message (RFC 5322, MIME).
 *
 * @throws IncomingMailError when it is too large or no message
 */
export async function readMessage(raw: Uint8Array): Promise<IncomingMessage> {
  if (raw.length > LARGEST_INCOMING_BYTES) throw new IncomingMailError("too_large");
  const source = Buffer.from(raw);
  // As some programs write before a message that they pass on.
  const [envelopeLine = ""] = /^From .*\r?\n/.exec(source.toString("latin1", 0, 1000)) ?? [];
  const message = source.subarray(envelopeLine.length);
  if (!/^[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(message.toString("latin1", 0, 1000)))
    throw new IncomingMailError("malformed");
  const { simpleParser } = await import("mailparser");
  const options = {
    keepDeliveryStatus: true,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
  };
  const parsed = await simpleParser(message, options).catch(() => {
    throw new IncomingMailError("malformed");
  });
  const text = parsed.text || (parsed.html || "").slice(0, LONGEST_TEXT).replace(/<[^<>]*>/g, " ");
  return {
    fields: readFields(parsed.headerLines.map(({ line }) => line).join("\r\n")),
    text: text.slice(0, LONGEST_TEXT),
    parts: parsed.attachments.map(({ contentType, content }) => ({
      type: contentType.toLowerCase(),
      text: content.toString("latin1", 0, LONGEST_TEXT),
    })),
  };
}
