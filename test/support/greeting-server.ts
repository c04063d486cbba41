import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type RunningServer } from "@parsec/server";
import { bootstrapped, claimWholly, greetWholly, newPerson, Telephone } from "./greeting-people.ts";

/** One greeting of which this process has one side, and somebody else the other. */
interface Greeting {
  readonly telephone: Telephone;
  readonly end: Promise<object>;
}

/** Who greets, or claims, in this process: a page asks for it over HTTP, and tells and hears the codes. */
export interface GreetingServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `POST /invite` makes an invitation and greets whoever claims it; `POST /claim` claims a link. Both give an `id` for
 * `POST /say`, `POST /hear` (of `greeter` or `claimer`) and `POST /end`.
 */
export async function startGreetingServer(server: RunningServer): Promise<GreetingServer> {
  const greetings: Greeting[] = [];
  const closing: (() => Promise<void>)[] = [];
  let alice: ReturnType<typeof bootstrapped> | undefined;

  async function invite(): Promise<object> {
    if (alice === undefined) {
      const person = await newPerson();
      alice = bootstrapped(server, "Pages", person);
      closing.push(async () => {
        await (await alice)?.close();
        await person.parsec.close();
      });
    }
    const session = await alice;
    const email = `page${greetings.length}@example.com`;
    const { token, link } = await session.invitations.inviteUser(email);
    const telephone = new Telephone();
    const end = greetWholly(session, token, { telephone }).then(async () => {
      await session.refresh();
      return { users: session.users.list().map(({ humanHandle }) => humanHandle) };
    });
    return { ...add({ telephone, end }), link, email };
  }

  async function claim(link: string): Promise<object> {
    const person = await newPerson();
    closing.push(() => person.parsec.close());
    const telephone = new Telephone();
    const end = claimWholly(person, link, { telephone }).then(({ userId, deviceId }) => ({ userId, deviceId }));
    return add({ telephone, end });
  }

  function add(greeting: Greeting): { readonly id: number } {
    // Whoever asks for the end is told.
    greeting.end.catch(() => undefined);
    return { id: greetings.push(greeting) - 1 };
  }

  async function answer(path: string, fields: Readonly<Record<string, unknown>>): Promise<object> {
    if (path === "/invite") return invite();
    if (path === "/claim") return claim(String(fields["link"]));
    const greeting = greetings[Number(fields["id"])];
    if (greeting === undefined) throw new Error("no such greeting");
    const whose = fields["whose"] === "greeter" ? "greeter" : "claimer";
    if (path === "/hear") return { code: await greeting.telephone.hear(whose) };
    if (path === "/say") greeting.telephone.say(whose, String(fields["code"]));
    return path === "/end" ? greeting.end : {};
  }

  const http = createServer((request, response) => {
    respond(request, response, answer).catch((error: unknown) => {
      response.writeHead(500, { "access-control-allow-origin": "*" }).end(String(error));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      for (const close of closing) await close();
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (path: string, fields: Readonly<Record<string, unknown>>) => Promise<object>,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const result = await answer(request.url ?? "", text === "" ? {} : JSON.parse(text));
  response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "application/json" });
  response.end(JSON.stringify(result));
}
