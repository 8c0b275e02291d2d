import { LARGEST_INCOMING_BYTES } from "@gradus/database/incoming-mail";
import type { Orm } from "../../database/connect.ts";
import { IncomingMailError, type IncomingRefusal } from "./refusal.ts";
import { isSigned } from "./signature.ts";
import { type IncomingSettings, takeIncomingMail } from "./take.ts";

/** The header field with the signature of a posted message. */
const SIGNATURE_FIELD = "x-gradus-signature";

/** What the answer to a posted message says that is not read. */
type PostRefusal = IncomingRefusal | "unauthorized" | "not_found";

const STATUSES: Readonly<Record<PostRefusal, number>> = {
  not_found: 404,
  unauthorized: 401,
  too_large: 413,
  malformed: 422,
  no_token: 422,
  forged: 422,
  unknown: 422,
  not_a_report: 422,
};

/** The body of a request. @throws IncomingMailError when it has more bytes than are read */
async function bodyOf({ body, headers }: Request): Promise<Uint8Array> {
  // One that is announced as too large is not begun.
  if (Number(headers.get("content-length")) > LARGEST_INCOMING_BYTES)
    throw new IncomingMailError("too_large");
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > LARGEST_INCOMING_BYTES) throw new IncomingMailError("too_large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function refusal(code: PostRefusal, message: string): Response {
  return Response.json({ error: { code, message } }, { status: STATUSES[code] });
}

/** Answers a request whose body is a message that a mail server passes on: its outcome, or why it is refused. */
export async function answerPostedMail(
  orm: Orm,
  request: Request,
  { secret, ...settings }: IncomingSettings & { readonly secret?: string },
): Promise<Response> {
  if (secret === undefined) return refusal("not_found", "This site takes no posted messages.");
  try {
    const raw = await bodyOf(request);
    if (!isSigned(request.headers.get(SIGNATURE_FIELD), raw, secret))
      return refusal("unauthorized", `The field ${SIGNATURE_FIELD} is not the body's signature.`);
    return Response.json({ outcome: await takeIncomingMail(orm, raw, settings) });
  } catch (error) {
    if (error instanceof IncomingMailError) return refusal(error.code, error.message);
    throw error;
  }
}
