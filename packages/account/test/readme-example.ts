import { accountVaultKeys, createAccount, logIn, sendCreationCode } from "@parsec/account";
import { createTransport } from "@parsec/connection";
import { ready, SecretKey } from "@parsec/crypto";
import { accountVault } from "@parsec/device";
import { startServer } from "@parsec/server";
import { HumanHandle, parseAddress } from "@parsec/types";

await ready();
const running = await startServer({ dev: true });
const server = { address: parseAddress("server", running.address), transport: createTransport() };

const humanHandle = HumanHandle.parse("alice@example.com", "Alice");
await sendCreationCode(server, humanHandle.email);
const mail = running.mailbox?.received("alice@example.com").at(-1)?.text ?? "";
const code = /^[A-Z2-9]{6}$/m.exec(mail)?.[0] ?? "";
await createAccount(server, { humanHandle, code, credentials: { password: "correct horse battery staple" } });

const account = await logIn(server, { email: humanHandle.email, password: "correct horse battery staple" });
const id = await account.vault.uploadKey(SecretKey.generate());
export const key = await account.vault.fetchKey(id); // from any machine
export const protection = accountVault(accountVaultKeys(account)); // of a device file
export const methods = await account.authMethods.list();

await account.logOut();
await server.transport.close();
await running.close();
