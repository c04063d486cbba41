import { createTransport, type Transport, type TransportRequest } from "@parsec/connection";
import { ClaimerStep, GreeterStep } from "@parsec/protocol";
import { decode, type Infer, nonRequired, Str, struct } from "@parsec/types";

/** One request of a greeting, as a test names it: `start`, `step 0` to `step 8`, or else the command. */
export type Moment = string;

const AnyRequest = struct({
  cmd: Str,
  greeterStep: nonRequired(GreeterStep),
  claimerStep: nonRequired(ClaimerStep),
});

export function momentOf({ method, body }: TransportRequest): Moment {
  if (method !== "POST" || body === undefined) return "";
  const { cmd, greeterStep, claimerStep }: Infer<typeof AnyRequest> = decode(AnyRequest, body);
  const step = greeterStep ?? claimerStep;
  if (step !== null) return `step ${/\d/.exec(step.step)?.[0]}`;
  return cmd.endsWith("_start_greeting_attempt") ? "start" : cmd;
}

/** What happens around each request. Whatever throws takes the place of the request, or of its reply. */
export interface Moments {
  before(moment: Moment): Promise<void> | void;
  after(moment: Moment): Promise<void> | void;
}

export function watchedTransport(moments: Partial<Moments>): Transport {
  const transport = createTransport();
  return {
    async request(request, options) {
      const moment = momentOf(request);
      await moments.before?.(moment);
      const response = await transport.request(request, options);
      await moments.after?.(moment);
      return response;
    },
    close: () => transport.close(),
  };
}
