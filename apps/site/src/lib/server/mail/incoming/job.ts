import { incomingMail, readIncomingMail, removeIncomingMail } from "@gradus/database/incoming-mail";
import type { Orm } from "../../database/connect.ts";
import type { Job } from "../../job.ts";
import { log } from "../../log.ts";
import { IncomingMailError } from "./refusal.ts";
import { type IncomingSettings, takeIncomingMail } from "./take.ts";

/** The job that reads the messages in the data folder. One that is refused is taken away as others are. */
export function incomingJob(orm: Orm, folder: string, settings: IncomingSettings): Job {
  async function take(name: string): Promise<string> {
    try {
      return await takeIncomingMail(orm, readIncomingMail(folder, name), settings);
    } catch (error) {
      if (error instanceof IncomingMailError) return error.code;
      throw error;
    }
  }
  return {
    name: "incoming-mail",
    schedule: "*/15 * * * *",
    async run(signal) {
      for (const name of incomingMail(folder)) {
        signal.throwIfAborted();
        const outcome = await take(name);
        removeIncomingMail(folder, name);
        log({ incoming: "folder", outcome });
      }
    },
  };
}
