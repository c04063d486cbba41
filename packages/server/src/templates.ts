import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StartServerError } from "./errors.ts";
import { escapeHtml } from "./mail/layout.ts";
import type { Message } from "./mail/messages.ts";

/** What a folder of templates may name in each mail, between `{{` and `}}`. */
const variables: Readonly<Record<Message["about"], readonly string[]>> = {
  user_invitation: ["greeter", "organization", "url"],
  device_invitation: ["organization", "url"],
  shamir_invitation: ["greeter", "organization", "url"],
  account_creation: ["code"],
  account_deletion: ["code"],
  account_recovery: ["code"],
  enrollment_accepted: ["organization", "url", "user"],
  totp_reset: ["organization", "url"],
};

/** Pages and mails of an operator's own, in place of all of ours (spec 08c §3, `--template-dir`). */
export interface Templates {
  readonly landingPage: string;
  readonly notFoundPage: string;
  text(message: Message): string;
  html(message: Message): string;
}

/**
 * Reads `index.html`, `404.html` and, for each mail, `email/<mail>.html.j2` and `email/<mail>.txt.j2`.
 * @throws StartServerError `BAD_OPTION` when a file is missing, or has anything but known names between braces
 */
export function loadTemplates(folder: string): Templates {
  const read = (name: string, known: readonly string[]) => checked(name, textOf(folder, name), known);
  const mails = new Map<string, { readonly text: string; readonly html: string }>();
  for (const [about, known] of Object.entries(variables)) {
    const [text, html] = [read(`email/${about}.txt.j2`, known), read(`email/${about}.html.j2`, known)];
    mails.set(about, { text, html });
  }
  const part = (message: Message, kind: "text" | "html") => mails.get(message.about)?.[kind] ?? "";
  return {
    landingPage: read("index.html", []),
    notFoundPage: read("404.html", []),
    text: (message) => filled(part(message, "text"), message, (value) => value),
    html: (message) => filled(part(message, "html"), message, escapeHtml),
  };
}

const placeholder = /\{\{\s*(\w+)\s*\}\}/g;

function filled(template: string, message: Message, escape: (value: string) => string): string {
  const values = new Map<string, string>(Object.entries(message));
  return template.replace(placeholder, (_all, name) => escape(values.get(String(name)) ?? ""));
}

function checked(name: string, template: string, known: readonly string[]): string {
  if (/\{[%#]|\{\{/.test(template.replace(placeholder, ""))) {
    throw refusal(name, "understands {{ name }} only, no statements, filters or comments");
  }
  for (const [, variable = ""] of template.matchAll(placeholder)) {
    if (!known.includes(variable)) throw refusal(name, `knows ${known.join(", ") || "no variables"}, not ${variable}`);
  }
  return template;
}

function textOf(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (cause) {
    throw new StartServerError("BAD_OPTION", `--template-dir: cannot read ${name}; all templates must be there`, {
      cause,
    });
  }
}

function refusal(name: string, what: string): StartServerError {
  return new StartServerError("BAD_OPTION", `--template-dir: ${name} ${what}`);
}
