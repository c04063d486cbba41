import { realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import type { ServerConfig } from "../config.ts";
import type { ServerContext } from "../context.ts";
import { headerOf } from "./client-info.ts";
import { fileResponse } from "./file-response.ts";
import { notFoundResponse } from "./pages.ts";
import type { HttpContext } from "./request.ts";

/** Files whose names change with their content are kept by browsers for a year (spec 08c §2.2). */
const longCache = "max-age=31536000, public, immutable";

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** `/client/**`: the files of the hosted web application; it routes unknown paths itself. */
export async function webAppRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  const { config } = server;
  const { webAppDirectory } = config;
  if (webAppDirectory === null) return notFoundResponse(config);
  const path = decodePath(new URL(c.req.url).pathname.slice("/client/".length));
  const isKept = path !== undefined && /^(assets|custom)\//.test(path);
  const file = path === undefined ? undefined : await findFile(webAppDirectory, path);
  if (isKept) {
    if (file === undefined) return notFoundResponse(config);
    return (await compressed(file, c)) ?? (await plain(config, file, { "Cache-Control": longCache }));
  }
  return await plain(config, file ?? join(webAppDirectory, "index.html"));
}

/** `undefined` for a path that is not UTF-8, or holds a zero byte. */
function decodePath(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes("\0") ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** The file of that name inside the folder; never one outside, whatever `..` and links say. */
async function findFile(directory: string, path: string): Promise<string | undefined> {
  try {
    const [root, file] = [await realpath(directory), await realpath(join(directory, path))];
    return file.startsWith(root + sep) && (await stat(file)).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The sibling `<name>.br`, for clients that accept Brotli. */
async function compressed(file: string, c: HttpContext): Promise<Response | undefined> {
  const accepted = headerOf(c.env.incoming, "accept-encoding")?.split(",") ?? [];
  if (!accepted.some((encoding) => encoding.trim().split(";")[0] === "br")) return undefined;
  const headers = { "Cache-Control": longCache, "Content-Encoding": "br", Vary: "Accept-Encoding" };
  return await fileResponse(`${file}.br`, { ...headers, "Content-Type": mediaTypeOf(file) });
}

async function plain(
  config: ServerConfig,
  file: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const response = await fileResponse(file, { ...headers, "Content-Type": mediaTypeOf(file) });
  return response ?? notFoundResponse(config);
}

function mediaTypeOf(file: string): string {
  return mediaTypes[extname(file).toLowerCase()] ?? "application/octet-stream";
}
