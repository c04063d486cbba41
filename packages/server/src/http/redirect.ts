import { formatAddress } from "@parsec/types";
import type { ServerContext } from "../context.ts";
import { requestScheme } from "./client-info.ts";
import type { HttpContext } from "./request.ts";
import { jsonResponse } from "./response.ts";

/** From the links of e-mails to `parsec3://` addresses, or to the hosted web application (spec 08c §2.1). */
export async function redirectRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  const { serverAddress, webAppDirectory } = server.config;
  if (serverAddress === null) return jsonResponse(501, { detail: "Url redirection is not available" });
  const url = new URL(c.req.url);
  const query = url.search
    .slice(1)
    .split("&")
    .filter((parameter) => parameter !== "" && parameter.split("=")[0] !== "no_ssl");
  if (!serverAddress.useSsl) query.push("no_ssl=true");
  const host = formatAddress({ ...serverAddress, kind: "server" }).split("?")[0];
  const path = url.pathname.slice("/redirect".length);
  const target = `${host}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`;
  if (webAppDirectory === null) return found(target);
  const scheme = requestScheme(c.env.incoming, server.config);
  const quoted = encodeURIComponent(target).replaceAll("%2F", "/");
  return found(`${scheme}://${url.host}/client/webRedirect?webRedirectUrl=${quoted}`);
}

function found(location: string): Response {
  return new Response(null, { status: 302, headers: { Location: location } });
}
