import { renderHtml, renderText } from "../../mail/layout.ts";
import { type Message, messageBody } from "../../mail/messages.ts";
import { loadTemplates } from "../../templates.ts";
import { badOption } from "../arguments.ts";
import type { CliCommand } from "../command.ts";
import { logOptions } from "../option.ts";

const organization = "Acme";
const url = "https://parsec.example.com/redirect/Acme?a=claim_user&p=EXAMPLE";
const people = { greeter: "Alice", user: "Bob" } as const;

/** One of each mail that the server sends. */
const examples: readonly Message[] = [
  { about: "user_invitation", organization, greeter: people.greeter, url },
  { about: "device_invitation", organization, url },
  { about: "shamir_invitation", organization, greeter: people.greeter, url },
  { about: "account_creation", code: "ABC234" },
  { about: "account_deletion", code: "ABC234" },
  { about: "account_recovery", code: "ABC234" },
  { about: "enrollment_accepted", organization, user: people.user, url: "https://parsec.example.com" },
  { about: "totp_reset", organization, url },
];

export const renderEmailCommand: CliCommand = {
  name: "render_email",
  summary: "what a mail of the server looks like",
  usage: "parsec-server render_email [OPTIONS] MAIL: prints a mail as users would get it.",
  options: [
    { name: "mail", positional: true, value: "MAIL", help: examples.map(({ about }) => about).join(", ") },
    { name: "html", help: "the HTML part in place of the text" },
    { name: "email-language", env: "PARSEC_EMAIL_LANGUAGE", value: "LANGUAGE", help: "en or fr (en)" },
    {
      name: "template-dir",
      env: "PARSEC_TEMPLATE_DIR",
      value: "FOLDER",
      help: "templates in place of ours, as for run",
    },
    ...logOptions,
  ],
  examples: ["parsec-server render_email user_invitation --html"],
  run: async ({ print }, args) => {
    const about = args.required("mail");
    const message = examples.find((example) => example.about === about);
    if (message === undefined)
      throw badOption("mail", `expects ${examples.map((example) => example.about).join(", ")}`);
    const language = args.oneOf("email-language", ["en", "fr"]) ?? "en";
    const body = messageBody(message, language);
    const folder = args.text("template-dir");
    const templates = folder === undefined ? undefined : loadTemplates(folder);
    if (args.bool("html") === true) print(templates?.html(message) ?? renderHtml(body, language));
    else print(`Subject: ${body.subject}\n\n${templates?.text(message) ?? renderText(body, language)}`);
    return 0;
  },
};
