import type { ServerConfig } from "../config.ts";
import { htmlResponse } from "./response.ts";

/** What a browser sees of a server without web application (spec 08c §2.2). */
export const landingPage = htmlPage("Parsec server", "<h1>Parsec server is running!</h1>");

const notFoundPage = htmlPage("Not found", "<h1>Not found</h1><p>The page you requested does not exist.</p>");

/** The page for what is not there. */
export function notFoundResponse({ templates }: ServerConfig): Response {
  return htmlResponse(404, templates?.notFoundPage ?? notFoundPage);
}

/** A page of the server itself. `body` is HTML. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>${body}</body>
</html>
`;
}
