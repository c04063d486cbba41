import { ParsecError } from "@parsec/base";
import type { Infer } from "./codec/index.ts";
import type { DeviceId } from "./ids.ts";
import { textKind, toNfc, utf8Size } from "./text-kind.ts";

export class DeviceLabelError extends ParsecError<"INVALID_DEVICE_LABEL"> {
  override readonly name: string = "DeviceLabelError";
  constructor() {
    super("INVALID_DEVICE_LABEL", "A device label has 1 to 255 bytes");
  }
}

/** What a human calls a device (spec 03 §2): NFC, 1 to 255 bytes. `parse` throws {@link DeviceLabelError}. */
export const DeviceLabel = /* @__PURE__ */ textKind("DeviceLabel", (text) => {
  const label = toNfc(text);
  if (label === undefined || label === "" || utf8Size(label) > 255) throw new DeviceLabelError();
  return label;
});
export type DeviceLabel = Infer<typeof DeviceLabel>;

/** The label shown for a device whose certificate is redacted (spec 03 §2.2). */
export function redactedDeviceLabel(id: DeviceId): DeviceLabel {
  return DeviceLabel.parse(id);
}
