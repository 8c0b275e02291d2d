import { runtime } from "../browser.ts";
import { serve } from "./host.ts";
import type { Question } from "./protocol.ts";

const answer = serve(runtime, (message, transfer) => self.postMessage(message, { transfer }));
self.onmessage = ({ data }: MessageEvent<Question>) => answer(data);
