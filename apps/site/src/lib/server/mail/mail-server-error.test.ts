import { expect, test } from "vitest";
import { errorFields } from "../log.ts";
import { MailServerError } from "./mail-server-error.ts";
import { MailError } from "./transport.ts";

test.each([
  [{ code: "ECONNREFUSED" }, "mail server unreachable (ECONNREFUSED)"],
  [
    { code: "EPROTOCOL", responseCode: 421, response: "421 4.3.2 try later" },
    "mail server takes no messages: temporary failure (4.3.2)",
  ],
  [
    { code: "EAUTH", responseCode: 535, response: "535 5.7.8 who is ada@example.org?" },
    "mail server takes no messages: rejected by a policy (5.7.8)",
  ],
  [{}, "mail server unreachable"],
])("of a server that fails with %o the log says why it takes no mail", (fields, message) => {
  const cause = Object.assign(new Error("not for ada@example.org"), fields);
  const logged = errorFields(new MailServerError(new MailError("unreachable", cause)));
  expect(logged).toMatchObject({ error: "MailServerError", code: undefined, message });
});
