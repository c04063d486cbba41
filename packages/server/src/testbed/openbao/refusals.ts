import type { Route, RouteHandler } from "../../http/app.ts";
import { jsonResponse } from "../../http/response.ts";
import type { Faults, OpenBaoRefusal } from "../faults.ts";

// A real OpenBao answers so whatever is asked. An expired token looks like one that never was.
const refusals: Readonly<Record<OpenBaoRefusal, { readonly status: number; readonly error: string }>> = {
  SEALED: { status: 503, error: "Vault is sealed" },
  TOKEN_EXPIRED: { status: 403, error: "permission denied" },
};

/** The same routes, that refuse when told to. */
export function withRefusals(routes: readonly Route[], faults: Faults): readonly Route[] {
  const refusing =
    (handle: RouteHandler): RouteHandler =>
    async (server, c) => {
      const fault = faults.take("openbao");
      if (fault === undefined) return await handle(server, c);
      const { status, error } = refusals[fault.outcome];
      return jsonResponse(status, { errors: [error] });
    };
  return routes.map(({ path, methods }) => ({
    path,
    methods: Object.fromEntries(Object.entries(methods).map(([method, handle]) => [method, refusing(handle)])),
  }));
}
