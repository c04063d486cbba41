import assert from "node:assert/strict";
import { organizationInfo, tosAccept, tosGet } from "@parsec/protocol";
import { DateTime } from "@parsec/types";
import { expectStatus } from "../support/organization.ts";
import { expectHttpStatus, scenario } from "../support/scenario.ts";

export const tosScenarios = [
  scenario("terms of service", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    expectStatus(await org.send(alice, tosGet, {}), "no_tos");
    expectStatus(await org.send(alice, tosAccept, { tosUpdatedOn: org.now() }), "no_tos");
    await target.updateOrganization(org, { tos: { en: "https://example.com/tos" } });
    await expectHttpStatus(org.send(alice, organizationInfo, {}), 463);
    const tos = await org.send(alice, tosGet, {});
    expectStatus(tos, "ok");
    assert.deepEqual([...tos.perLocaleUrls], [["en", "https://example.com/tos"]]);
    const newer = DateTime.fromMicros(tos.updatedOn + 1);
    expectStatus(await org.send(alice, tosAccept, { tosUpdatedOn: newer }), "tos_mismatch");
    expectStatus(await org.send(alice, tosAccept, { tosUpdatedOn: tos.updatedOn }), "ok");
    expectStatus(await org.send(alice, organizationInfo, {}), "ok");
    expectStatus(await org.send(alice, tosAccept, { tosUpdatedOn: tos.updatedOn }), "ok");
  }),
];
