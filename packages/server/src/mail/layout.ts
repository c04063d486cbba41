/** The language of the mails of a server. */
export type MailLanguage = "en" | "fr";

/** One block of a mail's body. Texts are plain: the HTML part escapes them. */
export type MailBlock =
  | { readonly kind: "paragraph"; readonly text: string }
  /** `lead` is a sentence that the address follows; `label` the text of the link in HTML. */
  | { readonly kind: "link"; readonly lead: string; readonly label: string; readonly url: string }
  /** A code to type, alone on its line. */
  | { readonly kind: "code"; readonly code: string };

export interface MailBody {
  readonly subject: string;
  readonly blocks: readonly MailBlock[];
}

const signature: Readonly<Record<MailLanguage, string>> = {
  en: "This message was sent automatically by the Parsec server.",
  fr: "Ce message a été envoyé automatiquement par le serveur Parsec.",
};

export function renderText({ blocks }: MailBody, language: MailLanguage): string {
  const parts = blocks.map((block) => {
    if (block.kind === "paragraph") return block.text;
    if (block.kind === "code") return block.code;
    return `${block.lead}\n${block.url}`;
  });
  return `${[...parts, signature[language]].join("\n\n")}\n`;
}

/** The code is the content of `<pre id="code">`, the link the `href` of an anchor (spec 08c §6.2). */
export function renderHtml({ subject, blocks }: MailBody, language: MailLanguage): string {
  const parts = blocks.map((block) => {
    if (block.kind === "paragraph") return `<p>${escapeHtml(block.text)}</p>`;
    if (block.kind === "code") return `<pre id="code">${escapeHtml(block.code)}</pre>`;
    return `<p>${escapeHtml(block.lead)}<br><a href="${escapeHtml(block.url)}">${escapeHtml(block.label)}</a></p>`;
  });
  return [
    `<!doctype html>`,
    `<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>`,
    ...parts,
    `<p><small>${escapeHtml(signature[language])}</small></p>`,
    `</body></html>`,
    "",
  ].join("\n");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (symbol) => entities[symbol] ?? symbol);
}
