import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { SMTPServer } from "smtp-server";

/** A message as a mail server took it. */
export interface TakenMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
  /** Whether it came over an encrypted connection. */
  readonly encrypted: boolean;
}

/**
 * What a server does with a message: takes it, answers with a code to its recipient, or hangs up, on hearing its recipient
 * or after reading it.
 */
export type Reaction = "take" | "hang up" | "hang up on recipient" | number;

/** A mail server of our own on a free port. */
export interface MailServer {
  readonly url: string;
  readonly taken: TakenMessage[];
  /** Decides what happens to a recipient's message; takes it unless set otherwise. */
  react: (recipient: string) => Reaction;
  /** Milliseconds that it takes with a message before it answers. */
  pause: number;
  /** Messages that it has read and not answered yet. */
  taking: number;
  close(): Promise<void>;
}

/** Starts a mail server on a port, a free one by default; one that encrypts has a certificate that it signed itself. */
export async function startMailServer(port = 0, { encrypts = false } = {}): Promise<MailServer> {
  const taken: TakenMessage[] = [];
  const own: Pick<MailServer, "react" | "pause" | "taking"> = { react: () => "take", pause: 0, taking: 0 };
  const refusal = (code: number) => Object.assign(new Error("no"), { responseCode: code });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: encrypts ? [] : ["STARTTLS"],
    onRcptTo({ address }, _session, done) {
      const reaction = own.react(address);
      if (reaction === "hang up on recipient") hangUp();
      else done(typeof reaction === "number" ? refusal(reaction) : null);
    },
    async onData(stream, session, done) {
      const { secure: encrypted, envelope } = session;
      const { mailFrom, rcptTo } = envelope;
      const source = await text(stream);
      const to = rcptTo.map(({ address }) => address);
      if (to.some((recipient) => own.react(recipient) === "hang up")) {
        hangUp();
        return;
      }
      own.taking += 1;
      await setTimeout(own.pause);
      own.taking -= 1;
      taken.push({ from: mailFrom ? mailFrom.address : "", to, source, encrypted });
      done();
    },
  });
  function hangUp(): void {
    for (const connection of server.connections) connection._socket.destroy();
  }
  server.on("error", () => {});
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  const address = server.server.address();
  const actual = typeof address === "object" && address ? address.port : port;
  return Object.assign(own, {
    url: `smtp://127.0.0.1:${actual}`,
    taken,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}
