import { expect, test } from "vitest";
import { vectors } from "./support/greeting-vectors.ts";

/** What the operations of recoveries and enrollments still have to play: their data are tested. */
const laterOperations = [
  "shamir_recoveries: setup_from_specification",
  "shamir_recoveries: setup_by_reference",
  "async_enrollments: openbao",
];

test("no entry of greeting.json is left out", () => {
  const {
    greetings,
    payload_reactions: reactions,
    shamir_recoveries: recoveries,
    async_enrollments: enrollments,
  } = vectors;
  const entries = {
    "greetings: greeting-data and greeting-replay": greetings.length,
    "payload_reactions: payload-reactions": reactions.received.reduce((total, { cases }) => total + cases.length, 0),
    "shamir_recoveries: recovery-data": recoveries.length,
    "async_enrollments: enrollment-data": enrollments.length,
  };
  console.log("greeting.json", entries, "data only:", laterOperations);
  expect(Object.values(entries)).toEqual([8, 44, 2, 1]);
  expect([
    ...recoveries.map(({ name }) => `shamir_recoveries: ${name}`),
    ...enrollments.map(({ name }) => `async_enrollments: ${name}`),
  ]).toEqual(laterOperations);
});
