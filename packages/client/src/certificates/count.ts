import type { CertificateView } from "./view.ts";

/** How many certificates there are. One that is left out where nothing depends on it changes no date. */
export function countCertificates(view: CertificateView): number {
  let count = view.sequesterServices().length + view.sequesterRevocations().length + view.shamirBriefs().length;
  if (view.sequesterAuthority() !== undefined) count += 1;
  for (const { userId } of view.users()) {
    const devices = view.devicesOf(userId);
    count += 1 + devices.length + view.updatesOf(userId).length + view.shamirDeletionsOf(userId).length;
    if (view.revocationOf(userId) !== undefined) count += 1;
    for (const { deviceId } of devices) count += view.shamirSharesOf(deviceId).length;
  }
  for (const realm of view.realmIds()) {
    const lists = [view.realmRoles(realm), view.realmNames(realm), view.keyRotations(realm), view.archivings(realm)];
    count += lists.reduce((sum, { length }) => sum + length, 0);
  }
  return count;
}
