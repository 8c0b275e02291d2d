import { WorkerError } from "../../errors.ts";
import type { Runtime, Session } from "../runtime.ts";
import {
  type Answer,
  handedOver,
  type Outcome,
  type Question,
  type Request,
  toPortable,
} from "./protocol.ts";

/**
 * The worker's side: does what a client asks for with `runtime` and posts an answer to each question.
 *
 * @returns what to do with each question
 */
export function serve(
  runtime: Runtime,
  post: (answer: Answer, transfer: ArrayBuffer[]) => void,
): (question: Question) => void {
  const sessions = new Map<number, Session>();
  const underWay = new Set<Promise<unknown>>();
  let loaded = 0;

  function session(number: number): Session {
    const found = sessions.get(number);
    if (!found) throw new WorkerError(`this worker has no session ${number}`);
    return found;
  }

  async function perform(request: Request): Promise<Outcome> {
    switch (request.kind) {
      case "load": {
        const made = await runtime.load(request.model, request.options);
        loaded += 1;
        sessions.set(loaded, made);
        return { kind: "loaded", session: loaded };
      }
      case "run":
        return { kind: "results", results: await session(request.session).run(request.inputs) };
      case "release": {
        const freed = session(request.session);
        sessions.delete(request.session);
        await freed.release();
        return { kind: "done" };
      }
      case "close":
        await Promise.allSettled(underWay);
        await Promise.all(Array.from(sessions.values(), (open) => open.release()));
        sessions.clear();
        return { kind: "done" };
    }
  }

  async function answer({ id, request }: Question): Promise<void> {
    const work = perform(request);
    if (request.kind !== "close") underWay.add(work);
    try {
      const outcome = await work;
      if (outcome.kind === "results") {
        const { values, transfer } = handedOver(outcome.results);
        post({ id, outcome: { kind: "results", results: values } }, transfer);
      } else post({ id, outcome }, []);
    } catch (error) {
      post({ id, outcome: { kind: "failed", error: toPortable(error) } }, []);
    } finally {
      underWay.delete(work);
    }
  }

  return (question) => void answer(question);
}
