/** The word for the operating system in `User-Agent` (spec 05 §2). */
export const operatingSystem: string = "Web";

export { createTransport } from "./fetch-transport.ts";
