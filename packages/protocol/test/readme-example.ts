import { decodeRequest, ping } from "@parsec/protocol";
import { decode, encode } from "@parsec/types";

// A client writes a request; the server finds out which command it is.
const body = encode(ping.request, { cmd: "ping", ping: "hello" });
export const request = decodeRequest("authenticated", body);

// The server writes a reply; the client reads it, whatever its status.
const answer = encode(ping.reply, { status: "ok", pong: "hello" });
export const reply = decode(ping.reply, answer);
export const pong = reply.status === "ok" ? reply.pong : reply.reason;
