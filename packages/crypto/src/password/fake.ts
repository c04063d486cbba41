import { concatBytes, utf8 } from "@parsec/base";
import { blake2b } from "../blake2b.ts";
import { SecretKey } from "../keys/secret-key.ts";
import { defaultPasswordParameters, type UntrustedPasswordAlgorithm } from "./algorithm.ts";

/**
 * The seed of fake algorithms, from the server's setting (spec 01 §8).
 * @throws CryptoNotReadyError
 */
export function fakePasswordAlgorithmSeed(setting: string): SecretKey {
  return SecretKey.fromBytes(
    blake2b(SecretKey.size, concatBytes(utf8("fake_account_password_algorithm_seed"), utf8(setting))),
  );
}

/**
 * What a server answers for an e-mail without a password, so that nobody learns which e-mails have one: stable and
 * realistic. As in the reference this is the default parameters, whatever the e-mail and the seed.
 */
export function fakePasswordAlgorithm(_email: string, _seed: SecretKey): UntrustedPasswordAlgorithm {
  return defaultPasswordParameters;
}
