import { BlockList, isIP, isIPv6 } from "node:net";

/** The peers whose `X-Forwarded-*` headers are believed (spec 08c §2.4): addresses, networks, or `*` for all. */
export class TrustedProxies {
  readonly #all: boolean;
  readonly #list = new BlockList();

  /** @throws RangeError for a text that is neither an address nor a network such as `10.0.0.0/8` */
  constructor(texts: readonly string[]) {
    this.#all = texts.includes("*");
    for (const text of texts.filter((each) => each !== "*")) this.#add(text);
  }

  trusts(address: string): boolean {
    if (this.#all) return true;
    return isIP(address) !== 0 && this.#list.check(address, familyOf(address));
  }

  #add(text: string): void {
    const [address = "", prefix] = text.split("/");
    if (isIP(address) === 0 || (prefix !== undefined && !/^\d+$/.test(prefix))) {
      throw new RangeError(`${text} is neither an address nor a network`);
    }
    if (prefix === undefined) this.#list.addAddress(address, familyOf(address));
    else this.#list.addSubnet(address, Number(prefix), familyOf(address));
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
