import { memoryDeviceStore } from "../../src/index.ts";
import { deviceStoreContract } from "./contract.ts";

deviceStoreContract("memory", memoryDeviceStore);
