import { fileDeviceStore } from "../../src/index.ts";
import { deviceStoreContract } from "./contract.ts";

deviceStoreContract("origin private file system", () => fileDeviceStore(`/test-${crypto.randomUUID()}`));
