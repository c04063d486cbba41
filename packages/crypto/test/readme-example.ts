import { PrivateKey, ready, SecretKey, SigningKey } from "@parsec/crypto";

await ready();
export const message = new TextEncoder().encode("meet me at noon");

const author = SigningKey.generate();
const recipient = PrivateKey.generate();
const sealed = recipient.publicKey.seal(author.sign(message));
const opened = author.verifyKey.verify(recipient.openSealed(sealed));

const key = SecretKey.generate();
export const decrypted = key.decrypt(key.encrypt(opened));
